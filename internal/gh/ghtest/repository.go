package ghtest

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Repository is a repository of the fake with a real bare git repository.
type Repository struct {
	server        *Server
	id            int64
	owner         *user
	name          string
	private       bool
	defaultBranch string
	gitDir        string
	parent        *Repository
	installation  *Installation
	pulls         map[int]*PullRequest
	numbers       int
	issueComments map[int64]*issueComment
	runs          []*checkRun
	suites        map[string]int64
	roles         map[string]string
	createdAt     time.Time
	pushedAt      time.Time
	deleted       bool
}

// RepositoryOption changes how CreateRepository makes a repository.
type RepositoryOption func(*repositoryOptions)

type repositoryOptions struct {
	public        bool
	defaultBranch string
	notInstalled  bool
	user          bool
}

// Public makes the repository readable by everybody; it is private otherwise.
func Public() RepositoryOption { return func(o *repositoryOptions) { o.public = true } }

// DefaultBranch names the default branch; it is "main" otherwise.
func DefaultBranch(name string) RepositoryOption {
	return func(o *repositoryOptions) { o.defaultBranch = name }
}

// NotInstalled leaves the repository out of the App's installation.
func NotInstalled() RepositoryOption { return func(o *repositoryOptions) { o.notInstalled = true } }

// OwnedByUser makes the owner a person rather than an organisation.
func OwnedByUser() RepositoryOption { return func(o *repositoryOptions) { o.user = true } }

func key(owner, name string) string { return strings.ToLower(owner + "/" + name) }

