package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// isRandom reports whether a function outside of the repository answers something
// else each time.
func isRandom(name string) bool {
	switch name {
	case "django.core.management.utils.get_random_secret_key", "django.utils.crypto.get_random_string", "os.urandom", "uuid.uuid1", "uuid.uuid4",
		"secrets.token_urlsafe", "secrets.token_hex", "secrets.token_bytes", "secrets.choice", "random.choice", "random.choices", "random.sample",
		"random.SystemRandom().choice", "random.SystemRandom().choices", "random.SystemRandom().sample", "secrets.SystemRandom().choice":
		return true
	}
	return false
}

// random returns the first value that is random, as it is called or through one
// of its methods, or nil: what is made of it is random, too.
func random(values ...*fact.Value) *fact.Value {
	for _, v := range values {
		if v == nil || v.Kind != fact.Object {
			continue
		}
		name, _, _ := strings.Cut(v.Text, "()")
		if rest, ok := strings.CutPrefix(v.Text, name+"()."); ok && strings.HasSuffix(name, "SystemRandom") {
			method, _, _ := strings.Cut(rest, "()")
			name += "()." + method
		}
		if isRandom(name) {
			return &fact.Value{Kind: fact.Object, Text: name}
		}
	}
	return nil
}
