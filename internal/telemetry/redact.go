// Package telemetry writes logs and metrics. Everything that goes out passes
// the redaction of this package, so that a credential that slipped into an
// error text still does not reach a log.
package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// redacted stands where a credential was.
const redacted = "[redacted]"

// shapes are the credentials lintel itself handles: GitHub tokens
// (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/),
// authorization headers, passwords in URLs and PEM blocks. It is a second line
// of defence; the first is that nothing logs them.
var shapes = regexp.MustCompile(strings.Join([]string{
	`gh[pousr]_[A-Za-z0-9_.\-]{16,}`,
	`github_pat_[A-Za-z0-9_]{16,}`,
	`(?i)\b(?:bearer|basic|token)\s+[A-Za-z0-9+/_=.\-]{16,}`,
	`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`,
	`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`,
}, "|"))

var userinfo = regexp.MustCompile(`(://[^/\s:@]*:)[^/\s@]+@`)

// Redact replaces what looks like a credential in text.
func Redact(text string) string {
	text = shapes.ReplaceAllString(text, redacted)
	return userinfo.ReplaceAllString(text, "${1}"+redacted+"@")
}

// redactor is a slog.Handler that redacts the message and every attribute.
type redactor struct{ next slog.Handler }

func (r redactor) Enabled(ctx context.Context, level slog.Level) bool {
	return r.next.Enabled(ctx, level)
}

func (r redactor) Handle(ctx context.Context, rec slog.Record) error {
	clean := slog.NewRecord(rec.Time, rec.Level, Redact(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(redactAttr(a))
		return true
	})
	return r.next.Handle(ctx, clean)
}

func (r redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = redactAttr(a)
	}
	return redactor{r.next.WithAttrs(clean)}
}

func (r redactor) WithGroup(name string) slog.Handler { return redactor{r.next.WithGroup(name)} }

func redactAttr(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	switch value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Redact(value.String()))
	case slog.KindGroup:
		group := value.Group()
		clean := make([]slog.Attr, len(group))
		for i, member := range group {
			clean[i] = redactAttr(member)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(clean...)}
	case slog.KindAny:
		return slog.String(a.Key, Redact(fmt.Sprint(value.Any())))
	}
	return slog.Attr{Key: a.Key, Value: value}
}
