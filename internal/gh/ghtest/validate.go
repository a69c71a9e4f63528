package ghtest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// openapi is the part of GitHub's description that lintel uses, reduced to facts;
// openapi/cut.mjs writes it.
//
//go:embed testdata/openapi.json
var openapi []byte

// description is GitHub's description of its REST API.
type description struct {
	document *openapi3.T
	router   routers.Router
	options  *openapi3filter.Options
}

// loadDescription reads the description, once for every fake of a process: it takes
// a tenth of a second and nothing changes it.
var loadDescription = sync.OnceValues(readDescription)

func readDescription() (*description, error) {
	document, err := openapi3.NewLoader().LoadFromData(openapi)
	if err != nil {
		return nil, fmt.Errorf("ghtest: reading the description of the API: %w", err)
	}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("ghtest: reading the paths of the API: %w", err)
	}
	return &description{document: document, router: router, options: &openapi3filter.Options{
		SkipSettingDefaults: true, MultiError: false, IncludeResponseStatus: true,
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}}, nil
}

// find names the operation of a request, as "GET /repos/{owner}/{repo}".
func (d *description) find(r *http.Request) (string, map[string]string, error) {
	found, escaped, err := d.router.FindRoute(r)
	if err != nil {
		return "", nil, fmt.Errorf("ghtest: %s %s: %w", r.Method, r.URL.EscapedPath(), err)
	}
	params := map[string]string{}
	for name, value := range escaped {
		if params[name], err = url.PathUnescape(value); err != nil {
			return "", nil, fmt.Errorf("ghtest: reading a path: %w", err)
		}
	}
	return r.Method + " " + found.Path, params, nil
}

// input is what the validator wants to know of a request.
func (d *description) input(c *call) (*openapi3filter.RequestValidationInput, error) {
	request := c.request.Clone(c.request.Context())
	request.Body = io.NopCloser(bytes.NewReader(c.body))
	// Clients name media types of their own; GitHub reads JSON whatever they say.
	if len(bytes.TrimSpace(c.body)) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	found, params, err := d.router.FindRoute(request)
	if err != nil {
		return nil, fmt.Errorf("ghtest: finding the operation again: %w", err)
	}
	// The validator wants every parameter filled; the root has no path.
	if value, named := params["path"]; named && value == "" {
		params["path"] = "."
	}
	return &openapi3filter.RequestValidationInput{
		Request: request, PathParams: params, QueryParams: c.query, Route: found, Options: d.options,
	}, nil
}

// validateRequest refuses what does not fit the description: 400 for what is not
// JSON, 422 for the rest.
func (d *description) validateRequest(c *call) error {
	if body := bytes.TrimSpace(c.body); len(body) > 0 && !json.Valid(body) {
		return &apiError{status: http.StatusBadRequest, message: "Problems parsing JSON"}
	}
	if c.isAnswer() {
		return nil
	}
	in, err := d.input(c)
	if err != nil {
		return err
	}
	err = openapi3filter.ValidateRequest(context.Background(), in)
	if err == nil {
		return nil
	}
	message := err.Error()
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		message = "/" + strings.Join(schema.JSONPointer(), "/") + ": " + schema.Reason
	}
	// The validator prints the value it refused, which may be a secret.
	message, _, _ = strings.Cut(message, "\nSchema:")
	return &apiError{status: http.StatusUnprocessableEntity, message: "Invalid request.\n\n" + message}
}

// isAnswer tells a comment that answers another from a new one: GitHub then reads
// nothing but the body, though its description demands more.
func (c *call) isAnswer() bool {
	var wish draftComment
	return strings.HasSuffix(c.operation, "/pulls/{pull_number}/comments") && c.decode(&wish) == nil && wish.InReplyTo != 0
}

// validated holds the fake's own answer against the description. An answer that
// does not fit is a fault of the fake: it is kept as a violation and sent as 500.
func (s *Server) validated(c *call, a *answer) *answer {
	raw, err := a.encode()
	if err == nil {
		err = s.api.validateResponse(c, a, raw)
	}
	if err == nil {
		return a
	}
	s.violation("%s answered against the description: %v", c.operation, err)
	return (&apiError{status: http.StatusInternalServerError, message: "ghtest: its own answer breaks the description"}).answer()
}

// generalStatuses may answer any operation, though the description lists them for
// few.
var generalStatuses = map[int]bool{
	http.StatusBadRequest: true, http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusNotFound: true,
	http.StatusUnprocessableEntity: true, http.StatusTooManyRequests: true, http.StatusNotModified: true,
	http.StatusMovedPermanently: true, http.StatusTemporaryRedirect: true,
}

func (d *description) validateResponse(c *call, a *answer, raw []byte) error {
	if a.kind != "" && !strings.HasPrefix(a.kind, "application/json") {
		return nil
	}
	in, err := d.input(c)
	if err != nil {
		return err
	}
	if in.Route.Operation.Responses.Status(a.status) == nil && generalStatuses[a.status] {
		return nil
	}
	header := http.Header{}
	if len(raw) > 0 {
		header.Set("Content-Type", "application/json")
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.status, Header: header, Options: d.options,
		Body: io.NopCloser(bytes.NewReader(raw)),
	})
	if err != nil {
		return fmt.Errorf("ghtest: %w", err)
	}
	return nil
}
