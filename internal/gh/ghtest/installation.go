package ghtest

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Installation is the App on one account.
type Installation struct {
	server       *Server
	id           int64
	account      *user
	permissions  map[string]string
	repositories map[int64]*Repository
	createdAt    time.Time
	suspendedAt  time.Time
	usage        usage
}

// install puts a repository into its owner's installation, which it makes first
// when there is none.
func (s *Server) install(account *user, r *Repository) *Installation {
	for _, i := range s.installs {
		if i.account == account {
			i.repositories[r.id], r.installation = r, i
			return i
		}
	}
	i := &Installation{
		server: s, id: s.ids.next(), account: account, permissions: maps.Clone(s.options.Permissions),
		repositories: map[int64]*Repository{r.id: r}, createdAt: s.now(),
	}
	s.installs[i.id], r.installation = i, i
	return i
}

// Installation is the App's installation on an account, or nil.
func (s *Server) Installation(account string) *Installation {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(account)
	for _, i := range s.installs {
		if i.account == u {
			return i
		}
	}
	return nil
}

// ID is the installation's numeric id.
func (i *Installation) ID() int64 { return i.id }

// Suspend suspends the installation: its tokens answer 403 until Unsuspend.
func (i *Installation) Suspend() {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	i.suspendedAt = i.server.now()
}

// Unsuspend ends a suspension.
func (i *Installation) Unsuspend() {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	i.suspendedAt = time.Time{}
}

// Remove uninstalls the App: the installation and its tokens are gone.
func (i *Installation) Remove() {
	s := i.server
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.installs, i.id)
	for _, r := range i.repositories {
		r.installation = nil
	}
	for value, t := range s.tokens {
		if t.installation == i {
			delete(s.tokens, value)
		}
	}
}

// Grant sets one permission of the installation; level "" takes it away. Tokens
// minted before keep what they have, as on GitHub.
func (i *Installation) Grant(permission, level string) {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	if level == "" {
		delete(i.permissions, permission)
		return
	}
	i.permissions[permission] = level
}

func (i *Installation) sorted() []*Repository {
	list := slices.Collect(maps.Values(i.repositories))
	slices.SortFunc(list, func(a, b *Repository) int { return int(a.id - b.id) })
	return list
}

func (s *Server) installationObject(i *Installation) object {
	api := fmt.Sprintf("%s/api/v3/app/installations/%d", s.URL(), i.id)
	o := object{
		"id": i.id, "account": s.userObject(i.account), "repository_selection": "selected",
		"access_tokens_url": api + "/access_tokens", "repositories_url": s.URL() + "/api/v3/installation/repositories",
		"html_url": fmt.Sprintf("%s/settings/installations/%d", s.URL(), i.id), "app_id": s.app.id, "app_slug": s.app.slug,
		"target_id": i.account.id, "target_type": i.account.kind, "permissions": i.permissions, "events": s.app.events,
		"created_at": stamp(i.createdAt), "updated_at": stamp(i.createdAt), "single_file_name": nil,
		"has_multiple_single_files": false, "single_file_paths": []string{}, "suspended_by": nil, "suspended_at": stamp(i.suspendedAt),
	}
	if !i.suspendedAt.IsZero() {
		o["suspended_by"] = s.userObject(i.account)
	}
	return o
}

func (s *Server) getApp(*call) (*answer, error) {
	app := s.appObject(s.app).(object)
	app["installations_count"] = len(s.installs)
	return ok(app), nil
}

func (s *Server) listInstallations(c *call) (*answer, error) {
	list := slices.Collect(maps.Values(s.installs))
	slices.SortFunc(list, func(a, b *Installation) int { return int(a.id - b.id) })
	return page(c, list, func(i *Installation) any { return s.installationObject(i) }), nil
}

func (s *Server) getInstallation(c *call) (*answer, error) {
	i := s.installs[c.number("installation_id")]
	if i == nil {
		return nil, notFound()
	}
	return ok(s.installationObject(i)), nil
}

// repositoryInstallation answers an App that asks where it is installed.
func (s *Server) repositoryInstallation(c *call) (*answer, error) {
	r := s.names[key(c.params["owner"], c.params["repo"])]
	if r == nil || r.installation == nil {
		return nil, notFound()
	}
	return ok(s.installationObject(r.installation)), nil
}

func (s *Server) installationRepositories(c *call) (*answer, error) {
	var reachable []*Repository
	for _, r := range c.auth.installation.sorted() {
		if c.auth.reaches(r) {
			reachable = append(reachable, r)
		}
	}
	a := page(c, reachable, func(r *Repository) any { return s.repositoryObject(r) })
	a.body = object{"total_count": len(reachable), "repository_selection": "selected", "repositories": a.body}
	return a, nil
}
