package gh

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// call describes one operation to the transports, and takes back what became
// of it: go-github hides the transport's error when the context has ended.
type call struct {
	// doing completes "could not …" for people, with the names involved.
	doing string
	// method and route are GitHub's, with {placeholders}: few enough for a
	// metric's label and safe in a log.
	method, route string
	// write is true when repeating the request would repeat its effect.
	write bool
	// unprocessable is what a 422 means here; nil when nothing in particular.
	unprocessable error

	// answered is true once a success was read, err is the last failure.
	answered bool
	err      error
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf returns the call that a request belongs to. Every request of this
// package has one; a stranger's counts as a write, the careful side.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{doing: "send a request", route: "other", write: true}
}

// do runs send with the call in its context and explains its error.
func (c *call) do(ctx context.Context, send func(context.Context) error) error {
	c.err, c.answered = nil, false
	err := send(withCall(ctx, c))
	if err == nil {
		return nil
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err // its text repeats the URL, which the route stands for
	}
	switch {
	case c.err != nil && !errors.Is(err, c.err):
		err = c.err
	case c.err == nil && c.answered && c.write:
		err = fmt.Errorf("%w: the answer cannot be read: %w", ErrAmbiguous, err)
	}
	return fmt.Errorf("could not %s: %s %s: %w", c.doing, c.method, c.route, err)
}
