package ghtest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Contents are given whole up to 1 MB, only as raw up to 100 MB, and not beyond.
// https://docs.github.com/en/rest/repos/contents#get-repository-content
const (
	contentsMax    = 1 << 20
	rawMax         = 100 << 20
	directoryMax   = 1000
	base64LineSize = 60
)

// treeEntry is one line of git ls-tree.
type treeEntry struct {
	mode, kind, sha, path string
	size                  int
}

func (r *Repository) tree(commit, at string) ([]treeEntry, error) {
	arguments := []string{"--literal-pathspecs", "ls-tree", "-z", "-l", commit}
	if at != "" {
		arguments = append(arguments, "--", at)
	}
	out, err := r.server.git(r.gitDir, nil, arguments...)
	if err != nil {
		return nil, err
	}
	var list []treeEntry
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		meta, name, found := strings.Cut(line, "\t")
		fields := strings.Fields(meta)
		if !found || len(fields) != 4 {
			continue
		}
		e := treeEntry{mode: fields[0], kind: fields[1], sha: fields[2], path: name}
		if e.kind == "blob" {
			if e.size, err = strconv.Atoi(fields[3]); err != nil {
				return nil, fmt.Errorf("ghtest: reading the size of %q: %w", name, err)
			}
		}
		list = append(list, e)
	}
	return list, nil
}

func (s *Server) getContents(c *call) (*answer, error) {
	r := c.repository
	reference := c.query.Get("ref")
	if reference == "" {
		reference = r.defaultBranch
	}
	commit, err := r.Resolve(strings.TrimPrefix(reference, "refs/heads/"))
	if err != nil {
		return nil, &apiError{status: http.StatusNotFound, message: "No commit found for the ref " + reference}
	}
	at := strings.Trim(path.Clean("/"+c.params["path"]), "/")
	if at == "" {
		return s.directory(c, commit, "")
	}
	entries, err := r.tree(commit, at)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, notFound()
	}
	if entries[0].kind == "tree" {
		return s.directory(c, commit, at+"/")
	}
	return s.file(c, commit, entries[0])
}

func (s *Server) directory(c *call, commit, at string) (*answer, error) {
	entries, err := c.repository.tree(commit, at)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, e := range entries[:min(len(entries), directoryMax)] {
		o := c.entryObject(commit, e)
		if o["type"] == "submodule" {
			o["type"] = "file" // GitHub lists submodules so
		}
		list = append(list, o)
	}
	return ok(list), nil
}

func (c *call) entryObject(commit string, e treeEntry) object {
	r := c.repository
	escaped := escapePath(e.path)
	api := fmt.Sprintf("%s/api/v3/repos/%s/contents/%s?ref=%s", c.server.URL(), r.fullName(), escaped, commit)
	web := fmt.Sprintf("%s/%s/blob/%s/%s", c.server.URL(), r.fullName(), commit, escaped)
	git := fmt.Sprintf("%s/api/v3/repos/%s/git/%ss/%s", c.server.URL(), r.fullName(), e.kind, e.sha)
	kind := "file"
	switch {
	case e.kind == "tree":
		kind = "dir"
	case e.mode == "120000":
		kind = "symlink"
	case e.mode == "160000":
		kind = "submodule"
	}
	return object{
		"type": kind, "size": e.size, "name": path.Base(e.path), "path": e.path, "sha": e.sha, "url": api, "git_url": git,
		"html_url": web, "download_url": fmt.Sprintf("%s/raw/%s/%s/%s", c.server.URL(), r.fullName(), commit, escaped),
		"_links": object{"self": api, "git": git, "html": web},
	}
}

