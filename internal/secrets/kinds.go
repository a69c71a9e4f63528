package secrets

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// Kinds of our own. Those of provider rules keep the ids of gitleaks.
const (
	kindDjangoKey        = "django-secret-key"
	kindDatabasePassword = "database-password"
	kindMailPassword     = "email-password"
	kindPassword         = "password"
	kindSecret           = "generic-secret"
	kindSigningKey       = "signing-key"
	kindDatabaseURL      = "database-url"
	kindBrokerURL        = "broker-url"
	kindURL              = "url-credentials"
	kindPrivateKey       = "private-key"
	kindKeyStore         = "pkcs12-file"
)

// kind describes one kind of secret to a reader.
type kind struct {
	// noun is what it is, with an article: "an AWS access key".
	noun     string
	severity finding.Severity
	// rotate is the id of its rotation steps.
	rotate playbook
	// rank orders kinds by how specific they are, most specific first, when
	// several find the same value.
	rank int
}

// Ranks of kinds, most specific first.
const (
	rankProvider = iota
	rankNamed
	rankGeneric
)

// ownKinds describes the kinds that need more than their id says. It is read
// only.
var ownKinds = map[string]kind{
	kindDjangoKey:        {"a Django SECRET_KEY", finding.Critical, playDjango, rankNamed},
	kindDatabasePassword: {"a database password", finding.Critical, playDatabase, rankNamed},
	kindMailPassword:     {"an e-mail password", finding.Critical, playMail, rankNamed},
	kindPassword:         {"a password", finding.Major, playPassword, rankGeneric},
	kindSecret:           {"a secret", finding.Major, playGeneric, rankGeneric},
	kindSigningKey:       {"a signing key", finding.Critical, playSigning, rankNamed},
	kindDatabaseURL:      {"a database URL with its password", finding.Critical, playDatabase, rankNamed},
	kindBrokerURL:        {"a message broker URL with its password", finding.Critical, playDatabase, rankNamed},
	kindURL:              {"a URL with credentials", finding.Critical, playPassword, rankNamed},
	kindPrivateKey:       {"a private key", finding.Critical, playPrivateKey, rankProvider},
	"pgp-private-key":    {"a PGP private key", finding.Critical, playPrivateKey, rankProvider},
	kindKeyStore:         {"a key store", finding.Major, playPrivateKey, rankProvider},
	"sentry-dsn":         {"a Sentry DSN with its secret half", finding.Major, playSentry, rankProvider},

	"aws-access-token":                {"an AWS access key", finding.Critical, playAWS, rankProvider},
	"aws-secret-access-key":           {"an AWS secret access key", finding.Critical, playAWS, rankProvider},
	"azure-storage-key":               {"an Azure Storage account key", finding.Critical, playGeneric, rankProvider},
	"connection-string-password":      {"a password in a connection string", finding.Critical, playDatabase, rankProvider},
	"authorization-header":            {"credentials in an Authorization header", finding.Major, playGeneric, rankNamed},
	"curl-auth-header":                {"credentials on a curl command line", finding.Major, playGeneric, rankNamed},
	"curl-auth-user":                  {"a password on a curl command line", finding.Major, playPassword, rankNamed},
	"sshpass-password":                {"a password on an sshpass command line", finding.Critical, playPassword, rankProvider},
	"github-pat":                      {"a GitHub personal access token", finding.Critical, playGitHub, rankProvider},
	"github-fine-grained-pat":         {"a fine-grained GitHub token", finding.Critical, playGitHub, rankProvider},
	"github-oauth":                    {"a GitHub OAuth token", finding.Critical, playGitHub, rankProvider},
	"github-app-token":                {"a GitHub App token", finding.Critical, playGitHub, rankProvider},
	"github-refresh-token":            {"a GitHub refresh token", finding.Critical, playGitHub, rankProvider},
	"github-token":                    {"a GitHub token", finding.Major, playGitHub, rankNamed},
	"slack-token":                     {"a Slack token", finding.Major, playSlack, rankNamed},
	"slack-webhook-url":               {"a Slack webhook URL", finding.Major, playSlack, rankProvider},
	"microsoft-teams-webhook":         {"a Microsoft Teams webhook URL", finding.Major, playGeneric, rankProvider},
	"stripe-access-token":             {"a Stripe secret key", finding.Critical, playStripe, rankProvider},
	"sendgrid-api-token":              {"a SendGrid API key", finding.Critical, playMail, rankProvider},
	"mailgun-private-api-token":       {"a Mailgun API key", finding.Critical, playMail, rankProvider},
	"mailgun-signing-key":             {"a Mailgun signing key", finding.Critical, playMail, rankProvider},
	"mailchimp-api-key":               {"a Mailchimp API key", finding.Critical, playMail, rankProvider},
	"sendinblue-api-token":            {"a Brevo API key", finding.Critical, playMail, rankProvider},
	"twilio-api-key":                  {"a Twilio API key", finding.Critical, playGeneric, rankProvider},
	"jwt":                             {"a JSON Web Token", finding.Major, playJWT, rankProvider},
	"jwt-base64":                      {"a JSON Web Token in base64", finding.Major, playJWT, rankProvider},
	"gcp-api-key":                     {"a Google API key", finding.Major, playGeneric, rankProvider},
	"openai-api-key":                  {"an OpenAI API key", finding.Critical, playGeneric, rankProvider},
	"npm-access-token":                {"an npm access token", finding.Critical, playGeneric, rankProvider},
	"pypi-upload-token":               {"a PyPI upload token", finding.Critical, playGeneric, rankProvider},
	"hashicorp-tf-api-token":          {"a Terraform Cloud token", finding.Critical, playGeneric, rankProvider},
	"1password-secret-key":            {"a 1Password secret key", finding.Critical, playGeneric, rankProvider},
	"1password-service-account-token": {"a 1Password service account token", finding.Critical, playGeneric, rankProvider},
}

