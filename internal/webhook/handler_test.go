package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/store"
	"github.com/lintel-bot/lintel/internal/webhook"
)

func TestRefusesToStart(t *testing.T) {
	for name, o := range map[string]webhook.Options{
		"no secret":            {Accept: &store.Store{}},
		"an empty secret":      {Accept: &store.Store{}, Secrets: [][]byte{{}}},
		"one of two is empty":  {Accept: &store.Store{}, Secrets: [][]byte{[]byte("a"), nil}},
		"nothing to store in":  {Secrets: [][]byte{[]byte("a")}},
		"nothing given at all": {},
	} {
		if h, err := webhook.Handler(o); err == nil || h != nil {
			t.Errorf("%s: handler %v, error %v, want a refusal", name, h, err)
		}
	}
}

func TestSignatures(t *testing.T) {
	body := []byte(payload)
	good := sign(secret, body)
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(body)
	sha1Signature := "sha1=" + hex.EncodeToString(mac.Sum(nil))
	flipped := []byte(good)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		signatures []string
		header     string
		ok         bool
	}{
		"right":                        {signatures: []string{good}, ok: true},
		"right, by the second secret":  {signatures: []string{sign("next", body)}, ok: true},
		"right, in upper-case digits":  {signatures: []string{"sha256=" + strings.ToUpper(good[7:])}, ok: true},
		"none":                         {},
		"empty":                        {signatures: []string{""}},
		"by another secret":            {signatures: []string{sign("guess", body)}},
		"by the empty secret":          {signatures: []string{sign("", body)}},
		"of another body":              {signatures: []string{sign(secret, append(body, ' '))}},
		"one bit off":                  {signatures: []string{string(flipped)}},
		"without its prefix":           {signatures: []string{good[7:]}},
		"prefix in upper case":         {signatures: []string{"SHA256=" + good[7:]}},
		"cut short":                    {signatures: []string{good[:len(good)-2]}},
		"with more digits":             {signatures: []string{good + "00"}},
		"not digits":                   {signatures: []string{"sha256=" + strings.Repeat("zz", 32)}},
		"only SHA-1":                   {header: "X-Hub-Signature", signatures: []string{sha1Signature}},
		"SHA-1 in the SHA-256 header":  {signatures: []string{sha1Signature}},
		"two headers, the first right": {signatures: []string{good, sign("guess", body)}},
		"two headers, the same":        {signatures: []string{good, good}},
		"two in one header":            {signatures: []string{good + ", " + good}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, func(o *webhook.Options) { o.Secrets = [][]byte{[]byte(secret), []byte("next")} })
			r := f.request(guid(1), body)
			r.Header.Del("X-Hub-Signature-256")
			header := c.header
			if header == "" {
				header = "X-Hub-Signature-256"
			}
			for _, s := range c.signatures {
				r.Header.Add(header, s)
			}
			if c.ok {
				f.want(f.do(r), http.StatusAccepted, "queued")
				return
			}
			f.want(f.do(r), http.StatusUnauthorized, "signature")
			f.untouched()
			f.wantCounts(queue.Counts{})
			if want := []string{" unsigned"}; !slices.Equal(f.observed, want) {
				t.Errorf("observed %q, want %q: the headers are anybody's", f.observed, want)
			}
		})
	}
}

// TestSignatureBeforeContent: an unsigned sender learns nothing about what is
// accepted.
func TestSignatureBeforeContent(t *testing.T) {
	f := newFixture(t, nil)
	r := f.request("", []byte("junk"))
	r.Header = http.Header{}
	f.want(f.do(r), http.StatusUnauthorized, "X-Hub-Signature-256")
	f.untouched()
}

