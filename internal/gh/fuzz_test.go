package gh

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func FuzzParseErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"message":"Validation Failed","errors":[{"resource":"R","field":"f","code":"c","value":"v"}],"documentation_url":"u"}`,
		`{"message":"Unprocessable Entity","errors":["one","two"]}`,
		`{"message":"Only 65535 characters are allowed; 66183 were supplied.","errors":"text"}`,
		`{"message":"ghs_0123456789abcdef and Bearer 0123456789abcdef0123"}`,
		`{"message":1}`, `[]`, `null`, `<html>`, "{\"message\":\"a\u202eb\\n\\u0000c\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		body, details := parseErrorBody(data)
		failure := &responseError{status: 400, message: sanitize(body.Message), details: details}
		text := failure.Error()
		if len(details) > maxDetails || utf8.RuneCountInString(text) > (maxDetails+2)*(maxMessageLength+10) {
			t.Errorf("%d details, %d bytes", len(details), len(text))
		}
		if !utf8.ValidString(text) || strings.IndexFunc(text, unicode.IsControl) >= 0 {
			t.Errorf("unprintable: %q", text)
		}
	})
}

func TestSanitizeTakesTokensOut(t *testing.T) {
	padding := strings.Repeat("0123456789abcdef", 4)
	for _, secret := range []string{
		"ghs_" + padding, "ghp_" + padding, "ghs_7_eyJhbGciOi.eyJpc3M.c2ln", "github_pat_" + padding,
		"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI3In0.c2lnbmF0dXJl", "token " + padding, "Bearer " + padding, "BEARER\t" + padding,
	} {
		if got := sanitize("before " + secret + " after"); got != "before [redacted] after" {
			t.Errorf("sanitize(%q) = %q", secret, got)
		}
		if got := sanitize(strings.Repeat("x", 4*maxMessageLength-20) + secret); strings.Contains(got, secret[len(secret)/2:]) {
			t.Errorf("a token at the cut stays: %q", got)
		}
	}
}

func FuzzRateLimit(f *testing.F) {
	f.Add(403, "90", "0", "1700000000", "secondary rate limit")
	f.Add(429, "", "", "", "")
	f.Add(403, "Fri, 31 Dec 1999 23:59:59 GMT", "0", "-1", "")
	f.Add(422, "-5", "1", "99999999999999999999", "was submitted too quickly")
	now := time.Unix(1_700_000_000, 0)
	f.Fuzz(func(t *testing.T, status int, after, remaining, reset, message string) {
		request, err := http.NewRequest(http.MethodGet, "https://api.github.com/app", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp := &http.Response{StatusCode: status, Request: request, Header: http.Header{}}
		resp.Header.Set("Retry-After", after)
		resp.Header.Set("X-RateLimit-Remaining", remaining)
		resp.Header.Set("X-RateLimit-Reset", reset)
		limit := rateLimit(resp, errorBody{Message: message}, nil, now)
		if limit == nil {
			if status == http.StatusTooManyRequests {
				t.Error("429 is always a limit")
			}
			return
		}
		if wait := limit.Until.Sub(now); wait < time.Second || wait > maxWait {
			t.Errorf("a wait of %s", wait)
		}
	})
}

func FuzzBigInt(f *testing.F) {
	f.Add(`"3000000000"`)
	f.Add(`3000000000`)
	f.Add(`null`)
	f.Add(`"1e3"`)
	f.Fuzz(func(t *testing.T, in string) {
		var b bigInt
		if json.Unmarshal([]byte(in), &b) != nil {
			return
		}
		if again, err := json.Marshal(int64(b)); err != nil || json.Unmarshal(again, new(bigInt)) != nil {
			t.Errorf("%q gives %d, which does not survive", in, b)
		}
	})
}
