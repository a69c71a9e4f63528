package ghtest_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// clock is a clock that a test moves.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

// do sends a request of the API and returns status, header and body.
func (w *world) do(method, path, authorization, body string) (int, http.Header, string) {
	w.t.Helper()
	request, err := http.NewRequest(method, w.URL()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(raw)
}

// sign makes a JSON web token with any header and claims.
func sign(t *testing.T, key []byte, header, claims map[string]any) string {
	t.Helper()
	block, _ := pem.Decode(key)
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	part := func(value any) string {
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	text := part(header) + "." + part(claims)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestJSONWebTokens(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	other, _, err := ghtest.NewAppKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	rs256 := map[string]any{"alg": "RS256", "typ": "JWT"}
	good := map[string]any{"iss": appID, "iat": now - 30, "exp": now + 540}
	with := func(name string, value any) map[string]any {
		claims := map[string]any{}
		for k, v := range good {
			claims[k] = v
		}
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
		return claims
	}
	for _, c := range []struct {
		name    string
		token   string
		status  int
		message string
	}{
		{"good", sign(t, w.key, rs256, good), 200, `"slug":"lintel"`},
		{"issuer as text", sign(t, w.key, rs256, with("iss", strconv.Itoa(appID))), 200, `"slug":"lintel"`},
		{"signed by another key", sign(t, other, rs256, good), 401, "A JSON web token could not be decoded"},
		{"another algorithm", sign(t, w.key, map[string]any{"alg": "none"}, good), 401, "could not be decoded"},
		{"another App", sign(t, w.key, rs256, with("iss", 1)), 404, "Integration not found"},
		{"expired", sign(t, w.key, rs256, with("exp", now-1)), 401, "'exp'"},
		{"no expiry", sign(t, w.key, rs256, with("exp", nil)), 401, "'exp'"},
		{"expires too late", sign(t, w.key, rs256, with("exp", now+1200)), 401, "too far in the future"},
		{"issued in the future", sign(t, w.key, rs256, with("iat", now+600)), 401, "'iat'"},
		{"not issued", sign(t, w.key, rs256, with("iat", nil)), 401, "'iat'"},
	} {
		status, _, body := w.do(http.MethodGet, "/api/v3/app", "Bearer "+c.token, "")
		if status != c.status || !strings.Contains(body, c.message) {
			t.Errorf("%s: %d %s, want %d with %q", c.name, status, body, c.status, c.message)
		}
	}
	if status, _, _ := w.do(http.MethodGet, "/api/v3/app", "Bearer "+w.token(nil), ""); status != 401 {
		t.Errorf("an installation token for an App's operation: %d, want 401", status)
	}
	jwt := sign(t, w.key, rs256, good)
	if status, _, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", "Bearer "+jwt, ""); status != 403 {
		t.Errorf("a JSON web token for a repository: %d, want 403", status)
	}
	if status, _, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", "", ""); status != 401 {
		t.Errorf("nobody for a private repository: %d, want 401", status)
	}
}

func TestTokensEndAfterAnHour(t *testing.T) {
	clock := &clock{}
	w := newWorld(t, ghtest.Options{Now: clock.now})
	token := "token " + w.token(nil)
	clock.advance(59 * time.Minute)
	if status, _, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", token, ""); status != 200 {
		t.Errorf("after 59 minutes: %d, want 200", status)
	}
	clock.advance(time.Minute)
	if status, _, body := w.do(http.MethodGet, "/api/v3/repos/acme/shop", token, ""); status != 401 || !strings.Contains(body, "Bad credentials") {
		t.Errorf("after an hour: %d %s, want 401 Bad credentials", status, body)
	}
}

