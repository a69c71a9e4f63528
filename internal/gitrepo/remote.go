package gitrepo

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
)

// Remote is a repository to mirror.
type Remote struct {
	// RepositoryID names the mirror; GitHub's number survives renames.
	RepositoryID int64
	// URL is the clone URL: https, or http where the host is loopback. It holds
	// no credentials.
	URL string
	// Token returns an access token for that repository. It is asked before
	// each fetch and may be nil for a public repository.
	Token func(context.Context) (string, error)
	// DefaultBranch is the branch whose tip Snapshot.Config is. It is fetched each
	// time; empty where the base commit is its tip.
	DefaultBranch string
}

// remoteName is what the remote is called in the settings of a fetch.
const remoteName = "lintel"

// transport is a checked URL.
type transport struct {
	url, scheme, origin string
}

// parseTransport refuses every URL over which a token or a repository could
// leak, or which could make git run something.
func parseTransport(text string) (transport, error) {
	u, err := url.Parse(text)
	if err != nil {
		return transport{}, errors.New("the repository's URL cannot be read") // the URL may hold a password
	}
	switch {
	case u.User != nil:
		return transport{}, errors.New("the repository's URL holds credentials")
	case u.Host == "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(text, " \n\r\t\x00"):
		return transport{}, fmt.Errorf("%q is not the URL of a repository", clip(text))
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		return transport{}, fmt.Errorf("the repository's URL %q is not https (plain http is for loopback only)", clip(text))
	}
	return transport{url: text, scheme: u.Scheme, origin: u.Scheme + "://" + u.Host}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// authorization returns the setting by which git sends the token to the
// remote's origin and to nobody else, and the secrets to keep out of messages.
// GitHub takes an installation token as a password
// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation).
func authorization(ctx context.Context, remote Remote, origin string) ([]setting, []string, error) {
	if remote.Token == nil {
		return nil, nil, nil
	}
	token, err := remote.Token(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("get a token: %w", err)
	}
	if token == "" || strings.ContainsAny(token, "\r\n\x00") {
		return nil, nil, errors.New("get a token: it is empty or holds control characters")
	}
	basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
	header := setting{"http." + origin + "/.extraHeader", "Authorization: Basic " + basic}
	return []setting{header}, []string{token, basic}, nil
}

// remoteSettings are for the commands that talk to the remote, or that must
// know that what the mirror does not hold is there.
func remoteSettings(t transport) []setting {
	return []setting{
		{"remote." + remoteName + ".url", t.url},
		{"remote." + remoteName + ".promisor", "true"},
		{"remote." + remoteName + ".partialCloneFilter", "blob:none"},
		{"transfer.bundleURI", "false"},
		{"transfer.credentialsInUrl", "die"},
		// A transfer below 1,000 bytes a second for a minute is dead.
		{"http.lowSpeedLimit", "1000"},
		{"http.lowSpeedTime", "60"},
	}
}

// networkEnvironment hands on what an operator sets for proxies and for a
// certificate authority of their own. Loopback needs neither.
func networkEnvironment(t transport) []string {
	if t.scheme != "https" {
		return nil
	}
	var env []string
	for _, name := range []string{
		"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
	} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	// Go's own client reads SSL_CERT_FILE; a git built with another TLS library
	// does not.
	if file := os.Getenv("SSL_CERT_FILE"); file != "" && os.Getenv("GIT_SSL_CAINFO") == "" {
		env = append(env, "GIT_SSL_CAINFO="+file)
	}
	return env
}
