package secrets

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRandomKeysAreReal makes keys the way Django, AWS and everybody else
// make them. Hardly one may look like a placeholder by chance: each would be a
// leak that nobody hears of.
func TestRandomKeysAreReal(t *testing.T) {
	const each = 5000
	for _, c := range []struct {
		shape string
		name  string
		class nameClass
	}{
		{"django", "SECRET_KEY", classDjangoKey},
		{"django-insecure", "SECRET_KEY", classDjangoKey},
		{"alnum24", "API_TOKEN", classSecret},
		{"alnum32", "API_TOKEN", classSecret},
		{"alnum64", "API_TOKEN", classSecret},
		{"hex32", "API_TOKEN", classSecret},
		{"hex40", "API_TOKEN", classSecret},
		{"hex64", "API_TOKEN", classSecret},
		{"fernet", "FERNET_KEY", classSecret},
		{"base64-44", "SIGNING_KEY", classSecret},
		{"aws-secret", "AWS_SECRET_ACCESS_KEY", classSecret},
		{"alnum24", "DB_PASSWORD", classPassword},
		{"django", "DB_PASSWORD", classPassword},
		{"alnum32", "SHOP_KEY", classKey},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		missed, weak := 0, 0
		for range each {
			switch judgeValue(c.name, c.class, makeValue(t, random, c.shape)) {
			case strengthNone:
				missed++
			case strengthReal:
			default:
				weak++
			}
		}
		if missed > each/1000 || weak > each/50 {
			t.Errorf("%s as %s: %d of %d missed, %d taken for weak", c.shape, c.name, missed, each, weak)
		}
	}
}

func TestJudgeValue(t *testing.T) {
	for _, c := range []struct {
		name  string
		class nameClass
		value string
		want  strength
	}{
		{"PASSWORD", classPassword, "hG7kkw2Lq", strengthReal},
		{"PASSWORD", classPassword, "Kl1ngel-Bahn", strengthReal},
		{"PASSWORD", classPassword, "p@ss/w:rd#1!z", strengthReal},
		{"PASSWORD", classPassword, "wmqz hrfk btyn ploe", strengthReal},
		{"PASSWORD", classPassword, "4815162342", strengthReal},
		{"PASSWORD", classPassword, "postgres", strengthDefault},
		{"PASSWORD", classPassword, "Password123!", strengthDefault},
		{"PASSWORD", classPassword, "123456", strengthDefault},
		{"PASSWORD", classPassword, "qwerty", strengthDefault},
		{"PASSWORD", classPassword, "sunflower", strengthWeak},
		{"PASSWORD", classPassword, "kitchen-table-lamp", strengthWeak},
		{"PASSWORD", classPassword, "mail_settings", strengthDefault},
		{"PASSWORD", classPassword, "Enter your password", strengthNone},
		{"PASSWORD", classPassword, "change-me", strengthNone},
		{"PASSWORD", classPassword, "<password>", strengthNone},
		{"PASSWORD", classPassword, "${PASSWORD}", strengthNone},
		{"PASSWORD", classPassword, "{{ vault_password }}", strengthNone},
		{"PASSWORD", classPassword, "%(password)s", strengthNone},
		{"PASSWORD", classPassword, "$DB_PASSWORD", strengthNone},
		{"PASSWORD", classPassword, "os.environ['X']", strengthNone},
		{"PASSWORD", classPassword, "get_password()", strengthNone},
		{"PASSWORD", classPassword, "/run/secrets/db", strengthNone},
		{"PASSWORD", classPassword, "xxxxxxxx", strengthNone},
		{"PASSWORD", classPassword, "********", strengthNone},
		{"PASSWORD", classPassword, "••••••••", strengthNone},
		{"PASSWORD", classPassword, "pbkdf2_sha256$870000$abc$def=", strengthNone},
		{"PASSWORD", classPassword, "$2b$12$abcdefghijklmnopqrstuv", strengthNone},
		{"PASSWORD", classPassword, "settings.shop.PASSWORD", strengthNone},
		{"DB_PASSWORD", classPassword, "db_password", strengthNone},
		{"user_password", classPassword, "password", strengthNone},
		{"SECRET_KEY", classDjangoKey, "secret", strengthDefault},
		{"SECRET_KEY", classDjangoKey, "not-secret-at-all-for-dev", strengthWeak},
		{"SECRET_KEY", classDjangoKey, "short7#k", strengthWeak},
		{"SECRET_KEY", classDjangoKey, "your-secret-key", strengthNone},
		{"TOKEN", classSecret, "access", strengthNone},
		{"TOKEN", classSecret, "shop.auth.token", strengthNone},
		{"TOKEN", classSecret, "a token with spaces 123", strengthNone},
		{"TOKEN", classSecret, "ada@shop.io", strengthNone},
		{"SHOP_KEY", classKey, "shop:product:list:v3", strengthNone},
		{"SHOP_KEY", classKey, "ce8bd2a0-1b2c-4d3e-8f90-a1b2c3d4e5f6", strengthNone},
	} {
		if got := judgeValue(c.name, c.class, c.value); got != c.want {
			t.Errorf("judgeValue(%s, %q) = %d, want %d", c.name, c.value, got, c.want)
		}
	}
}

