package ghtest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

const secret = "a webhook secret"

// receiver notes what reaches it and answers with a status of the test's choice.
type receiver struct {
	mu     sync.Mutex
	status int
	got    []string // GUIDs
	bad    []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); err != nil || request.Header.Get("X-Hub-Signature-256") != want {
		r.bad = append(r.bad, fmt.Sprint("signature ", request.Header.Get("X-Hub-Signature-256"), err))
	}
	event, err := github.ParseWebHook(request.Header.Get("X-GitHub-Event"), body)
	if err != nil {
		r.bad = append(r.bad, err.Error())
	}
	if pull, isPull := event.(*github.PullRequestEvent); isPull && pull.GetInstallation().GetID() == 0 {
		r.bad = append(r.bad, "no installation")
	}
	r.got = append(r.got, request.Header.Get("X-GitHub-Delivery"))
	w.WriteHeader(r.status)
}

func (r *receiver) received() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func newReceiver(t *testing.T, status int) (*receiver, string) {
	t.Helper()
	r := &receiver{status: status}
	server := httptest.NewServer(r)
	t.Cleanup(func() {
		server.Close()
		for _, problem := range r.bad {
			t.Error(problem)
		}
	})
	return r, server.URL
}

func TestDeliveriesAreSignedAndLogged(t *testing.T) {
	receiver, address := newReceiver(t, http.StatusAccepted)
	w := newWorld(t, ghtest.Options{WebhookURL: address, WebhookSecret: secret})
	if _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	log := w.Deliveries()
	if len(log) != 2 || log[0].Action != "opened" || log[1].Action != "synchronize" || log[1].StatusCode != 202 || log[1].Status != "OK" {
		t.Fatalf("log: %+v", log)
	}
	status, err := w.Redeliver(context.Background(), log[0].GUID)
	if err != nil || status != 202 {
		t.Errorf("redelivery: %d, %v", status, err)
	}
	if got, want := receiver.received(), []string{log[0].GUID, log[1].GUID, log[0].GUID}; !slices.Equal(got, want) {
		t.Errorf("received %v, want %v", got, want)
	}
	if again := w.Deliveries()[2]; !again.Redelivery {
		t.Errorf("the log does not call it a redelivery: %+v", again)
	}
}

func TestDeliveriesHeldDoubledAndReordered(t *testing.T) {
	receiver, address := newReceiver(t, http.StatusOK)
	w := newWorld(t, ghtest.Options{WebhookURL: address, WebhookSecret: secret})
	w.Hold()
	for _, content := range []string{"1", "2", "3"} {
		if _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"a": content}}); err != nil {
			t.Fatal(err)
		}
	}
	held := w.Held()
	if len(held) != 3 || len(receiver.received()) != 1 {
		t.Fatalf("%d held, %d received", len(held), len(receiver.received()))
	}
	w.Release(context.Background(), held[2].GUID, held[0].GUID, held[2].GUID)
	want := []string{held[2].GUID, held[0].GUID, held[2].GUID}
	if got := receiver.received()[1:]; !slices.Equal(got, want) {
		t.Errorf("received %v, want %v", got, want)
	}
}

// The log over the API: failures as GitHub counts them, pages by cursor, attempts.
func TestTheDeliveryLogOverTheAPI(t *testing.T) {
	receiver, address := newReceiver(t, http.StatusServiceUnavailable)
	w := newWorld(t, ghtest.Options{WebhookURL: address, WebhookSecret: secret})
	for i := range 3 {
		if _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"a": fmt.Sprint(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	client := w.appClient()
	page, response, err := client.Apps.ListHookDeliveries(ctx, &github.ListCursorOptions{PerPage: 3})
	if err != nil || len(page) != 3 || response.Cursor == "" {
		t.Fatalf("first page: %d, cursor %q, %v", len(page), response.Cursor, err)
	}
	if page[0].GetStatusCode() != 503 || page[0].GetAction() != "synchronize" {
		t.Errorf("newest: %v", page[0])
	}
	rest, _, err := client.Apps.ListHookDeliveries(ctx, &github.ListCursorOptions{Cursor: response.Cursor})
	if err != nil || len(rest) != 1 || rest[0].GetAction() != "opened" {
		t.Fatalf("second page: %v, %v", rest, err)
	}
	one, _, err := client.Apps.GetHookDelivery(ctx, rest[0].GetID())
	if err != nil || one.GetRequest().GetHeaders()["X-Github-Event"] != "pull_request" {
		t.Errorf("one delivery: %v, %v", one.GetRequest().GetHeaders(), err)
	}
	// go-github takes 202 for an error, which is why the status is looked at.
	if _, response, _ := client.Apps.RedeliverHookDelivery(ctx, rest[0].GetID()); response == nil || response.StatusCode != 202 {
		t.Fatalf("attempt: %v", response)
	}
	w.Settle()
	got := receiver.received()
	if len(got) != 5 || got[4] != rest[0].GetGUID() {
		t.Errorf("received %v; want the first again at the end", got)
	}
}

func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	w := newWorld(t, ghtest.Options{WebhookURL: server.URL, WebhookSecret: secret})
	if got := w.Deliveries()[0]; got.StatusCode != 502 || got.Status == "OK" {
		t.Errorf("log: %+v", got)
	}
	if _, _, err := w.Deliver(context.Background(), "ping", []byte("{")); err == nil {
		t.Error("Deliver reached nobody and said nothing")
	}
}

// What the App itself writes is delivered to it, after its request was answered.
func TestTheAppHearsOfItsOwnComments(t *testing.T) {
	_, address := newReceiver(t, http.StatusAccepted)
	w := newWorld(t, ghtest.Options{WebhookURL: address, WebhookSecret: secret})
	_, _, err := w.client.Issues.CreateComment(context.Background(), "acme", "shop", 1, &github.IssueComment{Body: github.String("hello")})
	if err != nil {
		t.Fatal(err)
	}
	w.Settle()
	log := w.Deliveries()
	if last := log[len(log)-1]; len(log) != 2 || last.Event != "issue_comment" || last.StatusCode != 202 {
		t.Errorf("log: %+v", log)
	}
}
