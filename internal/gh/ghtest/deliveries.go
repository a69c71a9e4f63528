package ghtest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // GitHub still sends this header, and a receiver must not trust it
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// deliveryDeadline is how long GitHub waits for an answer.
// https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
const deliveryDeadline = 10 * time.Second

// responseMax bounds what is kept of a receiver's answer.
const responseMax = 64 << 10

// Delivery is one attempt to deliver an event, as the log keeps it.
type Delivery struct {
	ID         int64
	GUID       string
	Event      string
	Action     string
	Redelivery bool
	Body       []byte
	// Sent is false while the delivery is held back, or when there is no address.
	Sent bool
	// StatusCode and Status are the receiver's answer; 502 and 504 with GitHub's
	// words when there was none.
	StatusCode int
	Status     string
	Duration   time.Duration
	// Response is the beginning of the receiver's answer.
	Response string
}

type delivery struct {
	Delivery
	installation int64
	repository   int64
	at           time.Time
	header       http.Header
	answered     http.Header
}

// Sign is the value of X-Hub-Signature-256 for a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// signSHA1 is the value of the old X-Hub-Signature.
func signSHA1(secret string, body []byte) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(body)
	return "sha1=" + hex.EncodeToString(mac.Sum(nil))
}

// guid makes a delivery id in the form of a UUID.
func guid() string {
	var b [16]byte
	// crypto/rand.Read never fails.
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// enqueue puts an event into the outbox if the App subscribes to it. The caller
// holds the lock and flushes after letting go of it.
func (s *Server) enqueue(event string, payload object, r *Repository) {
	if !slices.Contains(s.app.events, event) || r.installation == nil || !r.installation.suspendedAt.IsZero() {
		return
	}
	d, err := s.newDelivery(event, payload)
	if err != nil {
		s.violation("%v", err)
		return
	}
	d.repository, d.installation = r.id, r.installation.id
	s.outbox = append(s.outbox, d)
}

func (s *Server) newDelivery(event string, payload any) (*delivery, error) {
	body, given := payload.([]byte)
	if !given {
		var err error
		if body, err = json.Marshal(payload); err != nil {
			return nil, fmt.Errorf("ghtest: encoding a %s payload: %w", event, err)
		}
	}
	var head struct {
		Action string `json:"action"`
	}
	// A test may deliver what is not JSON at all: it has no action then.
	_ = json.Unmarshal(body, &head)
	return &delivery{
		Delivery: Delivery{ID: s.ids.next(), GUID: guid(), Event: event, Action: head.Action, Body: body}, at: s.now(),
	}, nil
}

// flush sends what is in the outbox, unless deliveries are held back.
func (s *Server) flush() {
	s.mu.Lock()
	if s.held {
		s.mu.Unlock()
		return
	}
	due := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	for _, d := range due {
		s.attempt(s.closing, d)
	}
}

// flushLater sends what an API request caused, without keeping its client
// waiting.
func (s *Server) flushLater() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.outbox) == 0 || s.held || s.closing.Err() != nil {
		return
	}
	s.sending++
	go func() {
		s.flush()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sending--
		s.idle.Broadcast()
	}()
}

// Settle waits until every delivery that a request of the API caused has been
// sent. What the fake's own methods cause is sent before they return.
func (s *Server) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.sending > 0 {
		s.idle.Wait()
	}
}

