package gh_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh"
)

const (
	appID        = 7
	installation = 21
	repositoryID = 42
	fullName     = "acme/shop"
	head         = "0123456789abcdef0123456789abcdef01234567"
	run          = "01JD0000000000000000000000"
)

// testKeys are made once: making one costs a tenth of a second.
var testKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func pemOf(key *rsa.PrivateKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now().Truncate(time.Second)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// request is one request as the server saw it.
type request struct {
	method, path, query, authorization, body string
}

// server is a small GitHub whose answers a test writes itself. It mints tokens
// tok-1, tok-2, …; everything else goes to answer.
type server struct {
	*httptest.Server
	clock *clock

	mu       sync.Mutex
	requests []request
	mints    []string // bodies of the requests for a token
	answer   http.HandlerFunc
	// accepts are the keys whose JSON web tokens are good; refused counts others.
	accepts []*rsa.PublicKey
	refused int
}

func newServer(t *testing.T, answer http.HandlerFunc) *server {
	t.Helper()
	s := &server{clock: newClock(), answer: answer, accepts: []*rsa.PublicKey{&testKeys()[0].PublicKey}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.HasPrefix(r.URL.Path, "/api/v3/app") {
		s.serveApp(w, r, string(body))
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, request{
		r.Method, strings.TrimPrefix(r.URL.Path, "/api"), r.URL.RawQuery, r.Header.Get("Authorization"), string(body),
	})
	s.mu.Unlock()
	s.answer(w, r)
}

func (s *server) serveApp(w http.ResponseWriter, r *http.Request, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !slices.ContainsFunc(s.accepts, func(key *rsa.PublicKey) bool { return signedBy(token, key) }) {
		s.refused++
		reply(w, http.StatusUnauthorized, `{"message":"A JSON web token could not be decoded"}`)
		return
	}
	if r.URL.Path == "/api/v3/app" {
		reply(w, http.StatusOK, fmt.Sprintf(`{"id":%d,"slug":"lintel"}`, appID))
		return
	}
	s.mints = append(s.mints, body)
	reply(w, http.StatusCreated, fmt.Sprintf(`{"token":"ghs_tok%d","expires_at":%q}`,
		len(s.mints), s.clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
}

func signedBy(token string, key *rsa.PublicKey) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
}

// seen returns the requests so far, without those for tokens.
func (s *server) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *server) minted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mints)
}

// app returns an App that talks to the server; change may adjust its config.
func (s *server) app(t *testing.T, change ...func(*gh.Config)) *gh.App {
	t.Helper()
	config := gh.Config{
		AppID: appID, PrivateKeys: [][]byte{pemOf(testKeys()[0])}, WebURL: s.URL, UserAgent: "lintel/test",
		Now: s.clock.Now, Timeout: 10 * time.Second,
	}
	for _, f := range change {
		f(&config)
	}
	app, err := gh.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	return app
}

func (s *server) repository(t *testing.T, change ...func(*gh.Config)) *gh.Repository {
	t.Helper()
	return s.app(t, change...).Repository(installation, repositoryID, fullName)
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that hangs up is part of several tests.
	_, _ = io.WriteString(w, body)
}

// always answers every request alike.
func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, body) }
}

// sequence answers the first request with the first handler, and so on; the
// last one goes on answering.
func sequence(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	next := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := handlers[min(next, len(handlers)-1)]
		next++
		mu.Unlock()
		h(w, r)
	}
}

// pullJSON is pull request 3 as far as it is read.
func pullJSON() string {
	return fmt.Sprintf(`{"number":3,"state":"open","head":{"sha":%q},"base":{"sha":%q,"ref":"main","repo":{"id":%d}}}`,
		head, strings.Repeat("b", 40), repositoryID)
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