func TestTokensReachWhatTheyWereNarrowedTo(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	second, err := w.CreateRepository("acme", "second")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := w.CreateRepository("other", "third")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.CreateRepository("acme", "hidden", ghtest.NotInstalled()); err != nil {
		t.Fatal(err)
	}
	narrow := w.token(&github.InstallationTokenOptions{RepositoryIDs: []int64{second.ID()}})
	for _, c := range []struct {
		token, path string
		want        int
	}{
		{narrow, "/repos/acme/second", 200},
		{narrow, "/repos/acme/shop", 404},
		{narrow, "/repositories/" + strconv.FormatInt(w.repository.ID(), 10), 404},
		{narrow, "/repositories/" + strconv.FormatInt(second.ID(), 10), 200},
		{w.token(nil), "/repos/acme/shop", 200},
		{w.token(nil), "/repos/other/third", 404},
		{w.token(nil), "/repos/acme/hidden", 404},
		{w.token(nil), "/repos/acme/nothing", 404},
		{"nonsense", "/repos/acme/shop", 401},
	} {
		if status, _, body := w.do(http.MethodGet, "/api/v3"+c.path, "token "+c.token, ""); status != c.want {
			t.Errorf("%s: %d, want %d (%s)", c.path, status, c.want, body)
		}
	}
	ctx := context.Background()
	_, _, err = w.appClient().Apps.CreateInstallationToken(ctx, w.repository.InstallationID(),
		&github.InstallationTokenOptions{RepositoryIDs: []int64{foreign.ID()}})
	if status(t, err) != 422 {
		t.Errorf("narrowed to a foreign repository: %v, want 422", err)
	}
	_, _, err = w.appClient().Apps.CreateInstallationToken(ctx, w.repository.InstallationID(),
		&github.InstallationTokenOptions{Permissions: &github.InstallationPermissions{Contents: github.String("write")}})
	if status(t, err) != 422 {
		t.Errorf("more than was granted: %v, want 422", err)
	}
}

func TestSuspendedAndRemovedInstallations(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	token := "token " + w.token(nil)
	get := func() int {
		status, _, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", token, "")
		return status
	}
	installation := w.Installation("acme")
	installation.Suspend()
	if got := get(); got != 403 {
		t.Errorf("suspended: %d, want 403", got)
	}
	_, _, err := w.appClient().Apps.CreateInstallationToken(context.Background(), installation.ID(), nil)
	if status(t, err) != 403 {
		t.Errorf("a token while suspended: %v, want 403", err)
	}
	installation.Unsuspend()
	if got := get(); got != 200 {
		t.Errorf("no longer suspended: %d, want 200", got)
	}
	installation.Remove()
	if got := get(); got != 401 {
		t.Errorf("removed: %d, want 401", got)
	}
	_, _, err = w.appClient().Apps.CreateInstallationToken(context.Background(), installation.ID(), nil)
	if status(t, err) != 404 {
		t.Errorf("a token after removal: %v, want 404", err)
	}
}

// Every operation that needs a permission answers 403 without it.
func TestThePermissionMatrix(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	poor := "token " + w.token(&github.InstallationTokenOptions{
		Permissions: &github.InstallationPermissions{Metadata: github.String("read")},
	})
	fill := strings.NewReplacer("{owner}", "acme", "{repo}", "shop", "{path:.*}", "app.py", "{ref:.+}", "main",
		"{commit_sha}", w.pull.Head(), "{username}", "octocat", "{pull_number}", "1", "{issue_number}", "1",
		"{repository_id}", strconv.FormatInt(w.repository.ID(), 10))
	for operation, needs := range w.Operations() {
		method, path, _ := strings.Cut(fill.Replace(operation), " ")
		for strings.Contains(path, "{") {
			path = path[:strings.Index(path, "{")] + "1" + path[strings.Index(path, "}")+1:]
		}
		if len(needs) == 0 || slices.Contains(needs, "metadata: read") {
			continue
		}
		status, _, body := w.do(method, "/api/v3"+path, poor, "{}")
		if status != 403 || !strings.Contains(body, "Resource not accessible by integration") {
			t.Errorf("%s: %d %s, want 403", operation, status, body)
		}
	}
}

func TestEveryDescribedOperationIsAnswered(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if err := w.ValidateDescription(); err != nil {
		t.Errorf("the description: %v", err)
	}
	if described, answered := w.Described(), w.OperationNames(); !slices.Equal(described, answered) {
		t.Errorf("described:\n%s\nanswered:\n%s", strings.Join(described, "\n"), strings.Join(answered, "\n"))
	}
}
