package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// maxBody is the largest delivery GitHub sends, 25 MB, in the larger unit.
	// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
	maxBody = 25 << 20
	// largeBody is how much of a body is read without further ado. Nearly all
	// deliveries are smaller.
	largeBody = 1 << 20
	// largeBodies is how many bodies above largeBody are in memory at a time:
	// they are read before the signature can be known to be wrong.
	largeBodies = 4
	// largeWait is how long such a body waits for its turn.
	largeWait = 5 * time.Second
)

// Errors of readBody.
var (
	errTooLarge  = errors.New("the body is larger than 25 MiB")
	errTruncated = errors.New("the body ended early or could not be read")
	errBusy      = errors.New("too many large deliveries at a time")
)

// readBody reads a request's whole body and hands it to use.
func (s *server) readBody(w http.ResponseWriter, r *http.Request, use func(body []byte)) error {
	if r.ContentLength > maxBody {
		return errTooLarge
	}
	from := http.MaxBytesReader(w, r.Body, maxBody)
	var buffer bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= largeBody {
		buffer.Grow(int(n) + bytes.MinRead)
	}
	n, err := buffer.ReadFrom(io.LimitReader(from, largeBody))
	if err == nil && n == largeBody {
		release, err := s.reserve(r.Context())
		if err != nil {
			return err
		}
		defer release()
		_, err = buffer.ReadFrom(from)
		if err != nil {
			return readError(err)
		}
	}
	if err != nil {
		return readError(err)
	}
	use(buffer.Bytes())
	return nil
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errTooLarge
	}
	return errTruncated
}

// reserve waits for leave to read a large body.
func (s *server) reserve(ctx context.Context) (release func(), err error) {
	timer := time.NewTimer(largeWait)
	defer timer.Stop()
	select {
	case s.large <- struct{}{}:
		return func() { <-s.large }, nil
	case <-timer.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, errTruncated
	}
}