// attempt sends one delivery once and logs what came back.
func (s *Server) attempt(ctx context.Context, d *delivery) {
	s.mu.Lock()
	address, secret := s.webhook, s.options.WebhookSecret
	if address == "" {
		d.Status = "no address is set"
		s.sent = append(s.sent, d)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, deliveryDeadline)
	defer cancel()
	code, status, header, body := s.post(ctx, address, secret, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Sent, d.StatusCode, d.Status, d.Response, d.answered = true, code, status, body, header
	d.Duration = time.Since(began)
	s.sent = append(s.sent, d)
}

func (s *Server) post(ctx context.Context, address, secret string, d *delivery) (int, string, http.Header, string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(d.Body))
	if err != nil {
		return http.StatusBadGateway, "invalid url", nil, ""
	}
	h := request.Header
	h.Set("Accept", "*/*")
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/fake")
	h.Set("X-GitHub-Delivery", d.GUID)
	h.Set("X-GitHub-Event", d.Event)
	h.Set("X-GitHub-Hook-ID", "1")
	h.Set("X-GitHub-Hook-Installation-Target-ID", strconv.FormatInt(s.options.AppID, 10))
	h.Set("X-GitHub-Hook-Installation-Target-Type", "integration")
	if secret != "" {
		h.Set("X-Hub-Signature", signSHA1(secret, d.Body))
		h.Set("X-Hub-Signature-256", Sign(secret, d.Body))
	}
	d.header = h.Clone()
	response, err := s.client.Do(request)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "timed out", nil, ""
	case err != nil:
		return http.StatusBadGateway, "failed to connect to host", nil, ""
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, responseMax))
	if cerr := response.Body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return http.StatusBadGateway, "failed to read the answer", response.Header, ""
	}
	status := "OK"
	if response.StatusCode < 200 || response.StatusCode > 299 {
		status = "Invalid HTTP Response: " + strconv.Itoa(response.StatusCode)
	}
	return response.StatusCode, status, response.Header, string(body)
}

// Deliver sends an event at once, subscribed or not, and returns the receiver's
// status. A payload that is []byte is sent as it is. The error tells that nobody
// answered within ten seconds.
func (s *Server) Deliver(ctx context.Context, event string, payload any) (status int, id string, err error) {
	s.mu.Lock()
	d, err := s.newDelivery(event, payload)
	s.mu.Unlock()
	if err != nil {
		return 0, "", err
	}
	s.attempt(ctx, d)
	return d.StatusCode, d.GUID, d.problem()
}

func (d *delivery) problem() error {
	if d.answered == nil {
		return fmt.Errorf("ghtest: delivering %s: %s", d.GUID, d.Status)
	}
	return nil
}

// Redeliver sends a delivery again under the same GUID, as its page and the API
// do.
func (s *Server) Redeliver(ctx context.Context, id string) (status int, err error) {
	s.mu.Lock()
	var again *delivery
	for _, d := range s.sent {
		if d.GUID == id {
			again = s.repeat(d)
		}
	}
	s.mu.Unlock()
	if again == nil {
		return 0, fmt.Errorf("ghtest: no delivery %q", id)
	}
	s.attempt(ctx, again)
	return again.StatusCode, again.problem()
}

// repeat copies a delivery for another attempt.
func (s *Server) repeat(d *delivery) *delivery {
	return &delivery{
		Delivery: Delivery{
			ID: s.ids.next(), GUID: d.GUID, Event: d.Event, Action: d.Action, Body: d.Body, Redelivery: true,
		},
		installation: d.installation, repository: d.repository, at: s.now(),
	}
}

// Deliveries is the log, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Delivery
	for _, d := range s.sent {
		list = append(list, d.Delivery)
	}
	return list
}

// SetWebhook changes where deliveries go; an empty address sends none.
func (s *Server) SetWebhook(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = address
}

// Hold keeps deliveries back until Release.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = true
}

// Held lists the deliveries kept back, in the order they arose.
func (s *Server) Held() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Delivery
	for _, d := range s.outbox {
		list = append(list, d.Delivery)
	}
	return list
}

// Release sends held deliveries in the order given; one named twice is sent twice,
// one not named is lost. Without names all are sent in their order. Deliveries are
// no longer held afterwards.
func (s *Server) Release(ctx context.Context, ids ...string) {
	s.mu.Lock()
	held := s.outbox
	s.outbox, s.held = nil, false
	order := held
	if len(ids) > 0 {
		order = nil
		for _, id := range ids {
			if i := slices.IndexFunc(held, func(d *delivery) bool { return d.GUID == id }); i >= 0 {
				once := *held[i]
				order = append(order, &once)
			}
		}
	}
	s.mu.Unlock()
	for _, d := range order {
		s.attempt(ctx, d)
	}
}