// acronyms are written in capitals, names of companies the way they write
// themselves. Read only.
var acronyms = map[string]string{
	"api": "API", "aws": "AWS", "gcp": "GCP", "id": "ID", "oauth": "OAuth", "pat": "personal access token", "jwt": "JWT", "url": "URL",
	"npm": "npm", "gitlab": "GitLab", "github": "GitHub", "digitalocean": "DigitalOcean", "cicd": "CI/CD", "scim": "SCIM",
	"ad": "AD", "cloudflare": "Cloudflare", "huggingface": "Hugging Face", "openai": "OpenAI", "newrelic": "New Relic", "rrt": "runner registration token",
	"ptt": "pipeline trigger token", "ca": "CA", "pypi": "PyPI", "launchdarkly": "LaunchDarkly", "hubspot": "HubSpot", "jfrog": "JFrog",
}

// lowerWords stay as they are in a title made from an id.
var lowerWords = set("access", "token", "key", "secret", "client", "api", "session", "cookie", "password", "service", "account", "signing", "upload", "deploy", "user", "app", "webhook", "refresh", "personal", "admin", "bot", "license", "runner", "cloud", "config", "legacy", "insert", "batch", "feed", "agent", "kubernetes", "incoming", "mail", "job", "routable", "authentication", "organization", "long", "short", "lived", "v2", "global", "origin", "private", "shared", "sensitive", "bearer", "identity", "reference", "database")

// kindOf describes a kind. For a provider rule without an entry the id itself
// is put into words.
func kindOf(id string, shaped bool) kind {
	if k, ok := ownKinds[id]; ok {
		return k
	}
	words := strings.Split(id, "-")
	for i, w := range words {
		switch {
		case acronyms[w] != "":
			words[i] = acronyms[w]
		case !lowerWords[w] && w != "":
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	noun := strings.Join(words, " ")
	k := kind{article(noun) + " " + noun, finding.Critical, playGeneric, rankProvider}
	if !shaped {
		k.severity = finding.Major
	}
	if strings.HasPrefix(id, "slack-") {
		k.rotate = playSlack
	}
	return k
}

func article(noun string) string {
	if strings.IndexByte("AEIOUaeio8", noun[0]) >= 0 {
		return "an"
	}
	return "a"
}

// title is one line without Markdown: "AWS access key committed".
func (k kind) title() string {
	_, what, _ := strings.Cut(k.noun, " ")
	return strings.ToUpper(what[:1]) + what[1:] + " committed"
}

// publicPrefixes are the beginnings of keys that their providers publish, so
// that people recognise what leaked. Nothing else of a value is ever shown.
var publicPrefixes = []string{
	"AKIA", "ASIA", "ABIA", "ACCA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk_live_", "sk_test_", "rk_live_", "rk_test_",
	"SG.", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xapp-", "AIza", "npm_", "pypi-", "sk-ant-", "sk-proj-", "hvs.", "dop_v1_", "shpat_", "key-", "xkeysib-", "django-insecure-", "SK", "hf_", "glrt-", "gldt-", "dapi", "sntryu_", "sntrys_", "lin_api_", "PMAK-", "pul-", "rubygems_", "dt0c01.", "NRAK-",
}

// minHidden is how many characters of a value stay unseen at least when its
// prefix is shown.
const minHidden = 12

// prefixOf returns the public prefix of a value, or nothing.
func prefixOf(value string) string {
	for _, p := range publicPrefixes {
		if strings.HasPrefix(value, p) && len(value) >= len(p)+minHidden && (len(p) > 2 || runOf(value, len(p), isHexDigit) >= 32 && p == "SK" || p != "SK" && len(p) > 2) {
			return p
		}
	}
	return ""
}
