package ghtest

import (
	"fmt"
	"net/http"
)

// documentation is the address GitHub puts into every error answer.
const documentation = "https://docs.github.com/rest"

// apiError is an answer other than the wished one. It is written as GitHub
// writes them: message, documentation_url, status, sometimes errors.
type apiError struct {
	status  int
	message string
	errors  any
	header  http.Header
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

func (e *apiError) answer() *answer {
	body := object{"message": e.message, "documentation_url": documentation, "status": fmt.Sprint(e.status)}
	if e.errors != nil {
		body["errors"] = e.errors
	}
	return &answer{status: e.status, body: body, header: e.header}
}

func notFound() error { return &apiError{status: http.StatusNotFound, message: "Not Found"} }

// forbidden is what an App reads when its token lacks a permission.
func forbidden() error {
	return &apiError{status: http.StatusForbidden, message: "Resource not accessible by integration"}
}

// unprocessable is the form of the review endpoints: plain sentences.
func unprocessable(sentences ...string) error {
	return &apiError{status: http.StatusUnprocessableEntity, message: "Unprocessable Entity", errors: sentences}
}

// invalid is the form of the other endpoints: one object for each field.
func invalid(fields ...object) error {
	return &apiError{status: http.StatusUnprocessableEntity, message: "Validation Failed", errors: fields}
}

func custom(resource, field, message string) object {
	return object{"resource": resource, "code": "custom", "field": field, "message": message}
}
