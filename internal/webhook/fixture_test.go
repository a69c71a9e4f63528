package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/store"
	"github.com/lintel-bot/lintel/internal/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(disconnecting{m}) }

// disconnecting closes the tests' own connections before leaks are looked for.
type disconnecting struct{ *testing.M }

func (d disconnecting) Run() int {
	defer http.DefaultClient.CloseIdleConnections()
	return d.M.Run()
}

const secret = "it is a secret to everybody"

// payload is the smallest delivery that asks for a review.
const payload = `{"action":"synchronize","number":5,"installation":{"id":11},
	"repository":{"id":7,"full_name":"shop/api"},
	"pull_request":{"head":{"sha":"0123456789abcdef0123456789abcdef01234567"}}}`

// fixture is a server on a real store.
type fixture struct {
	t      *testing.T
	server *httptest.Server
	store  *store.Store

	mu       sync.Mutex
	fail     error
	accepted []queue.Delivery
	observed []string
	woken    int
	log      bytes.Buffer
}

func newFixture(t *testing.T, change func(o *webhook.Options)) *fixture {
	t.Helper()
	f := &fixture{t: t}
	var err error
	f.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "lintel.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := webhook.Options{
		Secrets: [][]byte{[]byte(secret)}, Accept: f, Ready: f.store.Ready, Observer: f,
		Accepted: func() { f.mu.Lock(); defer f.mu.Unlock(); f.woken++ },
		Logger:   slogTo(f),
	}
	if change != nil {
		change(&o)
	}
	handler, err := webhook.Handler(o)
	if err != nil {
		t.Fatal(err)
	}
	f.server = httptest.NewUnstartedServer(nil)
	f.server.Config = webhook.Server("", handler)
	f.server.Start()
	t.Cleanup(func() {
		f.server.Close()
		if err := f.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// Accept is webhook.Accepter's.
func (f *fixture) Accept(ctx context.Context, d queue.Delivery) (queue.Outcome, error) {
	f.mu.Lock()
	f.accepted = append(f.accepted, d)
	fail := f.fail
	f.mu.Unlock()
	if fail != nil {
		return 0, fail
	}
	return f.store.Accept(ctx, d)
}

// Delivery is webhook.Observer's.
func (f *fixture) Delivery(event, outcome string, _ time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.observed = append(f.observed, event+" "+outcome)
}

// Write takes the log.
func (f *fixture) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.Write(p)
}

func (f *fixture) logged() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.String()
}

func (f *fixture) last() queue.Delivery {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.accepted) == 0 {
		f.t.Fatal("nothing was accepted")
	}
	return f.accepted[len(f.accepted)-1]
}

// untouched makes sure that nothing came through to the store.
func (f *fixture) untouched() {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.accepted) > 0 || f.woken > 0 {
		f.t.Errorf("%d deliveries reached the store and %d the queue, want none", len(f.accepted), f.woken)
	}
}

func (f *fixture) wantCounts(want queue.Counts) {
	f.t.Helper()
	got, err := f.store.Counts(f.t.Context(), time.Now())
	got.OldestReady = 0
	if err != nil || got != want {
		f.t.Errorf("counts %+v, error %v, want %+v", got, err, want)
	}
}

// sign is what GitHub puts into X-Hub-Signature-256.
func sign(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// request is a signed delivery of a pull_request event.
func (f *fixture) request(guid string, body []byte) *http.Request {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.server.URL+"/webhook", bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", "pull_request")
	r.Header.Set("X-GitHub-Delivery", guid)
	r.Header.Set("X-Hub-Signature-256", sign(secret, body))
	return r
}

// answer is what the server said.
type answer struct {
	code   int
	header http.Header
	Status string `json:"status"`
	Error  string `json:"error"`
}

func (f *fixture) do(r *http.Request) answer {
	f.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.read(resp)
}

func (f *fixture) read(resp *http.Response) answer {
	f.t.Helper()
	defer func() {
		if err := resp.Body.Close(); err != nil {
			f.t.Error(err)
		}
	}()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	a := answer{code: resp.StatusCode, header: resp.Header}
	if err := json.Unmarshal(text, &a); err != nil {
		f.t.Fatalf("the answer %d is not JSON: %s", resp.StatusCode, text)
	}
	return a
}

// want compares an answer; word is its status or part of its error.
func (f *fixture) want(got answer, code int, word string) {
	f.t.Helper()
	ok := got.code == code && got.Status == word && got.Error == ""
	if code != http.StatusAccepted && code != http.StatusOK {
		ok = got.code == code && got.Status == "" && strings.Contains(got.Error, word)
	}
	if !ok {
		f.t.Errorf("answered %d status %q error %q, want %d %q", got.code, got.Status, got.Error, code, word)
	}
}

func guid(n int) string { return fmt.Sprintf("72d3162e-cc78-11e3-81ab-%012d", n) }

func slogTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
