package ghtest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// gitTimeout bounds one git command of the fake; the largest test repositories
// need a second or two on a loaded machine.
const gitTimeout = 2 * time.Minute

// findBackend finds the CGI program that serves git over HTTP.
func findBackend() (string, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return "", fmt.Errorf("ghtest: asking git for its programs: %w", err)
	}
	backend := filepath.Join(strings.TrimSpace(string(out)), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		return "", fmt.Errorf("ghtest: git-http-backend is needed: %w", err)
	}
	return backend, nil
}

func (s *Server) gitEnvironment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_TERMINAL_PROMPT=0", "GIT_AUTHOR_NAME=Octo Cat", "GIT_AUTHOR_EMAIL=octocat@example.com",
		"GIT_COMMITTER_NAME=GitHub", "GIT_COMMITTER_EMAIL=noreply@example.com",
	}
}

// git runs one git command in dir and returns what it printed.
func (s *Server) git(dir string, stdin []byte, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), gitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = dir, s.gitEnvironment()
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("ghtest: git %s: %w: %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// line is git for commands that print one line.
func (s *Server) line(dir string, args ...string) (string, error) {
	out, err := s.git(dir, nil, args...)
	return strings.TrimSpace(out), err
}

// initBare makes an empty bare repository that serves any commit by its id, as
// GitHub does, and never throws an unreachable one away.
func (s *Server) initBare(dir, branch string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("ghtest: making a repository: %w", err)
	}
	if _, err := s.git(dir, nil, "init", "-q", "--bare", "--template=", "--initial-branch="+branch, "."); err != nil {
		return err
	}
	return s.configureBare(dir)
}

func (s *Server) configureBare(dir string) error {
	file, err := os.OpenFile(filepath.Join(dir, "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("ghtest: configuring a repository: %w", err)
	}
	_, err = file.WriteString("[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n[gc]\n\tauto = 0\n[http]\n\treceivepack = false\n")
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("ghtest: configuring a repository: %w", err)
	}
	return nil
}

// gitPath splits /OWNER/REPO.git/SERVICE; GitHub takes the address without the
// suffix as well.
func gitPath(path string) (owner, name, service string, ok bool) {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	if len(parts) != 3 {
		return "", "", "", false
	}
	switch parts[2] {
	case "info/refs", "git-upload-pack", "git-receive-pack", "HEAD":
		return parts[0], strings.TrimSuffix(parts[1], ".git"), parts[2], true
	}
	return "", "", "", false
}

// serveGit answers the smart HTTP protocol. A token is sent as the password of
// the user x-access-token, and needs contents: read.
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request, owner, name, service string) {
	status, message, repository, kind := s.admitGit(r, owner, name, service)
	if status == 0 {
		handler := &cgi.Handler{
			Path: s.backend,
			Root: strings.TrimSuffix(r.URL.Path, "/"+service),
			Dir:  repository.gitDir,
			Env: append(s.gitEnvironment(), "GIT_PROJECT_ROOT="+repository.gitDir, "GIT_HTTP_EXPORT_ALL=1",
				"GIT_PROTOCOL="+r.Header.Get("Git-Protocol")),
			Stderr: newLineLogger(s.log),
		}
		recorder := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		handler.ServeHTTP(recorder, r)
		s.record(Request{Time: s.now(), Method: r.Method, Path: r.URL.RequestURI(), Status: recorder.status, Auth: kind})
		return
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
	}
	if status == http.StatusMovedPermanently {
		w.Header().Set("Location", message+"/"+service+"?"+r.URL.RawQuery)
	}
	w.WriteHeader(status)
	if _, err := w.Write([]byte(message)); err != nil {
		s.log.Debug("answering git", "error", err)
	}
	s.record(Request{Time: s.now(), Method: r.Method, Path: r.URL.RequestURI(), Status: status, Auth: kind})
}

// admitGit decides who may fetch; a zero status means yes.
func (s *Server) admitGit(r *http.Request, owner, name, service string) (status int, message string, _ *Repository, kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	auth, err := s.authenticate(r)
	if err != nil {
		return http.StatusUnauthorized, "Invalid username or password.", nil, "invalid"
	}
	repository := s.names[key(owner, name)]
	switch {
	case service == "git-receive-pack" || r.URL.Query().Get("service") == "git-receive-pack":
		return http.StatusForbidden, "Write access to repository not granted.", nil, auth.kind
	case auth.kind == authNone && (repository == nil || repository.private):
		return http.StatusUnauthorized, "Repository not found.", nil, auth.kind
	case repository == nil, auth.kind != authNone && repository.private && !auth.reaches(repository):
		return http.StatusNotFound, "Repository not found.", nil, auth.kind
	case !strings.EqualFold(repository.fullName(), owner+"/"+name):
		return http.StatusMovedPermanently, s.URL() + "/" + repository.fullName() + ".git", nil, auth.kind
	case auth.kind == authApp, auth.kind == authInstallation && repository.private && !auth.allows("contents", "read"):
		return http.StatusForbidden, "Resource not accessible by integration", nil, auth.kind
	}
	return 0, "", repository, auth.kind
}

// statusWriter remembers the status. It unwraps, so that flushing still works.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
