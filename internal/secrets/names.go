package secrets

import (
	"slices"
	"strings"
)

// nameClass is what a name promises about the value assigned to it.
type nameClass int

const (
	classNone nameClass = iota
	// classPassword is chosen by people: no alphabet, no length, no entropy.
	classPassword
	// classSecret is made by machines: long and random.
	classSecret
	// classKey ends in "key" without saying whose; only a value that looks
	// random makes it a secret.
	classKey
	// classDjangoKey is Django's SECRET_KEY.
	classDjangoKey
)

// maxNameBytes bounds the names that are looked at and shown.
const maxNameBytes = 80

// nameInfo is a name taken apart.
type nameInfo struct {
	class nameClass
	// kind is what the name says the secret is for, as an id of the kind table.
	kind string
	// pretend is true when the name itself says that the value is not real.
	pretend bool
}

// classifyName splits a name at underscores, dashes, dots and humps and
// judges it by its last words: DB_PASSWORD is a password, PASSWORD_HASHERS
// and password_reset_url are not.
func classifyName(name string) nameInfo {
	if len(name) == 0 || len(name) > maxNameBytes || !nameParts.in(name) {
		return nameInfo{}
	}
	words := splitName(name)
	pretend := false
	for _, w := range words {
		if vetoWords[w] {
			return nameInfo{}
		}
		pretend = pretend || pretendWords[w]
	}
	for len(words) > 1 && trailingWords[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	info := classifyWords(words)
	info.pretend = pretend
	return info
}

func classifyWords(words []string) nameInfo {
	if len(words) == 0 {
		return nameInfo{}
	}
	last := words[len(words)-1]
	before := ""
	if len(words) > 1 {
		before = words[len(words)-2]
	}
	switch {
	case isPasswordWord(last):
		return nameInfo{class: classPassword, kind: passwordKind(words)}
	case last == "secretkey" || last == "key" && before == "secret":
		return nameInfo{class: secretKeyClass(words), kind: secretKeyKind(words)}
	case last == "fallbacks" && before == "key":
		return nameInfo{class: classDjangoKey, kind: kindDjangoKey}
	case secretWords[last] || last == "key" && keyOwners[before]:
		if neutralBefore[before] && last != "secret" {
			return nameInfo{}
		}
		return nameInfo{class: classSecret, kind: secretKind(words)}
	case hasAnySuffix(last, "secret", "apikey", "accesskey", "authtoken", "accesstoken", "privatekey", "signingkey", "encryptionkey", "secretkey", "apitoken", "bottoken"):
		return nameInfo{class: classSecret, kind: secretKind(words)}
	case last == "key" && len(words) > 1 && !plainKeys[before]:
		return nameInfo{class: classKey, kind: kindSecret}
	}
	return nameInfo{}
}

// namesNoSecret reports whether a name says that its value is something else:
// an id, a URL, a path.
func namesNoSecret(name string) bool {
	words := splitName(name)
	return len(words) > 0 && vetoWords[words[len(words)-1]]
}

func isPasswordWord(w string) bool {
	return passwordWords[w] || hasAnySuffix(w, "password", "passwd", "passphrase") || len(w) > 3 && strings.HasSuffix(w, "pwd")
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, x := range suffixes {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}

// secretKeyClass tells Django's key from the secret half of a key pair, such
// as AWS_SECRET_KEY or STRIPE_SECRET_KEY.
func secretKeyClass(words []string) nameClass {
	for _, w := range words {
		switch w {
		case "secret", "key", "secretkey", "django", "app", "application", "flask", "web", "site", "old", "previous", "settings", "my", "server", "backend":
		default:
			return classSecret
		}
	}
	return classDjangoKey
}

func secretKeyKind(words []string) string {
	if secretKeyClass(words) == classDjangoKey {
		return kindDjangoKey
	}
	return secretKind(words)
}

func passwordKind(words []string) string {
	for _, w := range words {
		switch {
		case databaseWords[w] || hasAnySuffix(w, "sql", "mongodb") || strings.HasPrefix(w, "pgpass") || strings.HasPrefix(w, "dbpass") || w == "dbpwd":
			return kindDatabasePassword
		case mailWords[w]:
			return kindMailPassword
		}
	}
	return kindPassword
}

func secretKind(words []string) string {
	for _, w := range words {
		switch w {
		case "aws":
			return "aws-secret-access-key"
		case "jwt", "signing", "hmac":
			return kindSigningKey
		case "stripe":
			return "stripe-access-token"
		case "sendgrid":
			return "sendgrid-api-token"
		case "mailgun":
			if slices.Contains(words, "signing") {
				return "mailgun-signing-key"
			}
			return "mailgun-private-api-token"
		case "slack":
			return "slack-token"
		case "github", "gh":
			return "github-token"
		}
	}
	return kindSecret
}

// splitName returns the lower-case words of a name, digits at the end of a
// word removed.
func splitName(name string) []string {
	words := make([]string, 0, 6)
	start := 0
	flush := func(end int) {
		w := strings.TrimRight(strings.ToLower(name[start:end]), "0123456789")
		if w != "" {
			words = append(words, w)
		}
		start = end
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '_' || c == '-' || c == '.' || c == ' ' || c == ':' || c == '/' || c == '$':
			flush(i)
			start = i + 1
		case i > start && isUpper(c) && (isLower(name[i-1]) || isDigit(name[i-1])):
			flush(i)
		case i > start && isUpper(name[i-1]) && isLower(c) && i-1 > start:
			// The last capital of an acronym begins the next word: DBPassword.
			flush(i - 1)
		}
	}
	flush(len(name))
	return words
}

// nameParts is in every name with a class, and quickly found: most names of a
// program need not be taken apart. A test holds that the word lists agree.
var nameParts = newKeywordSet([]string{
	"pass", "pw", "contrasena", "senha", "secret", "token", "key", "cred", "pat", "salt", "pepper", "hmac", "bearer",
})

// The word lists are read only. They are data: what a word in a name means.
var (
	passwordWords = set("password", "passwd", "pwd", "pw", "pass", "passphrase", "passwort", "passcode", "motdepasse", "contrasena", "senha", "passwords")
	secretWords   = set("secret", "secrets", "token", "apikey", "tokens", "credential", "credentials", "creds", "authtoken", "accesskey", "secretkey", "privatekey", "pat", "salt", "pepper", "hmac", "bearer")
	// keyOwners make "key" a secret: API_KEY, PRIVATE_KEY.
	keyOwners = set("api", "private", "signing", "encryption", "access", "auth", "master", "license", "licence", "shared",
		"account", "service", "storage", "hmac", "jwt", "session", "fernet", "crypto", "cipher", "deploy", "webhook",
		"secret", "encrypt", "decryption", "signature", "admin", "root", "symmetric", "aes", "hash", "cookie", "client")
	// plainKeys make "key" a plain one: CACHE_KEY, primary_key.
	plainKeys = set("cache", "primary", "foreign", "sort", "partition", "object", "row", "s3", "bucket", "lookup", "dict",
		"map", "group", "order", "unique", "natural", "idempotency", "translation", "i18n", "message", "field", "config",
		"setting", "settings", "feature", "flag", "event", "routing", "redis", "lock", "rate", "session", "storage", "state",
		"query", "param", "context", "data", "json", "header", "meta", "metadata", "tag", "label", "column", "index", "item",
		"menu", "nav", "tab", "filter", "search", "section", "permission", "role", "entity", "resource", "project",
		"issue", "type", "kind", "category", "topic", "kms", "ssh", "host", "known", "hot", "arrow", "left", "right", "up",
		"down", "enter", "shift", "ctrl", "alt", "meta", "escape", "tab", "function", "site", "pub", "course", "usage",
		"block", "asset", "library", "parent", "child", "default", "external", "content", "local", "task", "job")
	// neutralBefore make a token something that is no secret: NEXT_TOKEN.
	neutralBefore = set("next", "page", "pagination", "continuation", "continue", "sync", "pad", "eos", "bos", "unk", "mask",
		"sep", "cls", "special", "lex", "lexer", "word", "end", "start", "max", "min", "num", "n", "per", "prompt",
		"completion", "total", "input", "output", "cancel", "cancellation", "design", "color", "theme", "csrf", "block")
	// vetoWords anywhere in a name mean that the value is not the secret.
	vetoWords = set("public", "publishable", "pub", "pubkey", "csrf", "xsrf", "csrfmiddlewaretoken", "hash", "hashed", "hashes", "hasher", "hashers",
		"label", "placeholder", "error", "errors", "message", "messages", "help", "text", "url", "uri", "path", "file", "filename",
		"dir", "directory", "template", "regex", "pattern", "validator", "validators", "validation", "reset", "expiry", "expires", "expire",
		"ttl", "timeout", "lifetime", "header", "headers", "prefix", "suffix", "length", "len", "count", "limit", "column", "policy", "strength",
		"endpoint", "arn", "checksum", "digest", "sha", "md5", "format", "encrypted", "sealed", "version", "title", "description", "desc",
		"button", "btn", "link", "icon", "class", "css", "selector", "xpath", "test_id", "testid", "view", "form", "widget", "input",
		"changed", "change", "forgot", "forgotten", "recovery", "confirm", "confirmation", "hint", "required", "enabled", "disabled", "visible",
		"visibility", "show", "hide", "has", "is", "use", "uses", "require", "requires", "allow", "generate", "random", "get", "set",
		"create", "delete", "update", "list", "type", "types", "scope", "scopes", "algorithm", "alg", "issuer", "audience",
		"backend", "class", "provider", "serializer", "model", "schema", "property", "attribute", "attr", "param", "parameter", "variable",
		"var", "env", "name", "names", "id", "ids", "uuid", "index", "ref", "reference", "location", "method", "mode", "status", "state",
		"rotation", "invalid", "missing", "incorrect", "wrong", "mismatch", "rule", "rules", "bits", "size", "iterations", "interval", "days", "hours", "minutes", "seconds", "date", "time", "at", "on", "sitekey", "blank")
	// trailingWords after the telling word do not change what it tells.
	trailingWords = set("prod", "production", "live", "stage", "staging", "dev", "development", "local", "default", "value", "values", "plain",
		"plaintext", "raw", "old", "new", "previous", "current", "primary", "secondary", "b64", "base", "str", "string", "a", "b", "uat", "qa", "test", "const", "literal", "in", "data", "bytes", "backup", "main", "read", "write")
	// pretendWords anywhere in a name say that the value is not a real one.
	pretendWords  = set("fake", "dummy", "mock", "mocked", "example", "sample", "bad", "test", "stub", "demo", "foo", "unsafe", "insecure", "temp")
	databaseWords = set("db", "database", "databases", "postgres", "postgresql", "pg", "mysql", "mariadb", "rds", "sql", "mongo", "mongodb",
		"mssql", "oracle", "aurora", "redis", "rabbitmq", "broker", "amqp", "elasticsearch", "opensearch", "cassandra", "clickhouse",
		"dbpassword", "pgpassword", "dbpass", "sqlalchemy", "memcached", "cockroach")
	mailWords = set("email", "smtp", "mail", "mailer", "imap", "pop", "sendgrid", "mailgun", "ses", "postmark", "mailjet", "sparkpost")
)