func TestClassifyName(t *testing.T) {
	for _, c := range []struct {
		name string
		want nameClass
		kind string
	}{
		{"SECRET_KEY", classDjangoKey, kindDjangoKey},
		{"DJANGO_SECRET_KEY", classDjangoKey, kindDjangoKey},
		{"SECRET_KEY_FALLBACKS", classDjangoKey, kindDjangoKey},
		{"AWS_SECRET_KEY", classSecret, "aws-secret-access-key"},
		{"AWS_SECRET_ACCESS_KEY", classSecret, "aws-secret-access-key"},
		{"PASSWORD", classPassword, kindPassword},
		{"DB_PASSWORD", classPassword, kindDatabasePassword},
		{"DB_PASSWORD_PROD", classPassword, kindDatabasePassword},
		{"dbPassword", classPassword, kindDatabasePassword},
		{"DBPassword2", classPassword, kindDatabasePassword},
		{"PGPASSWORD", classPassword, kindDatabasePassword},
		{"EMAIL_HOST_PASSWORD", classPassword, kindMailPassword},
		{"client-secret", classSecret, kindSecret},
		{"apiKey", classSecret, kindSecret},
		{"APIKEY", classSecret, kindSecret},
		{"JWT_SIGNING_KEY", classSecret, kindSigningKey},
		{"STRIPE_SECRET_KEY", classSecret, "stripe-access-token"},
		{"SHOP_KEY", classKey, kindSecret},
		{"CACHE_KEY", classNone, ""},
		{"primary_key", classNone, ""},
		{"PASSWORD_HASHERS", classNone, ""},
		{"password_reset_url", classNone, ""},
		{"PASSWORD_MIN_LENGTH", classNone, ""},
		{"reset_password", classNone, ""},
		{"csrf_token", classNone, ""},
		{"csrfmiddlewaretoken", classNone, ""},
		{"STRIPE_PUBLISHABLE_KEY", classNone, ""},
		{"next_page_token", classNone, ""},
		{"AWS_SECRET_NAME", classNone, ""},
		{"DB_SECRET_ARN", classNone, ""},
		{"tokenizer", classNone, ""},
		{"passport", classNone, ""},
		{"bypass", classNone, ""},
		{strings.Repeat("a", maxNameBytes) + "_password", classNone, ""},
		{"", classNone, ""},
	} {
		got := classifyName(c.name)
		if got.class != c.want || got.kind != c.kind {
			t.Errorf("classifyName(%q) = %d %q, want %d %q", c.name, got.class, got.kind, c.want, c.kind)
		}
	}
}

// TestNameParts holds that the quick test lets every telling word through.
func TestNameParts(t *testing.T) {
	for _, list := range []map[string]bool{passwordWords, secretWords} {
		for w := range list {
			if !nameParts.in(w) || !nameParts.in(strings.ToUpper(w)) {
				t.Errorf("%s is not found", w)
			}
		}
	}
}
