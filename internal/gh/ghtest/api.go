package ghtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// requestBodyMax bounds a request body of the API; reviews of 65,536 characters a
// comment stay far below.
const requestBodyMax = 32 << 20

// call is one request of the REST API on its way to its handler.
type call struct {
	server     *Server
	request    *http.Request
	operation  string // "GET /repos/{owner}/{repo}"
	params     map[string]string
	query      url.Values
	body       []byte
	auth       authorization
	repository *Repository
}

// answer is what a handler wants sent. A nil body is sent as none; raw, when
// set, is sent as it is.
type answer struct {
	status int
	body   any
	raw    []byte
	kind   string // media type of raw
	header http.Header
}

func ok(body any) *answer      { return &answer{status: http.StatusOK, body: body} }
func created(body any) *answer { return &answer{status: http.StatusCreated, body: body} }

// number is a path parameter that is an id. The description has made sure that
// it is one.
func (c *call) number(name string) int64 {
	n, err := strconv.ParseInt(c.params[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// decode reads the JSON body; an empty one changes nothing.
func (c *call) decode(into any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		return &apiError{status: http.StatusBadRequest, message: "Problems parsing JSON"}
	}
	return nil
}

// ServeHTTP answers REST, GraphQL and git requests.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.injectGit(w, r) || s.servePage(w, r) {
		return
	}
	if owner, name, service, isGit := gitPath(r.URL.Path); isGit {
		s.serveGit(w, r, owner, name, service)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestBodyMax))
	if err != nil {
		http.Error(w, "reading the body", http.StatusBadRequest)
		return
	}
	entry := Request{
		Time: s.now(), Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body,
	}
	fault := s.match(r.Method, r.URL.RequestURI())
	if fault != nil && fault.Do != nil {
		fault.Do()
	}
	if fault != nil && s.faultBefore(w, r, fault, &entry) {
		return
	}
	result := s.perform(r, body, &entry)
	entry.Status = result.status
	s.flushLater()
	if fault != nil && s.faultAfter(w, r, fault, result, &entry) {
		return
	}
	// Recorded before it is sent: whoever reads the answer finds it in the log.
	s.record(entry)
	s.write(w, r, result)
}