func (s *Server) file(c *call, commit string, e treeEntry) (*answer, error) {
	o := c.entryObject(commit, e)
	if o["type"] == "submodule" {
		o["submodule_git_url"] = ""
		return ok(o), nil
	}
	if e.size > rawMax {
		return nil, &apiError{
			status: http.StatusForbidden, message: "This API returns blobs up to 100 MB in size.",
			errors: []object{{"resource": "Blob", "field": "data", "code": "too_large"}},
		}
	}
	raw := strings.Contains(c.request.Header.Get("Accept"), ".raw")
	if e.size > contentsMax && !raw {
		o["encoding"], o["content"] = "none", ""
		return ok(o), nil
	}
	content, err := s.git(c.repository.gitDir, nil, "cat-file", "blob", e.sha)
	if err != nil {
		return nil, err
	}
	if raw {
		return &answer{status: http.StatusOK, raw: []byte(content), kind: "application/vnd.github.v3.raw; charset=utf-8"}, nil
	}
	if o["type"] == "symlink" {
		o["target"] = content
		return ok(o), nil
	}
	o["encoding"], o["content"] = "base64", wrap(base64.StdEncoding.EncodeToString([]byte(content)))
	return ok(o), nil
}

// wrap breaks base64 into lines, which GitHub does and decoders must stand.
func wrap(text string) string {
	var b strings.Builder
	for len(text) > base64LineSize {
		b.WriteString(text[:base64LineSize] + "\n")
		text = text[base64LineSize:]
	}
	b.WriteString(text + "\n")
	return b.String()
}

// commitObject is a commit of a pull request's list.
func (r *Repository) commitObject(sha string) (object, error) {
	s := r.server
	out, err := s.git(r.gitDir, nil, "show", "-s", "--no-show-signature", "--format=%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B", sha)
	if err != nil {
		return nil, err
	}
	f := strings.SplitN(out, "\x00", 9)
	if len(f) != 9 {
		return nil, fmt.Errorf("ghtest: reading commit %s", sha)
	}
	api, web := s.URL()+"/api/v3/repos/"+r.fullName(), s.URL()+"/"+r.fullName()
	parents := []any{}
	for parent := range strings.FieldsSeq(f[1]) {
		parents = append(parents, object{"sha": parent, "url": api + "/commits/" + parent, "html_url": web + "/commit/" + parent})
	}
	return object{
		"url": api + "/commits/" + sha, "sha": sha, "node_id": node("C", r.id) + sha, "html_url": web + "/commit/" + sha,
		"comments_url": api + "/commits/" + sha + "/comments",
		"commit": object{
			"url":       api + "/git/commits/" + sha,
			"author":    object{"name": f[2], "email": f[3], "date": f[4]},
			"committer": object{"name": f[5], "email": f[6], "date": f[7]},
			"message":   strings.TrimRight(f[8], "\n"), "comment_count": 0,
			"tree":         object{"sha": f[0], "url": api + "/git/trees/" + f[0]},
			"verification": object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
		},
		"author": s.userObject(s.user(f[2])), "committer": s.userObject(s.user(f[5])), "parents": parents,
	}, nil
}

func (s *Server) listCommits(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	commits, err := p.commits()
	if err != nil {
		return nil, err
	}
	var failed error
	a := page(c, commits[:min(len(commits), commitsMax)], func(sha string) any {
		o, err := p.repository.commitObject(sha)
		if err != nil {
			failed = err
		}
		return o
	})
	return a, failed
}

// getPermission tells a person's permission in the old words and the role.
func (s *Server) getPermission(c *call) (*answer, error) {
	r := c.repository
	u := s.users[strings.ToLower(c.params["username"])]
	if u == nil {
		return nil, notFound()
	}
	role := r.roles[strings.ToLower(u.login)]
	switch {
	case u == r.owner:
		role = "admin"
	case role == "" && r.private:
		role = "none"
	case role == "":
		role = "read"
	}
	old := map[string]string{"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}[role]
	if old == "" {
		old = "read"
	}
	ranks := map[string]int{"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}
	rank, known := ranks[role]
	if !known {
		rank = 1
	}
	account := s.userObject(u).(object)
	account["permissions"] = object{
		"pull": rank >= 1, "triage": rank >= 2, "push": rank >= 3, "maintain": rank >= 4, "admin": rank >= 5,
	}
	account["role_name"] = role
	return ok(object{"permission": old, "role_name": role, "user": account}), nil
}
