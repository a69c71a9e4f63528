package gh

import (
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A read that fails in passing is repeated at once, a few times and briefly;
// what takes longer is the queue's to retry.
const (
	maxTries     = 3
	maxRetryTime = 2 * time.Second
	firstPause   = 50 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// retrier repeats reads (and the minting of tokens, which harms nothing when
// it happens twice) after a broken exchange or a 5xx. Writes pass once.
type retrier struct{ next http.RoundTripper }

func (t *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	c := callOf(req.Context())
	if c.write || req.Body != nil && req.GetBody == nil {
		resp, err := t.next.RoundTrip(req)
		c.err = err
		return resp, err
	}
	defer closeBody(req)
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, longestPause
	resp, err := backoff.Retry(req.Context(), func() (*http.Response, error) {
		out, err := rewound(req)
		if err != nil {
			return nil, backoff.Permanent(err)
		}
		resp, err := t.next.RoundTrip(out)
		if err != nil {
			c.err = err
			if !transient(err) || req.Context().Err() != nil {
				return nil, backoff.Permanent(err)
			}
		}
		return resp, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(maxRetryTime))
	if err != nil {
		// The last failure says more than the end of the context.
		if c.err != nil {
			err = c.err
		}
		return nil, err
	}
	c.err = nil
	return resp, nil
}

// rewound returns a copy of req whose body can be read from its start.
func rewound(req *http.Request) (*http.Request, error) {
	out := req.Clone(req.Context())
	if req.GetBody == nil {
		return out, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	out.Body = body
	return out, nil
}