// perform runs a request and returns what is to be sent.
func (s *Server) perform(r *http.Request, body []byte, entry *Request) *answer {
	s.enter(1)
	defer s.enter(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	r = s.byName(r)
	auth, err := s.authenticate(r)
	entry.Auth = auth.kind
	if err != nil {
		entry.Auth = "invalid"
		return s.failed(err)
	}
	if r.URL.Path == "/api/graphql" {
		return s.limited(r, auth, true, func() *answer { return s.serveGraph(r, body, auth) })
	}
	c, kind, err := s.prepare(r, body, auth)
	if err != nil {
		return s.failed(err)
	}
	entry.Operation = c.operation
	return s.limited(r, auth, false, func() *answer {
		result, err := s.dispatch(c, kind)
		if err != nil {
			result = s.failed(err)
		}
		s.etag(r, result)
		return s.validated(c, result)
	})
}

// enter counts the requests under way.
func (s *Server) enter(n int) {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	s.inFlight += n
}

// byName turns /repositories/ID/REST, where redirects lead, into
// /repos/OWNER/NAME/REST.
func (s *Server) byName(r *http.Request) *http.Request {
	rest, below := strings.CutPrefix(r.URL.EscapedPath(), "/api/v3/repositories/")
	id, rest, more := strings.Cut(rest, "/")
	number, err := strconv.ParseInt(id, 10, 64)
	repository := s.repos[number]
	if !below || !more || err != nil || repository == nil {
		return r
	}
	address, err := url.Parse("/api/v3/repos/" + repository.fullName() + "/" + rest)
	if err != nil {
		return r
	}
	address.RawQuery = r.URL.RawQuery
	named := r.Clone(r.Context())
	named.URL = address
	return named
}

// prepare finds the operation of a request.
func (s *Server) prepare(r *http.Request, body []byte, auth authorization) (*call, route, error) {
	if r.URL.Path != "/api/v3" && !strings.HasPrefix(r.URL.Path, "/api/v3/") {
		return nil, route{}, notFound()
	}
	operation, params, err := s.api.find(r)
	kind, known := s.routes[operation]
	if err != nil || !known {
		s.violation("the fake does not model %s %s", r.Method, r.URL.EscapedPath())
		return nil, route{}, &apiError{
			status: http.StatusNotImplemented, message: "ghtest does not model " + r.Method + " " + r.URL.EscapedPath(),
		}
	}
	// Clients that have nothing to say may say null.
	if string(bytes.TrimSpace(body)) == "null" {
		body = nil
	}
	return &call{
		server: s, request: r, operation: operation, params: params, query: r.URL.Query(), body: body, auth: auth,
	}, kind, nil
}

// dispatch checks who may do it and whether the request is well formed, then
// does it.
func (s *Server) dispatch(c *call, kind route) (*answer, error) {
	if err := s.admit(c, kind); err != nil {
		return nil, err
	}
	if err := s.api.validateRequest(c); err != nil {
		return nil, err
	}
	if kind.content {
		if err := s.spendContent(c.auth.installation); err != nil {
			return nil, err
		}
	}
	return kind.handle(c)
}

// admit applies the permission matrix and finds the repository.
func (s *Server) admit(c *call, kind route) error {
	switch {
	case kind.as == authApp && c.auth.kind != authApp:
		return unauthorized("A JSON web token could not be decoded")
	case kind.as == authApp:
		return nil
	case c.auth.kind == authApp:
		return forbidden()
	case c.auth.kind == authNone:
		return &apiError{status: http.StatusUnauthorized, message: "Requires authentication"}
	case !c.auth.installation.suspendedAt.IsZero():
		return suspended()
	}
	if c.params["owner"] != "" || c.params["repository_id"] != "" {
		r := s.names[key(c.params["owner"], c.params["repo"])]
		if c.params["repository_id"] != "" {
			r = s.repos[c.number("repository_id")]
		}
		if r == nil || !c.auth.reaches(r) {
			return notFound()
		}
		if c.params["owner"] != "" && !strings.EqualFold(r.name, c.params["repo"]) {
			return s.moved(c, r)
		}
		c.repository = r
	}
	for _, need := range kind.needs {
		if c.auth.allows(need.permission, need.level) {
			return nil
		}
	}
	if len(kind.needs) > 0 {
		return forbidden()
	}
	return nil
}

// moved sends the client from an old name to the id, which does not change.
func (s *Server) moved(c *call, r *Repository) error {
	rest := strings.TrimPrefix(c.request.URL.EscapedPath(), "/api/v3/repos/"+c.params["owner"]+"/"+c.params["repo"])
	status := http.StatusMovedPermanently
	if c.request.Method != http.MethodGet {
		status = http.StatusTemporaryRedirect
	}
	return &apiError{
		status: status, message: "Moved Permanently",
		header: http.Header{"Location": {fmt.Sprintf("%s/api/v3/repositories/%d%s", s.URL(), r.id, rest)}},
	}
}

// failed turns an error into an answer. An error that is no answer of GitHub's is
// the fake's own and is kept as a violation.
func (s *Server) failed(err error) *answer {
	var known *apiError
	if errors.As(err, &known) {
		return known.answer()
	}
	s.violation("%v", err)
	return (&apiError{status: http.StatusInternalServerError, message: "ghtest: " + err.Error()}).answer()
}

// encode renders the body once.
func (a *answer) encode() ([]byte, error) {
	if a.raw != nil || a.body == nil {
		return a.raw, nil
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		return nil, fmt.Errorf("ghtest: encoding an answer: %w", err)
	}
	a.raw, a.kind = raw, "application/json; charset=utf-8"
	return raw, nil
}

// etag marks an answer, and answers 304 to a client that has it already.
func (s *Server) etag(r *http.Request, a *answer) {
	if r.Method != http.MethodGet || a.status != http.StatusOK {
		return
	}
	raw, err := a.encode()
	if err != nil {
		return
	}
	tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(raw))
	a.set("ETag", tag)
	if given := r.Header.Get("If-None-Match"); given == tag || given == strings.TrimPrefix(tag, "W/") {
		a.status, a.body, a.raw, a.kind = http.StatusNotModified, nil, nil, ""
	}
}

func (a *answer) set(name, value string) {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(name, value)
}

// head writes status and headers.
func (s *Server) head(w http.ResponseWriter, a *answer) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
	}
	w.Header().Set("X-GitHub-Media-Type", "github.v3; format=json")
	w.Header().Set("X-GitHub-Request-Id", fmt.Sprintf("FAKE:%d", s.now().UnixNano()))
	w.WriteHeader(a.status)
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, a *answer) {
	raw, err := a.encode()
	if err != nil {
		s.violation("%v", err)
	}
	s.head(w, a)
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		return
	}
	if _, err := w.Write(raw); err != nil {
		s.log.Debug("answering", "path", r.URL.Path, "error", err)
	}
}
