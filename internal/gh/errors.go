package gh

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// What callers act on. Test with errors.Is; the text around them says what was
// being done and what GitHub answered.
var (
	// ErrNotFound: the thing is not there or not visible to the app, or the
	// installation was removed or suspended. Trying again does not help.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the installation did not grant what the request needs.
	ErrForbidden = errors.New("forbidden")
	// ErrInvalidAnchor: GitHub refused a review or a comment as a whole; as a
	// rule because a place is not part of the diff any more.
	ErrInvalidAnchor = errors.New("the place is not part of the diff")
	// ErrAmbiguous: the request was sent, and whether GitHub carried it out is
	// not known. Look up before repeating it.
	ErrAmbiguous = errors.New("the outcome of the write is not known")
)

// RateLimitError says that GitHub wants no request before Until. It is returned
// for an answer that says so, and without sending anything while it lasts.
type RateLimitError struct {
	Until time.Time
	// Secondary is true for the limits against bursts, false when the hour's
	// requests are used up
	// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
	Secondary bool

	// resource is the limit that is used up ("core", "graphql"), empty for all.
	resource string
	// unstated is true when GitHub did not say how long to wait.
	unstated bool
}

// Error implements error.
func (e *RateLimitError) Error() string {
	kind := "rate limit"
	if e.Secondary {
		kind = "secondary rate limit"
	}
	return fmt.Sprintf("%s until %s", kind, e.Until.UTC().Format(time.RFC3339))
}

// responseError is an answer other than success.
type responseError struct {
	status  int
	message string
	details []string
	// kind is one of the sentinels above, or nil.
	kind error
}

func (e *responseError) Error() string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", e.status, http.StatusText(e.status)))
	if e.message != "" {
		text += ": " + e.message
	}
	if len(e.details) > 0 {
		text += " (" + strings.Join(e.details, "; ") + ")"
	}
	return text
}

func (e *responseError) Unwrap() error { return e.kind }

// brokenError is an exchange that ended without an answer to read: no
// connection, a cut or malformed body, a timeout.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return e.cause.Error() }
func (e *brokenError) Unwrap() error { return e.cause }

// transient reports whether the same request may succeed a moment later.
func transient(err error) bool {
	var broken *brokenError
	var response *responseError
	return errors.As(err, &broken) || errors.As(err, &response) && response.status >= http.StatusInternalServerError
}

// unauthorized reports whether GitHub did not accept the credentials.
func unauthorized(err error) bool {
	var response *responseError
	return errors.As(err, &response) && response.status == http.StatusUnauthorized
}

// Bounds of what is taken over from GitHub's error bodies: enough to act on,
// and no way to fill a log.
const (
	maxMessageLength = 300
	maxDetails       = 5
)

// errorBody is what GitHub's error answers have in common. The errors are
// objects in some answers and strings in others.
type errorBody struct {
	Message          string            `json:"message"`
	Errors           []json.RawMessage `json:"errors"`
	DocumentationURL string            `json:"documentation_url"`
}

// parseErrorBody reads an error answer, as far as it is one.
func parseErrorBody(data []byte) (body errorBody, details []string) {
	if json.Unmarshal(data, &body) != nil {
		// Some answers hold a single string under errors; keep the message.
		var short struct {
			Message string `json:"message"`
			Errors  string `json:"errors"`
		}
		if json.Unmarshal(data, &short) != nil {
			return errorBody{}, nil
		}
		body = errorBody{Message: short.Message}
		if short.Errors != "" {
			details = append(details, sanitize(short.Errors))
		}
	}
	for _, raw := range body.Errors {
		if len(details) == maxDetails {
			break
		}
		if text := errorDetail(raw); text != "" {
			details = append(details, sanitize(text))
		}
	}
	return body, details
}

// errorDetail leaves out "value", which repeats a part of the request.
func errorDetail(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var object struct{ Resource, Field, Code, Message string }
	if json.Unmarshal(raw, &object) != nil {
		return ""
	}
	if object.Message != "" {
		return object.Message
	}
	return strings.Trim(strings.Join([]string{object.Resource, object.Field, object.Code}, " "), " ")
}

// tokenPattern matches what must never reach a log: GitHub's tokens in their
// old and new formats, and JSON web tokens. A proxy may echo a header.
var tokenPattern = regexp.MustCompile(`gh[a-z]_[A-Za-z0-9_.\-]+|github_pat_[A-Za-z0-9_]+|eyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_.\-]*|(?i:bearer|token)\s+[A-Za-z0-9_.\-]{16,}`)

// sanitize makes text from a response fit for one line of a log.
func sanitize(text string) string {
	if len(text) > 4*maxMessageLength {
		text = text[:4*maxMessageLength] // bounds the work; runes are cut below
	}
	text = tokenPattern.ReplaceAllString(strings.ToValidUTF8(text, "?"), "[redacted]")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	if runes := []rune(text); len(runes) > maxMessageLength {
		text = string(runes[:maxMessageLength]) + "…"
	}
	return text
}
