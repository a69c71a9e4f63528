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
	// rotate is the id of its rotation steps; issuer makes them tell where.
	rotate playbook
	issuer issuer
	// rank orders kinds by how specific they are, most specific first, when
	// several find the same value.
	rank int
	// chosen is true for rules that find what people choose, by its place on a
	// line: their matches are judged like any password.
	chosen bool
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
	kindDjangoKey:        {noun: "a Django SECRET_KEY", severity: finding.Critical, rotate: playDjango, rank: rankNamed},
	kindDatabasePassword: {noun: "a database password", severity: finding.Critical, rotate: playDatabase, rank: rankNamed},
	kindMailPassword:     {noun: "an e-mail password", severity: finding.Critical, rotate: playMail, rank: rankNamed},
	kindPassword:         {noun: "a password", severity: finding.Major, rotate: playPassword, rank: rankGeneric},
	kindSecret:           {noun: "a secret", severity: finding.Major, rotate: playGeneric, rank: rankGeneric},
	kindSigningKey:       {noun: "a signing key", severity: finding.Critical, rotate: playSigning, rank: rankNamed},
	kindDatabaseURL:      {noun: "a database URL with its password", severity: finding.Critical, rotate: playDatabase, rank: rankNamed},
	kindBrokerURL:        {noun: "a message broker URL with its password", severity: finding.Critical, rotate: playDatabase, rank: rankNamed},
	kindURL:              {noun: "a URL with credentials", severity: finding.Critical, rotate: playPassword, rank: rankNamed},
	kindPrivateKey:       {noun: "a private key", severity: finding.Critical, rotate: playPrivateKey, rank: rankProvider},
	"pgp-private-key":    {noun: "a PGP private key", severity: finding.Critical, rotate: playPrivateKey, rank: rankProvider},
	kindKeyStore:         {noun: "a key store", severity: finding.Major, rotate: playPrivateKey, rank: rankProvider},
	"age-secret-key":     {noun: "an age secret key", severity: finding.Critical, rotate: playPrivateKey, rank: rankProvider},
	"sentry-dsn":         {noun: "a Sentry DSN with its secret half", severity: finding.Major, rotate: playSentry, rank: rankProvider},

	"aws-access-token":                {noun: "an AWS access key", severity: finding.Critical, rotate: playAWS, rank: rankProvider},
	"aws-secret-access-key":           {noun: "an AWS secret access key", severity: finding.Critical, rotate: playAWS, rank: rankProvider},
	"azure-storage-key":               {noun: "an Azure Storage account key", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
	"connection-string-password":      {noun: "a password in a connection string", severity: finding.Critical, rotate: playDatabase, rank: rankProvider, chosen: true},
	"authorization-header":            {noun: "credentials in an Authorization header", severity: finding.Major, rotate: playHeader, rank: rankNamed},
	"curl-auth-header":                {noun: "credentials on a curl command line", severity: finding.Major, rotate: playHeader, rank: rankNamed},
	"curl-auth-user":                  {noun: "a password on a curl command line", severity: finding.Major, rotate: playPassword, rank: rankNamed, chosen: true},
	"sshpass-password":                {noun: "a password on an sshpass command line", severity: finding.Critical, rotate: playPassword, rank: rankProvider, chosen: true},
	"sql-password":                    {noun: "a password of a database user", severity: finding.Critical, rotate: playDatabase, rank: rankNamed, chosen: true},
	"mysql-password":                  {noun: "a password on a mysql command line", severity: finding.Critical, rotate: playDatabase, rank: rankNamed, chosen: true},
	"redis-password":                  {noun: "a Redis password", severity: finding.Critical, rotate: playDatabase, rank: rankNamed, chosen: true},
	"netrc-password":                  {noun: "a password in a netrc entry", severity: finding.Critical, rotate: playPassword, rank: rankNamed, chosen: true},
	"pgpass-password":                 {noun: "a PostgreSQL password", severity: finding.Critical, rotate: playDatabase, rank: rankNamed, chosen: true},
	"xml-password":                    {noun: "a password in an XML element", severity: finding.Major, rotate: playPassword, rank: rankGeneric, chosen: true},
	"nuget-config-password":           {noun: "a password in a NuGet configuration", severity: finding.Critical, rotate: playPassword, rank: rankProvider},
	"github-pat":                      {noun: "a GitHub personal access token", severity: finding.Critical, rotate: playGitHub, rank: rankProvider},
	"github-fine-grained-pat":         {noun: "a fine-grained GitHub token", severity: finding.Critical, rotate: playGitHub, rank: rankProvider},
	"github-oauth":                    {noun: "a GitHub OAuth token", severity: finding.Critical, rotate: playGitHub, rank: rankProvider},
	"github-app-token":                {noun: "a GitHub App token", severity: finding.Critical, rotate: playGitHub, rank: rankProvider},
	"github-refresh-token":            {noun: "a GitHub refresh token", severity: finding.Critical, rotate: playGitHub, rank: rankProvider},
	"github-token":                    {noun: "a GitHub token", severity: finding.Major, rotate: playGitHub, rank: rankNamed},
	"slack-token":                     {noun: "a Slack token", severity: finding.Major, rotate: playSlack, rank: rankNamed},
	"slack-webhook-url":               {noun: "a Slack webhook URL", severity: finding.Major, rotate: playSlack, rank: rankProvider},
	"microsoft-teams-webhook":         {noun: "a Microsoft Teams webhook URL", severity: finding.Major, rotate: playGeneric, rank: rankProvider},
	"stripe-access-token":             {noun: "a Stripe secret key", severity: finding.Critical, rotate: playStripe, rank: rankProvider},
	"sendgrid-api-token":              {noun: "a SendGrid API key", severity: finding.Critical, rotate: playMail, rank: rankProvider},
	"mailgun-private-api-token":       {noun: "a Mailgun API key", severity: finding.Critical, rotate: playMail, rank: rankProvider},
	"mailgun-signing-key":             {noun: "a Mailgun signing key", severity: finding.Critical, rotate: playMail, rank: rankProvider},
	"mailchimp-api-key":               {noun: "a Mailchimp API key", severity: finding.Critical, rotate: playMail, rank: rankProvider},
	"sendinblue-api-token":            {noun: "a Brevo API key", severity: finding.Critical, rotate: playMail, rank: rankProvider},
	"twilio-api-key":                  {noun: "a Twilio API key", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
	"jwt":                             {noun: "a JSON Web Token", severity: finding.Major, rotate: playJWT, rank: rankProvider},
	"jwt-base64":                      {noun: "a JSON Web Token in base64", severity: finding.Major, rotate: playJWT, rank: rankProvider},
	"gcp-api-key":                     {noun: "a Google API key", severity: finding.Major, rotate: playGeneric, rank: rankProvider},
	"openai-api-key":                  {noun: "an OpenAI API key", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
	"npm-access-token":                {noun: "an npm access token", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
	"pypi-upload-token":               {noun: "a PyPI upload token", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
	"hashicorp-tf-api-token":          {noun: "a Terraform Cloud token", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
	"1password-secret-key":            {noun: "a 1Password secret key", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
	"1password-service-account-token": {noun: "a 1Password service account token", severity: finding.Critical, rotate: playGeneric, rank: rankProvider},
}

// acronyms are written in capitals, names of companies the way they write
// themselves. Read only.
var acronyms = map[string]string{
	"api": "API", "aws": "AWS", "gcp": "GCP", "id": "ID", "oauth": "OAuth", "pat": "personal access token", "jwt": "JWT", "url": "URL",
	"npm": "npm", "gitlab": "GitLab", "github": "GitHub", "digitalocean": "DigitalOcean", "cicd": "CI/CD", "scim": "SCIM",
	"ad": "AD", "cloudflare": "Cloudflare", "huggingface": "Hugging Face", "openai": "OpenAI", "newrelic": "New Relic", "rrt": "runner registration token",
	"ptt": "pipeline trigger token", "ca": "CA", "pypi": "PyPI", "personnal": "personal", "launchdarkly": "LaunchDarkly", "hubspot": "HubSpot", "jfrog": "JFrog",
}

// lowerWords stay as they are in a title made from an id.
var lowerWords = set("access", "token", "key", "secret", "client", "api", "session", "cookie", "password", "service", "account", "signing", "upload", "deploy", "user", "app", "webhook", "refresh", "personal", "admin", "bot", "license", "runner", "cloud", "config", "legacy", "insert", "batch", "feed", "agent", "kubernetes", "incoming", "mail", "job", "routable", "authentication", "organization", "long", "short", "lived", "v2", "global", "origin", "private", "shared", "sensitive", "bearer", "identity", "reference", "database")

// kindOf describes a kind. For a provider rule without an entry the id itself
// is put into words.
func kindOf(id string, shaped bool) kind {
	if k, ok := ownKinds[id]; ok {
		k.issuer = issuerOf(id)
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
	k := kind{noun: article(noun) + " " + noun, severity: finding.Critical, rotate: playGeneric, issuer: issuerOf(id), rank: rankProvider}
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
	what := k.bare()
	return strings.ToUpper(what[:1]) + what[1:] + " committed"
}

// bare is the noun without its article.
func (k kind) bare() string {
	return strings.TrimPrefix(strings.TrimPrefix(k.noun, "a "), "an ")
}

// publicPrefixes are the beginnings of keys that their providers publish, so
// that people recognise what leaked. Nothing else of a value is ever shown.
var publicPrefixes = []string{
	"AKIA", "ASIA", "ABIA", "ACCA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk_live_", "sk_test_", "rk_live_", "rk_test_",
	"SG.", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xapp-", "AIza", "npm_", "pypi-", "sk-ant-", "sk-proj-", "hvs.", "dop_v1_", "shpat_", "key-", "xkeysib-", "django-insecure-", "SK", "hf_", "glrt-", "gldt-", "dapi", "sntryu_", "sntrys_", "lin_api_", "PMAK-", "pul-", "rubygems_", "dt0c01.", "NRAK-", "NRII-", "ATATT3", "AQVN", "dnkey-",
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