func TestAccepted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := newFixture(t, func(o *webhook.Options) { o.Now = func() time.Time { return now } })
	f.want(f.do(f.request(guid(1), []byte(payload))), http.StatusAccepted, "queued")
	want := queue.Delivery{
		GUID: guid(1), Event: "pull_request", Action: "synchronize", InstallationID: 11, ReceivedAt: now,
		Want: &queue.Want{
			Key: queue.Key{RepositoryID: 7, Number: 5}, Repository: "shop/api",
			Head: "0123456789abcdef0123456789abcdef01234567",
		},
	}
	if diff := cmp.Diff(want, f.last()); diff != "" {
		t.Errorf("delivery (-want +got):\n%s", diff)
	}
	f.wantCounts(queue.Counts{Queued: 1})
	if f.woken != 1 {
		t.Errorf("the queue was woken %d times, want once", f.woken)
	}
	if want := []string{"pull_request queued"}; !slices.Equal(f.observed, want) {
		t.Errorf("observed %q, want %q", f.observed, want)
	}
}

// TestRedelivery: GitHub sends the same id again; it makes no second work,
// unless the first is dead.
func TestRedelivery(t *testing.T) {
	f := newFixture(t, nil)
	send := func(word string) {
		t.Helper()
		f.want(f.do(f.request(guid(1), []byte(payload))), http.StatusAccepted, word)
	}
	send("queued")
	send("duplicate")
	if f.woken != 1 {
		t.Errorf("the queue was woken %d times, want once", f.woken)
	}
	l, err := f.store.Claim(t.Context(), "test", time.Now(), time.Minute)
	if err != nil || l == nil || l.Wanted != 1 {
		t.Fatalf("claimed %+v, error %v, want the first generation", l, err)
	}
	send("duplicate")
	if err := f.store.Bury(t.Context(), *l, "broken"); err != nil {
		t.Fatal(err)
	}
	send("queued")
	if f.woken != 2 {
		t.Errorf("the queue was woken %d times, want twice", f.woken)
	}
	f.wantCounts(queue.Counts{Queued: 1})
	want := []string{"pull_request queued", "pull_request duplicate", "pull_request duplicate", "pull_request revived"}
	if !slices.Equal(f.observed, want) {
		t.Errorf("observed %q, want %q", f.observed, want)
	}
}

func TestStoreFails(t *testing.T) {
	f := newFixture(t, nil)
	f.fail = errors.New("the disk is full")
	a := f.do(f.request(guid(1), []byte(payload)))
	f.want(a, http.StatusServiceUnavailable, "could not be stored")
	if a.header.Get("Retry-After") == "" {
		t.Error("the answer does not say when to try again")
	}
	if strings.Contains(a.Error, "disk") || !strings.Contains(f.logged(), "the disk is full") {
		t.Errorf("want the reason in the log and not in the answer %q", a.Error)
	}
	if f.woken != 0 {
		t.Error("the queue was woken for nothing")
	}
	f.fail = nil
	f.want(f.do(f.request(guid(1), []byte(payload))), http.StatusAccepted, "queued")
}

// TestClosedStore: the same with the real thing.
func TestClosedStore(t *testing.T) {
	f := newFixture(t, nil)
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	f.want(f.do(f.request(guid(1), []byte(payload))), http.StatusServiceUnavailable, "could not be stored")
	f.want(f.get("/readyz"), http.StatusServiceUnavailable, "not ready")
	f.want(f.get("/healthz"), http.StatusOK, "ok")
}

