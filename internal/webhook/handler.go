// Package webhook takes GitHub's deliveries: it checks the size, the signature
// and the shape, has the delivery stored, and answers. It calls nobody else, so
// the answer comes within the ten seconds that GitHub waits, and a delivery
// that was answered with 2xx is durable.
//
// https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lintel-bot/lintel/internal/queue"
)

// Accepter stores a delivery durably before it returns.
type Accepter interface {
	Accept(ctx context.Context, d queue.Delivery) (queue.Outcome, error)
}

// Observer is told of every answered delivery, for metrics. The event is empty
// for a delivery whose signature was not right: its headers are anybody's.
type Observer interface {
	Delivery(event, outcome string, took time.Duration)
}

// Outcomes that an Observer hears. The first three are also the "status" of a
// 202 answer; revived answers "queued".
const (
	OutcomeQueued      = "queued"
	OutcomeRecorded    = "recorded"
	OutcomeDuplicate   = "duplicate"
	OutcomeRevived     = "revived"
	OutcomeTooLarge    = "too_large"
	OutcomeUnsigned    = "unsigned"
	OutcomeInvalid     = "invalid"
	OutcomeUnavailable = "unavailable"
)

// Options wire the handler. Secrets and Accept are required.
type Options struct {
	// Secrets are the webhook secrets; while rotating there are several, and a
	// signature by any of them counts.
	Secrets [][]byte
	Accept  Accepter
	// Accepted, if set, is called after a delivery that asks for work was
	// stored. It returns at once.
	Accepted func()
	// Ready, if set, says whether deliveries can be taken; nil means yes.
	Ready    func(ctx context.Context) error
	Observer Observer
	Logger   *slog.Logger
	// Now stamps deliveries (time.Now).
	Now func() time.Time
}

const (
	// acceptTimeout leaves GitHub's ten seconds time for an honest 503.
	acceptTimeout = 8 * time.Second
	// retryAfter is the Retry-After of a 503, in seconds. GitHub itself never
	// delivers again; proxies and our own redelivery sweep may.
	retryAfter = "30"
)

// Handler serves POST /webhook, GET /healthz and GET /readyz.
func Handler(o Options) (http.Handler, error) {
	if len(o.Secrets) == 0 {
		return nil, errors.New("a webhook secret is needed: without one anybody could send deliveries")
	}
	for i, secret := range o.Secrets {
		if len(secret) == 0 {
			return nil, fmt.Errorf("webhook secret %d of %d is empty", i+1, len(o.Secrets))
		}
	}
	if o.Accept == nil {
		return nil, errors.New("a webhook handler needs a store")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = silent{}
	}
	s := &server{Options: o, large: make(chan struct{}, largeBodies), ready: readiness{check: o.Ready, log: o.Logger}}
	return s.routes(), nil
}

// silent is the Observer of those who do not want one.
type silent struct{}

func (silent) Delivery(string, string, time.Duration) {}

type server struct {
	Options
	large chan struct{}
	ready readiness
}

func (s *server) routes() http.Handler {
	// Gin keeps its mode for the whole process, and prints every route in any
	// other than this one.
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.Use(s.recover)
	engine.NoRoute(func(c *gin.Context) { refuse(c, http.StatusNotFound, "there is nothing here") })
	engine.NoMethod(func(c *gin.Context) { refuse(c, http.StatusMethodNotAllowed, "this address takes another method") })
	engine.POST("/webhook", s.deliver)
	engine.GET("/healthz", func(c *gin.Context) { answer(c, http.StatusOK, "ok") })
	engine.GET("/readyz", s.readyz)
	return engine
}

// recover answers a panic with 500. Its value is not logged, as it may quote the
// payload.
func (s *server) recover(c *gin.Context) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if value == http.ErrAbortHandler {
			panic(value)
		}
		s.Logger.Error("answering a request panicked", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			refuse(c, http.StatusInternalServerError, "lintel ran into an error of its own")
		}
		c.Abort()
	}()
	c.Next()
}

func (s *server) readyz(c *gin.Context) {
	if !s.ready.now(c.Request.Context()) {
		refuse(c, http.StatusServiceUnavailable, "not ready")
		return
	}
	answer(c, http.StatusOK, "ready")
}

// answer writes {"status": …}, refuse {"error": …}.
func answer(c *gin.Context, code int, status string) { c.JSON(code, gin.H{"status": status}) }
func refuse(c *gin.Context, code int, reason string) { c.JSON(code, gin.H{"error": reason}) }
