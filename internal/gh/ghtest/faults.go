package ghtest

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind int

// The kinds of fault. "After" means that the request was carried out and only its
// answer is lost: an ambiguous write.
const (
	// NoFault only runs Do.
	NoFault FaultKind = iota
	// StatusBefore answers Fault.Status and does nothing.
	StatusBefore
	// StatusAfter does it, then answers Fault.Status.
	StatusAfter
	// HangBefore does nothing and answers nothing until the client gives up.
	HangBefore
	// HangAfter does it and answers nothing until the client gives up.
	HangAfter
	// ResetBefore cuts the connection and does nothing.
	ResetBefore
	// ResetAfter does it and cuts the connection in the middle of the body.
	ResetAfter
	// GarbageAfter does it and answers with a body that is not JSON.
	GarbageAfter
	// Unauthorized answers 401 "Bad credentials".
	Unauthorized
	// PrimaryLimit answers that the hourly limit is used up.
	PrimaryLimit
	// SecondaryLimit answers a secondary limit.
	SecondaryLimit
	// Unprocessable answers 422 with the sentence of a bad anchor.
	Unprocessable
)

// Fault makes matching requests fail.
type Fault struct {
	// Method to match; empty means any.
	Method string
	// Path is a regular expression on the path with its query, which begins with
	// /api/v3/, /api/graphql or /OWNER/REPO.git; empty means any.
	Path string
	// Nth is the first matching request to fail, from 1; zero means 1.
	Nth int
	// Times is how many fail from there on; zero means 1, negative means all.
	Times int
	Kind  FaultKind
	// Status for StatusBefore and StatusAfter, zero meaning 502; for the two
	// limits, zero meaning 403.
	Status int
	// RetryAfter goes out with a limit or a status when it is not zero.
	RetryAfter time.Duration
	// Reset is when a used-up hourly limit ends; zero means in an hour.
	Reset time.Time
	// Do runs before the request is looked at, outside the fake's locks: a test
	// may push, close or kill here.
	Do func()
}

type activeFault struct {
	Fault
	path *regexp.Regexp
	seen int
}

// Fault adds a fault. Of several that match a request, the first added wins.
func (s *Server) Fault(f Fault) error {
	path, err := regexp.Compile(f.Path)
	if err != nil {
		return fmt.Errorf("ghtest: reading the path of a fault: %w", err)
	}
	if f.Nth == 0 {
		f.Nth = 1
	}
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Status == 0 {
		f.Status = http.StatusBadGateway
		if f.Kind == PrimaryLimit || f.Kind == SecondaryLimit {
			f.Status = http.StatusForbidden
		}
	}
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	s.faults = append(s.faults, &activeFault{Fault: f, path: path})
	return nil
}

// ClearFaults forgets every fault.
func (s *Server) ClearFaults() {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	s.faults = nil
}

// match counts the request for every fault it matches and returns the first that
// strikes.
func (s *Server) match(method, path string) *activeFault {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	var strikes *activeFault
	for _, f := range s.faults {
		if f.Method != "" && f.Method != method || !f.path.MatchString(path) {
			continue
		}
		f.seen++
		due := f.seen >= f.Nth && (f.Times < 0 || f.seen < f.Nth+f.Times)
		if due && strikes == nil {
			strikes = f
		}
	}
	return strikes
}

// injectGit applies faults to git requests, for which there is no "after".
func (s *Server) injectGit(w http.ResponseWriter, r *http.Request) bool {
	if _, _, _, isGit := gitPath(r.URL.Path); !isGit {
		return false
	}
	f := s.match(r.Method, r.URL.RequestURI())
	if f == nil {
		return false
	}
	if f.Do != nil {
		f.Do()
	}
	entry := Request{Time: s.now(), Method: r.Method, Path: r.URL.RequestURI()}
	return s.faultBefore(w, r, f, &entry)
}

// faultBefore applies a fault that keeps the request from being carried out.
func (s *Server) faultBefore(w http.ResponseWriter, r *http.Request, f *activeFault, entry *Request) bool {
	entry.Fault = f.Kind != NoFault
	var e *apiError
	switch f.Kind {
	case StatusBefore:
		e = &apiError{status: f.Status, message: http.StatusText(f.Status), header: http.Header{}}
	case Unauthorized:
		e = &apiError{status: http.StatusUnauthorized, message: "Bad credentials"}
	case Unprocessable:
		e = &apiError{
			status: http.StatusUnprocessableEntity, message: "Unprocessable Entity",
			errors: []string{reviewSentence([]string{problemLine, problemHunk})},
		}
	case SecondaryLimit:
		e = &apiError{status: f.Status, message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", header: s.resetHeaders(f, 1)}
	case PrimaryLimit:
		e = &apiError{status: f.Status, message: "API rate limit exceeded for installation.", header: s.resetHeaders(f, 0)}
	case HangBefore:
		s.record(*entry)
		s.hang(r)
		return true
	case ResetBefore:
		s.record(*entry)
		cut(w)
		return true
	default:
		return false
	}
	if f.RetryAfter > 0 {
		e.header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	entry.Status = e.status
	s.record(*entry)
	s.write(w, r, e.answer())
	return true
}

func (s *Server) resetHeaders(f *activeFault, remaining int) http.Header {
	reset := f.Reset
	if reset.IsZero() {
		reset = s.now().Add(time.Hour)
	}
	h := http.Header{}
	h.Set("X-RateLimit-Limit", "5000")
	h.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
	return h
}

// faultAfter applies a fault to the answer of a request that was carried out.
func (s *Server) faultAfter(w http.ResponseWriter, r *http.Request, f *activeFault, a *answer, entry *Request) bool {
	switch f.Kind {
	case StatusAfter:
		entry.Status = f.Status
		s.record(*entry)
		s.write(w, r, (&apiError{status: f.Status, message: http.StatusText(f.Status)}).answer())
	case HangAfter:
		entry.Status = 0
		s.record(*entry)
		s.hang(r)
	case ResetAfter:
		entry.Status = 0
		s.record(*entry)
		s.half(w, a)
		cut(w)
	case GarbageAfter:
		s.record(*entry)
		s.write(w, r, &answer{status: a.status, raw: []byte("<html><body>Unicorn!</body></html>"), kind: "text/html"})
	default:
		return false
	}
	return true
}

// half sends the first half of an answer.
func (s *Server) half(w http.ResponseWriter, a *answer) {
	raw, err := a.encode()
	if err != nil {
		s.violation("%v", err)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)+1))
	s.head(w, a)
	if _, err = w.Write(raw[:len(raw)/2]); err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil {
		s.log.Debug("answering half", "error", err)
	}
}

// hang waits until the client gives up or the fake closes.
func (s *Server) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.closing.Done():
	}
}

// cut drops the connection without ending the answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the way net/http offers to abort an answer
	}
	_ = conn.Close() // nobody is left to be told
}
