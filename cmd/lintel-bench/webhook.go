package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lintel-bot/lintel/internal/store"
	"github.com/lintel-bot/lintel/internal/webhook"
)

const (
	webhookBody   = 25_000           // bytes; the size of an ordinary pull_request payload
	labelSize     = 151              // bytes of one label in a payload
	webhookPulls  = 200              // different pull requests
	webhookSecret = "benchmark"      // of a server that lives for seconds on the loopback
	webhookTime   = 5 * time.Second  // measured, for each number of connections
	webhookWarmUp = time.Second      // before it
	webhookWait   = 30 * time.Second // for one answer
)

// benchWebhook measures how many deliveries a second are answered, and how soon:
// real HTTP on the loopback, signed bodies, a SQLite database on disk that
// syncs before every answer. Sender and server share the machine.
func benchWebhook(out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "lintel-bench-")
	if err != nil {
		return fmt.Errorf("making a folder for the database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	bodies, err := signedBodies()
	if err != nil {
		return err
	}
	for _, connections := range []int{8, 32} {
		path := filepath.Join(folder, strconv.Itoa(connections)+".db")
		if err := measureWebhook(out, path, bodies, connections); err != nil {
			return err
		}
	}
	return nil
}

// signedBody is a payload and its X-Hub-Signature-256.
type signedBody struct {
	payload   []byte
	signature string
}

// signedBodies returns one delivery for each pull request, shaped like GitHub's:
// many small values rather than one long one.
func signedBodies() ([]signedBody, error) {
	var labels []map[string]any
	for range webhookBody / labelSize {
		labels = append(labels, map[string]any{
			"id": 208045946 + len(labels), "name": "a label", "color": "f29513", "default": true,
			"url": "https://api.github.example/repos/shop/api/labels/a-label", "description": nil,
		})
	}
	bodies := make([]signedBody, webhookPulls)
	for i := range bodies {
		text, err := json.Marshal(map[string]any{
			"action": "synchronize", "number": i + 1,
			"installation": map[string]any{"id": 11},
			"repository":   map[string]any{"id": 7, "full_name": "shop/api"},
			"pull_request": map[string]any{"head": map[string]any{"sha": fmt.Sprintf("%040x", i)}, "labels": labels},
		})
		if err != nil {
			return nil, fmt.Errorf("making a payload: %w", err)
		}
		mac := hmac.New(sha256.New, []byte(webhookSecret))
		mac.Write(text)
		bodies[i] = signedBody{text, "sha256=" + hex.EncodeToString(mac.Sum(nil))}
	}
	return bodies, nil
}

// measureWebhook prints one line for one number of connections.
func measureWebhook(out io.Writer, path string, bodies []signedBody, connections int) (err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var writes, transactions atomic.Int64
	s, err := store.Open(ctx, "sqlite:"+path, store.Options{Committed: func(n int, _ time.Duration) {
		writes.Add(int64(n))
		transactions.Add(1)
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	handler, err := webhook.Handler(webhook.Options{Secrets: [][]byte{[]byte(webhookSecret)}, Accept: s})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := webhook.Server("", handler)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		err = errors.Join(err, server.Close())
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
	}()
	l := &load{url: "http://" + listener.Addr().String() + "/webhook", bodies: bodies, connections: connections}
	if _, err := l.run(ctx, webhookWarmUp); err != nil {
		return err
	}
	writes.Store(0)
	transactions.Store(0)
	took, err := l.run(ctx, webhookTime)
	if err != nil {
		return err
	}
	slices.Sort(took)
	_, err = fmt.Fprintf(out, "webhook  %2d connections, %.0f KB bodies: %5.0f deliveries/s, p50 %.1f ms, p99 %.1f ms, %.1f a transaction\n",
		connections, float64(len(bodies[0].payload))/1000, float64(len(took))/webhookTime.Seconds(),
		milliseconds(percentile(took, 50)), milliseconds(percentile(took, 99)),
		float64(writes.Load())/float64(max(transactions.Load(), 1)))
	return err
}

// load sends deliveries over a number of connections, each as fast as answers
// come.
type load struct {
	url         string
	bodies      []signedBody
	connections int
	sent        atomic.Int64
}

// run sends for a while and returns how long each answer took.
func (l *load) run(ctx context.Context, during time.Duration) ([]time.Duration, error) {
	client := &http.Client{Timeout: webhookWait, Transport: &http.Transport{MaxIdleConnsPerHost: l.connections}}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	end := time.Now().Add(during)
	took := make([][]time.Duration, l.connections)
	var senders sync.WaitGroup
	for i := range took {
		senders.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				started := time.Now()
				if err := l.send(ctx, client); err != nil {
					cancel(err)
					return
				}
				took[i] = append(took[i], time.Since(started))
			}
		})
	}
	senders.Wait()
	return slices.Concat(took...), context.Cause(ctx)
}

func (l *load) send(ctx context.Context, client *http.Client) (err error) {
	n := l.sent.Add(1)
	body := l.bodies[int(n)%len(l.bodies)]
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body.payload))
	if err != nil {
		return fmt.Errorf("making a delivery: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", "pull_request")
	r.Header.Set("X-GitHub-Delivery", fmt.Sprintf("72d3162e-cc78-11e3-81ab-%012d", n))
	r.Header.Set("X-Hub-Signature-256", body.signature)
	resp, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("delivering: %w", err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("reading the answer to a delivery: %w", err)
	}
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("a delivery was answered %d: %s", resp.StatusCode, text)
	}
	return nil
}

// percentile expects at least one duration, in order.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
