package gh

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Origin derives the addresses of GitHub's APIs from the address people use.
// github.com has its API at api.github.com and an Enterprise Cloud with data
// residency, https://SUB.ghe.com, at api.SUB.ghe.com; anything else is an
// Enterprise Server with /api/v3/ and /api/graphql under its own origin
// (https://docs.github.com/en/enterprise-server@3.17/rest/enterprise-admin,
// https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency).
// The REST address ends in a slash, the other two do not. An error is one
// sentence without a prefix.
func Origin(webURL string) (api, graphql, web *url.URL, err error) {
	u, err := url.Parse(strings.TrimSpace(webURL))
	if err != nil || u.Hostname() == "" {
		return nil, nil, nil, errors.New("the GitHub address must be a URL such as https://github.com")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery || strings.Trim(u.Path, "/") != "" {
		return nil, nil, nil, errors.New("the GitHub address must be an origin only, without a path, a user or a query")
	}
	host := strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	default:
		return nil, nil, nil, fmt.Errorf("the GitHub address must start with https:// (http:// is for loopback only), not %q", u.Scheme+"://")
	}
	apiOf := func(origin, rest, graph string) (*url.URL, *url.URL, *url.URL, error) {
		at := func(host, path string) *url.URL { return &url.URL{Scheme: u.Scheme, Host: host, Path: path} }
		return at(origin, rest), at(origin, graph), at(host, ""), nil
	}
	switch name := strings.ToLower(u.Hostname()); {
	case name == "api.github.com", strings.HasPrefix(name, "api.") && strings.HasSuffix(name, ".ghe.com"):
		return nil, nil, nil, fmt.Errorf("the GitHub address must be the one people open in a browser, not the API's %s", name)
	case name == "github.com", name == "www.github.com":
		host = "github.com"
		return apiOf("api.github.com", "/", "/graphql")
	case strings.HasSuffix(name, ".ghe.com"):
		host = name
		return apiOf("api."+name, "/", "/graphql")
	}
	return apiOf(host, "/api/v3/", "/api/graphql")
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// sameOrigin reports whether a request to u stays on the server that api is
// on. Tokens are for that one server.
func sameOrigin(u, api *url.URL) bool {
	return u.Scheme == api.Scheme && strings.EqualFold(u.Host, api.Host)
}
