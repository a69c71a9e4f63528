package secrets

import (
	"context"
	"net"
	"strings"
)

// urlExtractor finds URLs with a password in them, in any file: the database,
// broker and cache settings of most Django projects are such URLs.
type urlExtractor struct{}

// Bounds of the parts of a URL that are looked at.
const (
	maxSchemeBytes   = 30
	maxUserInfoBytes = 400
)

func (urlExtractor) extract(ctx context.Context, d *document) ([]candidate, error) {
	var found []candidate
	for at, n := 0, 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		i := strings.Index(d.text[at:], "://")
		if i < 0 {
			return found, nil
		}
		at += i + len("://")
		if c, ok := urlAt(d.text, at); ok {
			found = append(found, c)
		}
	}
}

// urlAt reads the user information of the URL whose authority begins at at.
func urlAt(text string, at int) (candidate, bool) {
	schemeStart := at - len("://")
	for schemeStart > 0 && at-schemeStart < maxSchemeBytes && isSchemeByte(text[schemeStart-1]) {
		schemeStart--
	}
	scheme := strings.ToLower(text[schemeStart : at-len("://")])
	if scheme == "" {
		return candidate{}, false
	}
	authority := text[at:min(len(text), at+maxUserInfoBytes)]
	end := strings.IndexAny(authority, " \t\r\n\"'`<>\\|")
	if end >= 0 {
		authority = authority[:end]
	}
	sign := userInfoEnd(scheme, authority)
	if sign < 0 {
		return candidate{}, false
	}
	colon := strings.IndexByte(authority[:sign], ':')
	user, password, start := authority[:sign], "", at
	switch {
	case colon >= 0:
		user, password, start = authority[:colon], authority[colon+1:sign], at+colon+1
	case scheme == "https" && isSentryKey(user, authority[sign+1:]):
		return candidate{}, false
	case len(user) >= 20 && characterClasses(user) >= 2 && entropy(user) >= 3.3:
		// https://TOKEN@host: the token stands where the user would.
		user, password = "", user
	}
	host := hostOf(authority[sign+1:])
	if password == "" || strings.ContainsAny(password, "[](),") && strings.ContainsAny(host, "[](){}") || host == "" {
		return candidate{}, false
	}
	c := candidate{kind: urlKind(scheme), value: password, start: start, end: start + len(password)}
	if scheme == "https" && len(password) == 32 && len(user) == 32 && runOf(password, 0, isHexDigit) == 32 && runOf(user, 0, isHexDigit) == 32 {
		c.kind, c.shaped = "sentry-dsn", true
	}
	c.strength = judgeURLPassword(user, password)
	c.local = localHost(host)
	return c, c.strength != strengthNone
}

// isSentryKey reports whether the user of a URL is the public key of a Sentry
// DSN, https://KEY@HOST/PROJECT, which only lets events in and stands in every
// page that uses it (https://docs.sentry.io/concepts/key-terms/dsn-explainer/).
func isSentryKey(user, rest string) bool {
	project := rest[strings.LastIndexByte(rest, '/')+1:]
	return len(user) == 32 && runOf(user, 0, isHexDigit) == 32 && project != rest && project != "" && isDigits(project)
}

// userInfoEnd returns the index of the @ that ends the user information: the
// last one before the path. Passwords with an unescaped / or # are common in
// database URLs, so there the last @ of all counts where none precedes them.
func userInfoEnd(scheme, authority string) int {
	stop := len(authority)
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		stop = i
	}
	sign := strings.LastIndexByte(authority[:stop], '@')
	if sign < 0 && urlKind(scheme) != kindURL && strings.IndexByte(authority[:stop], ':') > 0 {
		sign = strings.LastIndexByte(authority, '@')
	}
	return sign
}

func isSchemeByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.' }

func hostOf(s string) string {
	if strings.HasPrefix(s, "[") {
		if end := strings.IndexByte(s, ']'); end > 0 {
			return s[1:end]
		}
	}
	n := runOf(s, 0, func(c byte) bool { return isWordOrDash(c) || c == '.' || c == '$' || c == '{' || c == '}' || c == '%' })
	return strings.ToLower(s[:n])
}

func judgeURLPassword(user, password string) strength {
	if strings.EqualFold(user, password) || strings.Trim(password, "*.xX") == "" {
		return strengthDefault
	}
	switch strings.ToLower(password) {
	case "pass", "password", "pwd", "pw", "passwd", "secret", "token", "user", "key", "credentials", "x-oauth-basic", "port", "host":
		return strengthDefault
	}
	if isPlaceholder(password) || isReference(password) || strings.ContainsAny(password, "{}<>$") && !strings.Contains(password, "%") {
		return strengthNone
	}
	if len(password) < 3 || isPortLike(user, password) {
		return strengthNone
	}
	return judgePassword(password)
}

// isPortLike tells host:port@… (as in image digests) from user:password@host.
func isPortLike(user, password string) bool {
	return isDigits(password) && len(password) <= 5 && strings.Contains(user, ".")
}

func urlKind(scheme string) string {
	base, _, _ := strings.Cut(scheme, "+")
	switch base {
	case "postgres", "postgresql", "mysql", "mariadb", "mongodb", "redis", "rediss", "mssql", "oracle", "postgis", "psql",
		"cockroachdb", "clickhouse", "mysql2", "sqlserver", "elasticsearch", "timescale", "jdbc", "cassandra", "timescalegis", "pgsql":
		return kindDatabaseURL
	case "amqp", "amqps", "sqs", "kafka", "mqtt", "mqtts", "nats", "stomp", "pyamqp", "rabbitmq":
		return kindBrokerURL
	case "smtp", "smtps", "submission", "imap", "imaps", "pop", "pop3":
		return kindMailPassword
	}
	return kindURL
}

// localHost reports whether a host is this machine, a documentation domain
// (RFC 2606) or a reserved address.
func localHost(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsUnspecified()
	}
	switch host {
	case "localhost", "host", "hostname", "server", "host.docker.internal", "domain", "domain.com", "url", "address", "myhost", "somehost", "your-host", "yourhost", "hostname.com":
		return true
	}
	for _, suffix := range []string{".localhost", ".example", ".test", ".invalid", "example.com", "example.org", "example.net", ".local"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}
