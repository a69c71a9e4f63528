package gh_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh"
)

func TestOrigin(t *testing.T) {
	for _, test := range []struct{ in, api, graphql, web string }{
		{"https://github.com", "https://api.github.com/", "https://api.github.com/graphql", "https://github.com"},
		{"https://GitHub.com/", "https://api.github.com/", "https://api.github.com/graphql", "https://github.com"},
		{"https://www.github.com", "https://api.github.com/", "https://api.github.com/graphql", "https://github.com"},
		{"https://acme.ghe.com", "https://api.acme.ghe.com/", "https://api.acme.ghe.com/graphql", "https://acme.ghe.com"},
		{"https://git.example.org", "https://git.example.org/api/v3/", "https://git.example.org/api/graphql", "https://git.example.org"},
		{"https://git.example.org:8443/", "https://git.example.org:8443/api/v3/", "https://git.example.org:8443/api/graphql", "https://git.example.org:8443"},
		{"http://127.0.0.1:3000", "http://127.0.0.1:3000/api/v3/", "http://127.0.0.1:3000/api/graphql", "http://127.0.0.1:3000"},
		{"http://[::1]:3000", "http://[::1]:3000/api/v3/", "http://[::1]:3000/api/graphql", "http://[::1]:3000"},
		{"http://localhost", "http://localhost/api/v3/", "http://localhost/api/graphql", "http://localhost"},
		{"https://evil-github.com", "https://evil-github.com/api/v3/", "https://evil-github.com/api/graphql", "https://evil-github.com"},
	} {
		api, graphql, web, err := gh.Origin(test.in)
		if err != nil {
			t.Errorf("Origin(%q): %v", test.in, err)
			continue
		}
		if api.String() != test.api || graphql.String() != test.graphql || web.String() != test.web {
			t.Errorf("Origin(%q) = %s, %s, %s", test.in, api, graphql, web)
		}
	}
}

func TestOriginRefuses(t *testing.T) {
	for _, test := range []struct{ in, says string }{
		{"", "must be a URL"},
		{"github.com", "must be a URL"},
		{"https://", "must be a URL"},
		{"http://github.com", "https://"},
		{"http://git.example.org", "loopback"},
		{"http://127.0.0.1.example.org", "loopback"},
		{"ftp://github.com", "https://"},
		{"https://user:secret@github.com", "without a path, a user or a query"},
		{"https://github.com/acme/shop", "without a path"},
		{"https://github.com?x=1", "query"},
		{"https://api.github.com", "open in a browser"},
		{"https://api.acme.ghe.com", "open in a browser"},
	} {
		_, _, _, err := gh.Origin(test.in)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("Origin(%q): %v, want a sentence with %q", test.in, err, test.says)
		} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("Origin(%q) repeats too much: %v", test.in, err)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{"https://github.com", "http://127.0.0.1:1", "https://a.ghe.com", "https://h/p?q#f", "http://[::1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		api, graphql, web, err := gh.Origin(in)
		if err != nil {
			return
		}
		for _, u := range []*url.URL{api, graphql, web} {
			again, err := url.Parse(u.String())
			if err != nil || again.Host != u.Host || again.User != nil {
				t.Errorf("Origin(%q) gives %q, which does not survive", in, u)
			}
			if u.Scheme != "https" && u.Scheme != "http" {
				t.Errorf("Origin(%q) gives scheme %q", in, u.Scheme)
			}
		}
		if api.Host != graphql.Host || api.Scheme != graphql.Scheme {
			t.Errorf("Origin(%q): REST at %s, GraphQL at %s", in, api, graphql)
		}
	})
}

func TestNewSaysInOneSentenceWhatIsWrong(t *testing.T) {
	good := pemOf(testKeys()[0])
	for _, test := range []struct {
		name   string
		config gh.Config
		says   string
	}{
		{"no app id", gh.Config{PrivateKeys: [][]byte{good}, WebURL: "https://github.com"}, "app id"},
		{"no key", gh.Config{AppID: 1, WebURL: "https://github.com"}, "empty"},
		{"a blank key", gh.Config{AppID: 1, PrivateKeys: [][]byte{[]byte(" \n")}, WebURL: "https://github.com"}, "empty"},
		{"no PEM", gh.Config{AppID: 1, PrivateKeys: [][]byte{[]byte("hunter2")}, WebURL: "https://github.com"}, "PEM"},
		{"cut PEM", gh.Config{AppID: 1, PrivateKeys: [][]byte{good[:len(good)/2]}, WebURL: "https://github.com"}, "PEM"},
		{"second key is junk", gh.Config{AppID: 1, PrivateKeys: [][]byte{good, []byte("-----BEGIN X-----\naGk=\n-----END X-----\n")},
			WebURL: "https://github.com"}, "private key 2"},
		{"wrong address", gh.Config{AppID: 1, PrivateKeys: [][]byte{good}, WebURL: "http://github.com"}, "https://"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := gh.New(test.config)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("error %v, want one with %q", err, test.says)
			}
			if strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %q", err)
			}
		})
	}
}
