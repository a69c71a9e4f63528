package ghtest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// object is a JSON object of the fake's answers and payloads.
type object = map[string]any

// user is a person, an organisation or a bot.
type user struct {
	id    int64
	login string
	kind  string // "User", "Organization" or "Bot"
	seen  bool   // whether somebody decided on the kind
}

// user finds or makes the account of a login. A login that ends in [bot] is a
// bot's.
func (s *Server) user(login string) *user {
	name := strings.ToLower(login)
	if u := s.users[name]; u != nil {
		return u
	}
	u := &user{id: s.ids.next(), login: login, kind: "User"}
	if strings.HasSuffix(name, "[bot]") {
		u.kind = "Bot"
	}
	s.users[name] = u
	return u
}

// node makes an opaque GraphQL id.
func node(prefix string, id int64) string {
	return prefix + "_kw" + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", prefix, id))
}

func (s *Server) userObject(u *user) any {
	if u == nil {
		return nil
	}
	path := strings.NewReplacer("[", "%5B", "]", "%5D").Replace(u.login)
	api, web := s.URL()+"/api/v3/users/"+path, s.URL()+"/"+u.login
	if u.kind == "Bot" {
		web = s.URL() + "/apps/" + strings.TrimSuffix(u.login, "[bot]")
	}
	return object{
		"login": u.login, "id": u.id, "node_id": node("U", u.id), "avatar_url": fmt.Sprintf("%s/avatars/u/%d", s.URL(), u.id),
		"gravatar_id": "", "url": api, "html_url": web, "followers_url": api + "/followers",
		"following_url": api + "/following{/other_user}", "gists_url": api + "/gists{/gist_id}",
		"starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions",
		"organizations_url": api + "/orgs", "repos_url": api + "/repos", "events_url": api + "/events{/privacy}",
		"received_events_url": api + "/received_events", "type": u.kind, "site_admin": false,
	}
}

func (s *Server) organizationObject(u *user) object {
	api := s.URL() + "/api/v3/orgs/" + u.login
	return object{
		"login": u.login, "id": u.id, "node_id": node("O", u.id), "url": api, "repos_url": api + "/repos",
		"events_url": api + "/events", "hooks_url": api + "/hooks", "issues_url": api + "/issues",
		"members_url": api + "/members{/member}", "public_members_url": api + "/public_members{/member}",
		"avatar_url": fmt.Sprintf("%s/avatars/u/%d", s.URL(), u.id), "description": "",
	}
}

// appRecord is a GitHub App: ours, or another whose comments and checks stand
// beside ours.
type appRecord struct {
	id          int64
	slug        string
	owner       *user
	permissions map[string]string
	events      []string
	createdAt   time.Time
}

func (s *Server) newApp() *appRecord {
	return &appRecord{
		id: s.options.AppID, slug: s.options.AppSlug, owner: s.user("lintel-owner"),
		permissions: s.options.Permissions, events: s.options.Events, createdAt: s.createdAt,
	}
}

// bot is the user an App writes as.
func (s *Server) bot(a *appRecord) *user { return s.user(a.slug + "[bot]") }

// BotLogin is the login the App writes under.
func (s *Server) BotLogin() string { return s.options.AppSlug + "[bot]" }

func (s *Server) appObject(a *appRecord) any {
	if a == nil {
		return nil
	}
	return object{
		"id": a.id, "slug": a.slug, "node_id": node("A", a.id), "owner": s.userObject(a.owner), "name": a.slug,
		"description": "", "external_url": s.URL() + "/apps/" + a.slug, "html_url": s.URL() + "/apps/" + a.slug,
		"created_at": stamp(a.createdAt), "updated_at": stamp(a.createdAt), "permissions": a.permissions, "events": a.events,
	}
}

// stamp renders a time the way GitHub does; a zero time is null.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
