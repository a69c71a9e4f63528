package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	token := "ghs_" + strings.Repeat("aB3", 12)
	pat := "github_pat_" + strings.Repeat("11A", 20)
	jwt := "eyJhbGciOiJSUzI1NiJ9." + "eyJpc3MiOiIxMjMifQ." + "c2lnbmF0dXJl"
	pem := "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\n-----END RSA " + "PRIVATE KEY-----"
	for _, tc := range []struct{ name, in, secret string }{
		{"installation token", "fetch failed for " + token, token},
		{"new style token", "ghs_" + "12345_" + jwt + " refused", jwt},
		{"personal token", "x " + pat, pat},
		{"bearer header", "Authorization: Bearer " + jwt, jwt},
		{"basic header", "Authorization: Basic eC1hY2Nlc3MtdG9rZW46c2VjcmV0", "eC1hY2Nlc3MtdG9rZW46c2VjcmV0"},
		{"token header", "Authorization: token 0123456789abcdef0123", "0123456789abcdef0123"},
		{"url password", "dial postgres://lintel:hunter2x@db/lintel", "hunter2x"},
		{"key", "bad key " + pem, "MIIEow"},
		{"cut key", "bad key " + pem[:45], "MIIEow"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Redact(tc.in)
			if strings.Contains(got, tc.secret) || !strings.Contains(got, redacted) {
				t.Errorf("Redact(%q) = %q", tc.in, got)
			}
		})
	}
	for _, plain := range []string{
		"fetching octo/shop: exit status 128",
		"https://github.com/octo/shop.git/info/refs",
		"the token is 40 characters long",
	} {
		if got := Redact(plain); got != plain {
			t.Errorf("Redact(%q) = %q, want it unchanged", plain, got)
		}
	}
}

func TestLoggerRedactsMessageAttributesGroupsAndErrors(t *testing.T) {
	token := "ghs_" + strings.Repeat("zZ9", 12)
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelDebug)
	log.With("with", token).WithGroup("outer").Info("message "+token,
		"attribute", token,
		"error", fmt.Errorf("wrapped: %w", errors.New(token)),
		slog.Group("group", "member", token),
		"number", 7)
	if got := out.String(); strings.Contains(got, token) || !strings.Contains(got, `"number":7`) ||
		strings.Count(got, redacted) != 5 {
		t.Errorf("log line: %s", got)
	}
}
