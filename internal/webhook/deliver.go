package webhook

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lintel-bot/lintel/internal/queue"
)

// reply is what a delivery is answered with.
type reply struct {
	code    int
	outcome string
	// text is the status of a 2xx answer, and the error of any other.
	text string
}

// deliver is POST /webhook. The order of the checks is part of the contract:
// size, signature, then the rest; nothing of the body is looked at before.
func (s *server) deliver(c *gin.Context) {
	started := time.Now()
	var event string
	var rep reply
	err := s.readBody(c.Writer, c.Request, func(body []byte) { event, rep = s.take(c.Request, body) })
	switch {
	case errors.Is(err, errTooLarge):
		// The rest of the body is not worth reading.
		c.Header("Connection", "close")
		rep = reply{http.StatusRequestEntityTooLarge, OutcomeTooLarge, err.Error()}
	case errors.Is(err, errBusy):
		c.Header("Connection", "close")
		rep = reply{http.StatusServiceUnavailable, OutcomeUnavailable, err.Error()}
	case err != nil:
		rep = reply{http.StatusBadRequest, OutcomeInvalid, err.Error()}
	}
	if rep.code == http.StatusServiceUnavailable {
		c.Header("Retry-After", retryAfter)
	}
	if rep.code == http.StatusAccepted {
		answer(c, rep.code, rep.text)
	} else {
		refuse(c, rep.code, rep.text)
		s.Logger.Warn("delivery refused", "code", rep.code, "event", event, "reason", rep.text)
	}
	s.Observer.Delivery(event, rep.outcome, time.Since(started))
}

// take checks a delivery whose body was read, and has it stored.
func (s *server) take(r *http.Request, body []byte) (event string, _ reply) {
	signature, ok := claimedSignature(r.Header)
	if !ok {
		return "", reply{http.StatusUnauthorized, OutcomeUnsigned, "the signature is missing: one " + signatureHeader +
			" header of the form sha256=<64 hex digits> is needed"}
	}
	if !signed(body, signature, s.Secrets) {
		return "", reply{http.StatusUnauthorized, OutcomeUnsigned,
			"the signature does not match the body and any of the webhook secrets"}
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return "", reply{http.StatusBadRequest, OutcomeInvalid,
			"the content type is not application/json: set it so in the App's webhook settings"}
	}
	d, err := decode(r.Header, body)
	if err != nil {
		return d.Event, reply{http.StatusBadRequest, OutcomeInvalid, err.Error()}
	}
	d.ReceivedAt = s.Now()
	return d.Event, s.store(r.Context(), d)
}

// store has the delivery stored even if the sender hangs up: it was signed and
// is complete, and GitHub does not send it again by itself.
func (s *server) store(ctx context.Context, d queue.Delivery) reply {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), acceptTimeout)
	defer cancel()
	log := s.Logger.With("delivery", d.GUID, "event", d.Event, "action", d.Action)
	if d.Want != nil {
		log = log.With("repository", d.Want.Repository, "pull_request", d.Want.Number, "head", d.Want.Head)
	}
	outcome, err := s.Accept.Accept(ctx, d)
	if err != nil {
		log.Error("storing a delivery", "error", err)
		return reply{http.StatusServiceUnavailable, OutcomeUnavailable, "the delivery could not be stored"}
	}
	if s.Accepted != nil && (outcome == queue.Queued || outcome == queue.Revived) {
		s.Accepted()
	}
	rep := reply{code: http.StatusAccepted}
	switch outcome {
	case queue.Queued:
		rep.outcome, rep.text = OutcomeQueued, OutcomeQueued
	case queue.Revived:
		rep.outcome, rep.text = OutcomeRevived, OutcomeQueued
	case queue.Duplicate:
		rep.outcome, rep.text = OutcomeDuplicate, OutcomeDuplicate
	default:
		rep.outcome, rep.text = OutcomeRecorded, OutcomeRecorded
	}
	log.Info("delivery", "outcome", rep.outcome)
	return rep
}
