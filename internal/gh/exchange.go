package gh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// maxResponse bounds a response body. The largest there is: one page of 100
	// review comments of 65,536 characters of four bytes each, with their diff
	// hunks.
	maxResponse = 32 << 20
	// maxErrorResponse is how much of an error answer is read.
	maxErrorResponse = 64 << 10
)

// exchange is the transport at the bottom: one request, one answer, read whole.
// It sends nothing to another server than the API's, bounds time and size, and
// turns every answer that is no success into an error of this package, so that
// neither go-github nor ghinstallation judges one. (go-github v62 does not know
// 429 as a rate limit, and after a secondary limit without Retry-After it
// blocks the whole client until the primary limit's reset; ghinstallation
// leaves the body of a refused token open.)
type exchange struct {
	base      http.RoundTripper
	api       *url.URL
	userAgent string
	timeout   time.Duration
	now       func() time.Time
	observe   func(method, route string, status int, d time.Duration)
}

func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	c := callOf(req.Context())
	if !sameOrigin(req.URL, x.api) {
		closeBody(req)
		return nil, fmt.Errorf("refused to follow to %s: credentials are for %s only", sanitize(req.URL.Host), x.api.Host)
	}
	ctx, cancel := context.WithTimeout(req.Context(), x.timeout)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
	out := req.Clone(ctx)
	out.Header.Set("User-Agent", x.userAgent)

	started := time.Now()
	resp, err := x.base.RoundTrip(out)
	if err != nil {
		x.observe(req.Method, c.route, 0, time.Since(started))
		return nil, c.broken(err, sent.Load())
	}
	body, err := readAnswer(resp)
	x.observe(req.Method, c.route, resp.StatusCode, time.Since(started))
	if err != nil {
		return nil, c.broken(fmt.Errorf("%d %s: %w", resp.StatusCode, http.StatusText(resp.StatusCode), err), true)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Request = req
	if err := x.judge(c, resp, body); err != nil {
		return nil, err
	}
	return resp, nil
}

// broken explains an exchange that ended without an answer.
func (c *call) broken(err error, sent bool) error {
	err = &brokenError{err}
	if c.write && sent {
		return fmt.Errorf("%w: %w", ErrAmbiguous, err)
	}
	return err
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxResponse>>20)

// readAnswer reads the body. Of an error only the beginning is wanted, and an
// error whose text breaks off is still that error.
func readAnswer(resp *http.Response) (_ []byte, err error) {
	failed := resp.StatusCode >= 400
	limit := int64(maxResponse)
	if failed {
		limit = maxErrorResponse
	}
	defer func() {
		if closing := resp.Body.Close(); err == nil && closing != nil && !failed {
			err = fmt.Errorf("closing the answer: %w", closing)
		}
	}()
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case failed:
		return data, nil
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case int64(len(data)) > limit:
		return nil, errTooLarge
	}
	return data, nil
}

// unknownApp is GitHub's 404 for a JSON web token of an app id that does not
// exist: the operator's mistake, not a missing repository.
const unknownApp = "Integration not found"

// judge returns the error that an answer amounts to.
func (x *exchange) judge(c *call, resp *http.Response, body []byte) error {
	status := resp.StatusCode
	switch {
	case status == http.StatusOK || status == http.StatusCreated:
		if !json.Valid(body) {
			// An empty body counts too: go-github would take it for an object
			// without any fields.
			return c.broken(fmt.Errorf("%d %s: the answer is not JSON", status, http.StatusText(status)), true)
		}
		if c.route == graphqlRoute {
			if err := x.graphqlError(resp, body); err != nil {
				return err
			}
		}
		c.answered = true
		return nil
	case status < 300:
		c.answered = true
		return nil
	case status < 400 && status != http.StatusNotModified && resp.Header.Get("Location") != "":
		return nil // http.Client follows it, or refuses to
	}
	parsed, details := parseErrorBody(body)
	failure := &responseError{status: status, message: sanitize(parsed.Message), details: details}
	if limit := rateLimit(resp, parsed, details, x.now()); limit != nil {
		return fmt.Errorf("%w: %w", limit, failure)
	}
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusUnavailableForLegalReasons:
		if parsed.Message != unknownApp {
			failure.kind = ErrNotFound
		}
	case http.StatusForbidden:
		failure.kind = ErrForbidden
		if strings.Contains(strings.ToLower(parsed.Message), "suspended") {
			failure.kind = ErrNotFound
		}
	case http.StatusUnprocessableEntity:
		failure.kind = c.unprocessable
	}
	if c.write && status >= http.StatusInternalServerError {
		return fmt.Errorf("%w: %w", ErrAmbiguous, failure)
	}
	return failure
}

// maxRedirects is enough for a repository renamed more than once.
const maxRedirects = 5

// checkRedirect is http.Client's. A renamed repository answers 301 to a read
// and 307 to a write; anything else is nothing to follow with credentials.
func (a *App) checkRedirect(req *http.Request, via []*http.Request) error {
	switch {
	case !sameOrigin(req.URL, a.api):
		return fmt.Errorf("refused to follow to %s: credentials are for %s only", sanitize(req.URL.Host), a.api.Host)
	case req.Method != via[0].Method:
		return fmt.Errorf("refused to follow: the %s would become a %s", via[0].Method, req.Method)
	case len(via) > maxRedirects:
		return errors.New("refused to follow: too many redirects")
	}
	return nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		// Nothing was read from it; there is nobody to tell.
		_ = req.Body.Close()
	}
}
