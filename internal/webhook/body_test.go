package webhook_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/lintel-bot/lintel/internal/queue"
)

const limit = 25 << 20

// padded is a valid delivery of exactly size bytes.
func padded(size int) []byte {
	return append([]byte(payload), bytes.Repeat([]byte{' '}, size-len(payload))...)
}

func TestBodySizes(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
		code int
		word string
	}{
		{"an ordinary one", 25_000, http.StatusAccepted, "queued"},
		{"what is read at once", 1 << 20, http.StatusAccepted, "queued"},
		{"a byte more", 1<<20 + 1, http.StatusAccepted, "queued"},
		{"the largest", limit, http.StatusAccepted, "queued"},
		{"a byte too much", limit + 1, http.StatusRequestEntityTooLarge, "25 MiB"},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, chunked %t", c.name, chunked), func(t *testing.T) {
				f := newFixture(t, nil)
				body := padded(c.size)
				r := f.request(guid(1), body)
				if chunked {
					r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body)))
					r.ContentLength = -1
					r.GetBody = nil
				}
				f.want(f.do(r), c.code, c.word)
				if c.code != http.StatusAccepted {
					f.untouched()
					f.wantCounts(queue.Counts{})
				}
			})
		}
	}
}

// TestOversizedComesFirst: whatever else is wrong with it.
func TestOversizedComesFirst(t *testing.T) {
	f := newFixture(t, nil)
	r := f.request(guid(1), padded(limit+1))
	r.Header = http.Header{}
	f.want(f.do(r), http.StatusRequestEntityTooLarge, "25 MiB")
}

// TestOversizedIsNotRead: an announced size is believed.
func TestOversizedIsNotRead(t *testing.T) {
	f := newFixture(t, nil)
	resp := f.raw(fmt.Sprintf("POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", limit+1), false)
	f.want(resp, http.StatusRequestEntityTooLarge, "25 MiB")
	f.untouched()
}

// TestTruncated: the sender stops in the middle and waits for an answer.
func TestTruncated(t *testing.T) {
	body := []byte(payload)
	for name, text := range map[string]string{
		"announced": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body[:len(body)-10]),
		"chunked":   fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(body), body[:len(body)-10]),
		"no end":    fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(body), body),
		"not hex":   "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			head := "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-GitHub-Event: pull_request\r\n" +
				"X-GitHub-Delivery: " + guid(1) + "\r\nX-Hub-Signature-256: " + sign(secret, body) + "\r\n"
			f.want(f.raw(head+text, true), http.StatusBadRequest, "ended early")
			f.untouched()
			f.wantCounts(queue.Counts{})
		})
	}
}

// raw sends bytes over a connection of its own and reads one answer.
func (f *fixture) raw(text string, closeWrite bool) answer {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.server.Listener.Addr().String())
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			f.t.Error(err)
		}
	}()
	if _, err := io.WriteString(conn, text); err != nil {
		f.t.Fatal(err)
	}
	if closeWrite {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			f.t.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.read(resp)
}

// TestManyLargeBodies: they wait for one another, and all come through.
func TestManyLargeBodies(t *testing.T) {
	f := newFixture(t, nil)
	body := padded(2 << 20)
	var senders sync.WaitGroup
	for n := range 12 {
		senders.Go(func() { f.want(f.do(f.request(guid(n), body)), http.StatusAccepted, "queued") })
	}
	senders.Wait()
	f.wantCounts(queue.Counts{Queued: 1})
}