// CreateRepository makes a repository with one commit on its default branch (a
// README) and installs the App on it.
func (s *Server) CreateRepository(owner, name string, options ...RepositoryOption) (*Repository, error) {
	o := repositoryOptions{defaultBranch: "main"}
	for _, option := range options {
		option(&o)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names[key(owner, name)] != nil {
		return nil, fmt.Errorf("ghtest: repository %s/%s exists", owner, name)
	}
	account := s.user(owner)
	if !o.user && !account.seen {
		account.kind = "Organization"
	}
	account.seen = true
	r := s.newRepository(account, name, o.defaultBranch)
	r.private = !o.public
	if err := s.initBare(r.gitDir, o.defaultBranch); err != nil {
		return nil, err
	}
	if _, err := r.importCommit(Commit{
		Branch: o.defaultBranch, Files: map[string]string{"README.md": "# " + name + "\n"}, Message: "Initial commit",
	}); err != nil {
		return nil, err
	}
	if !o.notInstalled {
		s.install(account, r)
	}
	return r, nil
}

func (s *Server) newRepository(owner *user, name, branch string) *Repository {
	now := s.now()
	r := &Repository{
		server: s, id: s.ids.next(), owner: owner, name: name, defaultBranch: branch, pulls: map[int]*PullRequest{},
		issueComments: map[int64]*issueComment{}, suites: map[string]int64{}, roles: map[string]string{},
		createdAt: now, pushedAt: now,
	}
	r.gitDir = filepath.Join(s.dir, fmt.Sprintf("%d.git", r.id))
	s.repos[r.id], s.names[key(owner.login, name)] = r, r
	return r
}

// ID is the repository's numeric id, which a rename does not change.
func (r *Repository) ID() int64 { return r.id }

// Owner is the login of the account the repository belongs to.
func (r *Repository) Owner() string { return r.owner.login }

// Name is the repository's name without its owner.
func (r *Repository) Name() string {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return r.name
}

// FullName is OWNER/NAME.
func (r *Repository) FullName() string { return r.Owner() + "/" + r.Name() }

func (r *Repository) fullName() string { return r.owner.login + "/" + r.name }

// GitDir is the path of the bare repository. After changing it directly, call
// Pushed.
func (r *Repository) GitDir() string { return r.gitDir }

// CloneURL is where git fetches from.
func (r *Repository) CloneURL() string { return r.server.URL() + "/" + r.FullName() + ".git" }

// InstallationID is the id of the installation the repository belongs to; zero
// when the App is not installed on it.
func (r *Repository) InstallationID() int64 {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	if r.installation == nil {
		return 0
	}
	return r.installation.id
}

// SetRole gives a person a role in the repository: admin, maintain, write,
// triage, read or none. Role names of an organisation's own making work too and
// count as read.
func (r *Repository) SetRole(login, role string) {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.server.user(login)
	r.roles[strings.ToLower(login)] = role
}

// Rename changes the name; the old one answers 301 from then on.
func (r *Repository) Rename(name string) {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.name = name
	r.server.names[key(r.owner.login, name)] = r
}

// Fork copies the repository to another account. The App is not installed on the
// copy.
func (r *Repository) Fork(owner string) (*Repository, error) {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names[key(owner, r.name)] != nil {
		return nil, fmt.Errorf("ghtest: repository %s/%s exists", owner, r.name)
	}
	fork := s.newRepository(s.user(owner), r.name, r.defaultBranch)
	fork.parent, fork.private = r, r.private
	if _, err := s.git(s.dir, nil, "clone", "-q", "--bare", "--template=", r.gitDir, fork.gitDir); err != nil {
		return nil, err
	}
	return fork, s.configureBare(fork.gitDir)
}

// Delete removes the repository, as a fork's owner may do while its pull request
// is open: head.repo is null from then on.
func (r *Repository) Delete() {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	r.deleted = true
	delete(s.repos, r.id)
	for name, other := range s.names {
		if other == r {
			delete(s.names, name)
		}
	}
	if r.installation != nil {
		delete(r.installation.repositories, r.id)
	}
}

// Commit describes one commit to make on a branch.
type Commit struct {
	// Branch the commit goes to; it is made when it does not exist. Empty means
	// the default branch.
	Branch string
	// Base is the branch or commit to start from; empty means the branch itself,
	// or the default branch when it does not exist. Anything but the branch's
	// tip makes this a force push.
	Base string
	// Merge lists further parents.
	Merge []string
	// Files are the paths to write, with their content.
	Files map[string]string
	// Modes holds modes other than 100644: "100755", "120000" (content is the
	// target), "160000" (content is the commit id).
	Modes map[string]string
	// Delete lists paths to remove.
	Delete []string
	// Message is the commit message; empty means "Change".
	Message string
	// Author is the login of the person; empty means "octocat".
	Author string
}

// Commit makes a commit and pushes it: pull requests from or into the branch
// learn of it, and the webhook with them. It returns the commit's id.
func (r *Repository) Commit(c Commit) (string, error) {
	s := r.server
	s.mu.Lock()
	sha, err := r.importCommit(c)
	if err == nil {
		branch := c.Branch
		if branch == "" {
			branch = r.defaultBranch
		}
		err = r.pushed(branch, c.Author)
	}
	s.mu.Unlock()
	s.flush()
	return sha, err
}

// Push runs git push from a repository on disk, then does what Commit does.
func (r *Repository) Push(fromDir string, refspecs ...string) error {
	args := append([]string{"push", "-q", "--force", r.gitDir}, refspecs...)
	if _, err := r.server.git(fromDir, nil, args...); err != nil {
		return err
	}
	return r.Pushed()
}

// Pushed makes the fake look at every branch again, after a change made in
// GitDir.
func (r *Repository) Pushed() error {
	s := r.server
	s.mu.Lock()
	err := r.pushed("", "")
	s.mu.Unlock()
	s.flush()
	return err
}

// Resolve turns a branch name or any revision into a commit id.
func (r *Repository) Resolve(revision string) (string, error) {
	if sha, err := r.server.line(r.gitDir, "rev-parse", "--verify", "-q", "--end-of-options", "refs/heads/"+revision); err == nil {
		return sha, nil
	}
	sha, err := r.server.line(r.gitDir, "rev-parse", "--verify", "-q", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("ghtest: no commit %q in %s", revision, r.fullName())
	}
	return sha, nil
}

// importCommit writes one commit with git fast-import.
func (r *Repository) importCommit(c Commit) (string, error) {
	if c.Branch == "" {
		c.Branch = r.defaultBranch
	}
	if c.Message == "" {
		c.Message = "Change"
	}
	if c.Author == "" {
		c.Author = "octocat"
	}
	from := c.Base
	if from == "" {
		from = c.Branch
	}
	parent, err := r.Resolve(from)
	if err != nil && c.Base == "" && c.Branch != r.defaultBranch {
		parent, err = r.Resolve(r.defaultBranch)
	}
	if err != nil && (c.Base != "" || c.Branch != r.defaultBranch) {
		return "", err
	}
	stream, err := r.importStream(c, parent)
	if err != nil {
		return "", err
	}
	if _, err := r.server.git(r.gitDir, stream, "fast-import", "--quiet", "--force", "--done"); err != nil {
		return "", err
	}
	return r.Resolve(c.Branch)
}

func (r *Repository) importStream(c Commit, parent string) ([]byte, error) {
	var b bytes.Buffer
	date := fmt.Sprintf("%d +0000", r.server.now().Unix())
	fmt.Fprintf(&b, "commit refs/heads/%s\n", c.Branch)
	fmt.Fprintf(&b, "author %s <%s@users.noreply.example.com> %s\n", c.Author, c.Author, date)
	fmt.Fprintf(&b, "committer GitHub <noreply@example.com> %s\n", date)
	fmt.Fprintf(&b, "data %d\n%s\n", len(c.Message), c.Message)
	if parent != "" {
		fmt.Fprintf(&b, "from %s\n", parent)
	}
	for _, merge := range c.Merge {
		sha, err := r.Resolve(merge)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "merge %s\n", sha)
	}
	for _, path := range c.Delete {
		fmt.Fprintf(&b, "D %s\n", importPath(path))
	}
	paths := make([]string, 0, len(c.Files))
	for path := range c.Files {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		mode, content := c.Modes[path], c.Files[path]
		if path == "" {
			return nil, errors.New("ghtest: a file needs a path")
		}
		if mode == "160000" {
			fmt.Fprintf(&b, "M 160000 %s %s\n", content, importPath(path))
			continue
		}
		if mode == "" {
			mode = "100644"
		}
		fmt.Fprintf(&b, "M %s inline %s\ndata %d\n%s\n", mode, importPath(path), len(content), content)
	}
	b.WriteString("\ndone\n")
	return b.Bytes(), nil
}

// importPath quotes a path the way fast-import reads it.
func importPath(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(path) + `"`
}
