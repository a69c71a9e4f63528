package ghtest_test

import (
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// Whatever a client sends, the fake answers as GitHub might: never with a fault of
// its own.
func FuzzRequests(f *testing.F) {
	for _, seed := range [][3]string{
		{"POST", "/repos/acme/shop/pulls/1/reviews", `{"event":"COMMENT","comments":[{"path":"app.py","line":10,"body":"x"}]}`},
		{"POST", "/repos/acme/shop/pulls/1/reviews", `{"body":"x","event":"COMMENT","comments":[{"path":"new.py","position":2,"body":"x"}]}`},
		{"POST", "/repos/acme/shop/pulls/1/comments", `{"path":"app.py","subject_type":"file","body":"x","commit_id":"HEAD"}`},
		{"POST", "/repos/acme/shop/check-runs", `{"name":"lintel","head_sha":"HEAD","output":{"title":"t","summary":"s"}}`},
		{"GET", "/repos/acme/shop/pulls?state=all&per_page=0&page=-1", ``},
		{"GET", "/repos/acme/shop/contents/a%2fb/../c?ref=%00", ``},
		{"GET", "/repos/acme/shop/commits/--help/check-runs", ``},
		{"GET", "/repos/acme/shop/commits/--output=x/pulls", ``},
		{"PATCH", "/repos/acme/shop/check-runs/1", `{"status":null}`},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	w := fuzzedWorld(f)
	token := "token " + w.token(nil)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		request, err := http.NewRequest(method, w.URL()+"/api/v3"+path, strings.NewReader(strings.ReplaceAll(body, "HEAD", w.pull.Head())))
		if err != nil || request.URL.Host != strings.TrimPrefix(w.URL(), "http://") {
			return
		}
		request.Header.Set("Authorization", token)
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			return // the client itself refused to send it
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		for _, violation := range w.Violations() {
			// To ask for what is not modelled is no fault of the fake's.
			if !strings.Contains(violation, "does not model") {
				t.Errorf("%s %s %q: %s", method, path, body, violation)
			}
		}
	})
}

// fuzzedWorld has no limits, and may find violations.
func fuzzedWorld(f *testing.F) *world {
	f.Helper()
	key, public, err := ghtest.NewAppKey()
	if err != nil {
		f.Fatal(err)
	}
	many := 1 << 40
	s, err := ghtest.New(ghtest.Options{
		AppID: appID, AppKeys: []*rsa.PublicKey{public}, Dir: f.TempDir(), Limits: ghtest.Limits{
			PerHour: many, PointsPerMinute: many, ContentPerMinute: many, ContentPerHour: many,
		},
	})
	if err != nil {
		f.Fatal(err)
	}
	s.Start()
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	w := &world{Server: s, t: f, key: key}
	w.fill()
	return w
}