// TestSenderHangsUp: a signed delivery that arrived whole is stored, even when
// nobody waits for the answer.
func TestSenderHangsUp(t *testing.T) {
	seen := make(chan error, 1)
	f := newFixture(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	handler, err := webhook.Handler(webhook.Options{
		Secrets: [][]byte{[]byte(secret)},
		Accept: accept(func(ctx context.Context, d queue.Delivery) (queue.Outcome, error) {
			cancel()
			time.Sleep(50 * time.Millisecond) // the server notices meanwhile
			outcome, err := f.store.Accept(ctx, d)
			seen <- err
			return outcome, err
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	f.server.Config.Handler = handler
	if resp, err := http.DefaultClient.Do(f.request(guid(1), []byte(payload)).WithContext(ctx)); err == nil {
		t.Errorf("answered %d, want that the sender hung up", resp.StatusCode)
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-seen; err != nil {
		t.Errorf("storing it: %v", err)
	}
	f.wantCounts(queue.Counts{Queued: 1})
}

type accept func(ctx context.Context, d queue.Delivery) (queue.Outcome, error)

func (a accept) Accept(ctx context.Context, d queue.Delivery) (queue.Outcome, error) {
	return a(ctx, d)
}

// TestPanic: it is answered, its value is said to nobody, and the server goes
// on.
func TestPanic(t *testing.T) {
	f := newFixture(t, nil)
	handler, err := webhook.Handler(webhook.Options{
		Secrets: [][]byte{[]byte(secret)}, Logger: slogTo(f),
		Accept: accept(func(context.Context, queue.Delivery) (queue.Outcome, error) { panic("hunter2") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	f.server.Config.Handler = handler
	f.want(f.do(f.request(guid(1), []byte(payload))), http.StatusInternalServerError, "error of its own")
	if log := f.logged(); strings.Contains(log, "hunter2") || !strings.Contains(log, "handler_test.go") {
		t.Errorf("want the stack and not the value in the log:\n%s", log)
	}
}

func TestRoutes(t *testing.T) {
	f := newFixture(t, nil)
	f.want(f.get("/healthz"), http.StatusOK, "ok")
	f.want(f.get("/readyz"), http.StatusOK, "ready")
	f.want(f.get("/"), http.StatusNotFound, "nothing here")
	f.want(f.get("/webhook/"), http.StatusNotFound, "nothing here")
	f.want(f.get("/metrics"), http.StatusNotFound, "nothing here")
	a := f.get("/webhook")
	f.want(a, http.StatusMethodNotAllowed, "another method")
	if a.header.Get("Allow") != http.MethodPost {
		t.Errorf("Allow: %q, want POST", a.header.Get("Allow"))
	}
}

func (f *fixture) get(path string) answer {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.server.URL+path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.do(r)
}

// TestReadinessIsAskedOnceASecond: the address is public and every question
// would be a write.
func TestReadinessIsAskedOnceASecond(t *testing.T) {
	asked := make(chan struct{}, 100)
	f := newFixture(t, func(o *webhook.Options) {
		o.Ready = func(context.Context) error { asked <- struct{}{}; return nil }
	})
	started := time.Now()
	for range 50 {
		f.want(f.get("/readyz"), http.StatusOK, "ready")
	}
	if most := 1 + int(time.Since(started)/time.Second); len(asked) > most {
		t.Errorf("asked %d times, want at most %d", len(asked), most)
	}
}

// TestLogsHoldNoPayload: neither of what is stored nor of what is refused.
func TestLogsHoldNoPayload(t *testing.T) {
	f := newFixture(t, nil)
	planted := strings.Replace(payload, `"number":5`, `"number":5,"title":"hunter2"`, 1)
	f.want(f.do(f.request(guid(1), []byte(planted))), http.StatusAccepted, "queued")
	for i, body := range []string{
		"hunter2", `{"hunter2`, `{"action":"opened","number":"hunter2"}`, `{"action":"hunter2 hunter2"}`,
		strings.Replace(payload, "shop/api", "hunter2", 1),
		strings.Replace(payload, "shop/api", "hunter2/<script>", 1),
		strings.Replace(payload, "0123456789", "hunter2", 1),
	} {
		a := f.do(f.request(guid(2+i), []byte(body)))
		if strings.Contains(a.Error, "hunter2") {
			t.Errorf("the answer quotes the payload: %s", a.Error)
		}
	}
	log := f.logged()
	if strings.Contains(log, "hunter2") {
		t.Errorf("the log quotes the payload:\n%s", log)
	}
	for _, word := range []string{guid(1), "event=pull_request", "action=synchronize", "repository=shop/api", "pull_request=5"} {
		if !strings.Contains(log, word) {
			t.Errorf("the log does not say %s:\n%s", word, log)
		}
	}
}