// TestSignedJunk: signed by GitHub's secret and still not a delivery.
func TestSignedJunk(t *testing.T) {
	replaced := func(old, new string) string {
		if !strings.Contains(payload, old) {
			t.Fatalf("the payload has no %s", old)
		}
		return strings.Replace(payload, old, new, 1)
	}
	const sha = "0123456789abcdef0123456789abcdef01234567"
	for name, c := range map[string]struct{ body, word string }{
		"empty":                 {"", "not a JSON object"},
		"spaces":                {" \n", "not a JSON object"},
		"not JSON":              {"payload=%7B%7D", "not a JSON object"},
		"truncated":             {payload[:len(payload)-1], "not JSON"},
		"more than one value":   {payload + "{}", "not JSON"},
		"an array":              {"[" + payload + "]", "not a JSON object"},
		"null":                  {"null", "not a JSON object"},
		"a string":              {`"{}"`, "not a JSON object"},
		"nested too deep":       {`{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", "not"},
		"empty object":          {"{}", "action is missing"},
		"action is null":        {replaced(`"synchronize"`, "null"), "action is missing"},
		"action is a number":    {replaced(`"synchronize"`, "1"), "action has the wrong type"},
		"no installation":       {replaced(`"installation":{"id":11},`, ""), "installation.id is missing"},
		"installation is zero":  {replaced(`{"id":11}`, `{"id":0}`), "installation.id is missing"},
		"installation is text":  {replaced(`{"id":11}`, `{"id":"11"}`), "installation.id has the wrong type"},
		"installation is huge":  {replaced(`{"id":11}`, `{"id":1e400}`), "wrong type"},
		"no repository":         {replaced(`"repository"`, `"depository"`), "repository.id is missing"},
		"repository below zero": {replaced(`"id":7`, `"id":-7`), "repository.id is missing"},
		"no name":               {replaced(`"full_name"`, `"half_name"`), "repository.full_name"},
		"a path for a name":     {replaced("shop/api", "../../etc"), "repository.full_name"},
		"markup in the name":    {replaced("shop/api", "shop/<b>"), "repository.full_name"},
		"NUL in the name":       {replaced("shop/api", `shop/a\u0000`), "repository.full_name"},
		"a very long name":      {replaced("shop/api", "shop/"+strings.Repeat("a", 101)), "repository.full_name"},
		"no number":             {replaced(`"number":5,`, ""), "number is missing"},
		"a fraction":            {replaced(`"number":5`, `"number":5.5`), "number has the wrong type"},
		"no pull request":       {replaced(`"pull_request":`, `"x":`), "head.sha"},
		"head too short":        {replaced(sha, sha[:39]), "head.sha"},
		"head is a branch":      {replaced(sha, "main"), "head.sha"},
		"head is an option":     {replaced(sha, "--upload-pack=touch /tmp/x"), "head.sha"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			f.want(f.do(f.request(guid(1), []byte(c.body))), http.StatusBadRequest, c.word)
			f.untouched()
			f.wantCounts(queue.Counts{})
		})
	}
}

func TestSignedWithWrongHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		change func(h http.Header)
		word   string
	}{
		"form":          {func(h http.Header) { h.Set("Content-Type", "application/x-www-form-urlencoded") }, "content type"},
		"no type":       {func(h http.Header) { h.Del("Content-Type") }, "content type"},
		"broken type":   {func(h http.Header) { h.Set("Content-Type", ";;") }, "content type"},
		"no id":         {func(h http.Header) { h.Del("X-GitHub-Delivery") }, "X-GitHub-Delivery"},
		"two ids":       {func(h http.Header) { h.Add("X-GitHub-Delivery", guid(2)) }, "X-GitHub-Delivery"},
		"a long id":     {func(h http.Header) { h.Set("X-GitHub-Delivery", strings.Repeat("a", 65)) }, "X-GitHub-Delivery"},
		"an odd id":     {func(h http.Header) { h.Set("X-GitHub-Delivery", "a b") }, "X-GitHub-Delivery"},
		"no event":      {func(h http.Header) { h.Del("X-GitHub-Event") }, "X-GitHub-Event"},
		"an odd event":  {func(h http.Header) { h.Set("X-GitHub-Event", "Pull Request") }, "X-GitHub-Event"},
		"a long event":  {func(h http.Header) { h.Set("X-GitHub-Event", strings.Repeat("a", 65)) }, "X-GitHub-Event"},
		"another event": {func(h http.Header) { h.Set("X-GitHub-Event", "ping") }, ""},
		"with charset":  {func(h http.Header) { h.Set("Content-Type", "application/json; charset=utf-8") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			r := f.request(guid(1), []byte(payload))
			c.change(r.Header)
			got := f.do(r)
			if c.word == "" {
				if got.code != http.StatusAccepted {
					t.Errorf("answered %d %s, want 202", got.code, got.Error)
				}
				return
			}
			f.want(got, http.StatusBadRequest, c.word)
			f.untouched()
		})
	}
}
