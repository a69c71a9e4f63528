package ghtest

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one request the fake received.
type Request struct {
	Time   time.Time
	Method string
	// Path is the escaped path, from /api/v3/ on; for git with its query.
	Path, Query string
	// Operation is method and template, as "GET /repos/{owner}/{repo}"; empty for
	// git and GraphQL, and for a request that was refused before.
	Operation string
	Header    http.Header
	Body      []byte
	// Status that was sent; zero when the connection was cut.
	Status int
	// Auth is "app", "installation", "none" or "invalid".
	Auth string
	// Fault tells that a fault was injected.
	Fault bool
}

// API tells a request of the REST API or GraphQL from one of git.
func (r Request) API() bool { return strings.HasPrefix(r.Path, "/api/") }

// Write tells a request that changes something from one that only reads. A token
// is not a change, and GraphQL is one when its document is a mutation.
func (r Request) Write() bool {
	if !r.API() || r.Method == http.MethodGet || r.Method == http.MethodHead || strings.HasSuffix(r.Path, "/access_tokens") {
		return false
	}
	return r.Path != "/api/graphql" || bytes.Contains(r.Body, []byte("mutation"))
}

// Contains tells whether a text stands anywhere in the request. Tests look so for
// planted secrets. The Authorization header is left out.
func (r Request) Contains(text string) bool {
	if strings.Contains(r.Path, text) || strings.Contains(r.Query, text) || bytes.Contains(r.Body, []byte(text)) {
		return true
	}
	for name, values := range r.Header {
		if name != "Authorization" && slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, text) }) {
			return true
		}
	}
	return false
}

// Requests is the log of every request so far.
func (s *Server) Requests() []Request {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	return slices.Clone(s.requests)
}

// ForgetRequests empties the log.
func (s *Server) ForgetRequests() {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	s.requests = nil
}

func (s *Server) record(r Request) {
	s.log.Debug("request", "method", r.Method, "path", r.Path, "status", r.Status, "auth", r.Auth)
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	s.requests = append(s.requests, r)
}

// Violations are the fake's own faults: answers that break GitHub's description,
// requests for what it does not model. A test that uses the fake should find none.
func (s *Server) Violations() []string {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	return slices.Clone(s.broken)
}

func (s *Server) violation(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.log.Error("violation", "what", text)
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	s.broken = append(s.broken, text)
}

// lineLogger passes what a program writes to a log.
type lineLogger struct{ log *slog.Logger }

func newLineLogger(log *slog.Logger) lineLogger { return lineLogger{log} }

func (l lineLogger) Write(p []byte) (int, error) {
	l.log.Debug("git", "says", strings.TrimSpace(string(p)))
	return len(p), nil
}
