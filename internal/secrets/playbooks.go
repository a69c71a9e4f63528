package secrets

import (
	"cmp"
	"fmt"
	"slices"
)

// playbook names the steps to take after a kind of secret leaked.
type playbook int

const (
	playGeneric playbook = iota
	playDjango
	playAWS
	playDatabase
	playMail
	playPassword
	playStripe
	playGitHub
	playSlack
	playPrivateKey
	playSigning
	playJWT
	playSentry
	playHeader
)

// historyStep is last in every list: rewriting history does not unleak.
const historyStep = "Take it out of this branch's commits too (amend or rebase, then force-push): a further commit that deletes the line leaves it in the history. Once it is in the default branch and rotated, purging the history is optional."

// rotation holds the first steps of each playbook. The first one always makes
// the leaked value worthless. Read only.
var rotation = map[playbook][]string{
	playGeneric: {
		"Rotate: revoke this %s %s and create a new one.",
		"Load it from the environment or a secret manager, without a literal as default.",
	},
	playDjango: {
		"Rotate: generate a new key (`python -c \"from django.core.management.utils import get_random_secret_key as k; print(k())\"`) and deploy it. Put the old key into `SECRET_KEY_FALLBACKS` only if sessions must survive, and only for hours: while it is there, it still signs. https://docs.djangoproject.com/en/stable/ref/settings/#secret-key-fallbacks",
		"Read it from the environment or a secret manager, `SECRET_KEY = os.environ[\"SECRET_KEY\"]`, without a literal to fall back to, so that a missing key stops the start.",
	},
	playAWS: {
		"Rotate: in IAM create a second access key, deploy it, set the leaked one inactive, then delete it; look in CloudTrail for what it did meanwhile. https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
		"Use a role instead of a key: an instance profile, a task role, IRSA, or OpenID Connect from CI.",
	},
	playDatabase: {
		"Rotate: set a new password for this user (on RDS with `manage_master_user_password` or a Secrets Manager rotation, so that nobody holds it), end open sessions, and check who could reach the server.",
		"Load it from the environment or from Secrets Manager at start, for example `os.environ[\"DATABASE_URL\"]`, without a literal as default. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html",
	},
	playMail: {
		"Rotate: revoke this %s %s, create one limited to sending, and look through the log of sent mail.",
		"Load it from the environment or a secret manager.",
	},
	playStripe: {
		"Rotate: roll the key in the Stripe dashboard with immediate expiry and look through the request log. https://docs.stripe.com/keys#rolling-keys",
		"Load it from the environment or a secret manager; use a restricted key with only what this code needs.",
	},
	playGitHub: {
		"Rotate: revoke the token in the settings of GitHub that issued it and look through the audit log for what it did. https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation",
		"In workflows use the `GITHUB_TOKEN` or a GitHub App; elsewhere load a fine-grained token with an expiry from a secret manager.",
	},
	playSlack: {
		"Rotate: revoke the token or webhook in the app's settings at https://api.slack.com/apps and issue a new one. https://api.slack.com/methods/auth.revoke",
		"Load it from the environment or a secret manager.",
	},
	playPrivateKey: {
		"Rotate: create a new key pair, replace the public half everywhere it is trusted (authorized_keys, certificate, identity provider), and revoke a certificate made from it.",
		"Keep the private key in a secret manager or a file outside the repository, mounted at run time.",
	},
	playSigning: {
		"Rotate: deploy a new key, accept the old one only for verification and no longer than tokens live, then drop it. Whoever has it can sign tokens for any user.",
		"Load it from the environment or a secret manager.",
	},
	playJWT: {
		"Rotate: revoke the token at its issuer, or change the key it was signed with if it does not expire soon.",
		"Fetch tokens when they are needed, or load them from a secret manager.",
	},
	playSentry: {
		"Rotate: create a new client key in the project's settings and disable this one. https://docs.sentry.io/concepts/key-terms/dsn-explainer/",
		"Use a DSN without a secret half and load it from the environment.",
	},
	playHeader: {
		"Rotate: revoke these credentials at the service that the request goes to and create new ones.",
		"Load them from the environment or a secret manager, without a literal as default.",
	},
	playPassword: {
		"Rotate: change this password wherever it is accepted, and look through the logins since the commit.",
		"Load it from the environment or a secret manager, without a literal as default.",
	},
}

// steps returns what to do, first step first.
func (k kind) steps() []string {
	out := slices.Clone(rotation[k.rotate])
	where := k.issuer.where
	switch k.rotate {
	case playMail:
		out[0] = fmt.Sprintf(out[0], k.bare(), cmp.Or(where, "at the mail provider"))
	case playGeneric:
		out[0] = fmt.Sprintf(out[0], k.bare(), cmp.Or(where, "where it was issued"))
	}
	if k.issuer.page != "" && (k.rotate == playGeneric || k.rotate == playMail) {
		out[0] += " " + k.issuer.page
	}
	return append(out, historyStep)
}

// why is one paragraph on what goes wrong.
func (p playbook) why() string {
	switch p {
	case playDjango:
		return "Everybody who can read the repository, any of its clones or a CI log can sign session cookies, password reset links and other signed data as this site, for any user."
	case playAWS:
		return "Everybody who can read the repository can act as the owner of this key. Keys that reach a public place are used by strangers within minutes, and the account pays."
	case playDatabase:
		return "Everybody who can read the repository has direct access to the data, wherever the network lets them reach the server."
	case playMail:
		return "Everybody who can read the repository can send mail as this domain, read its lists or its traffic, and spoil its reputation."
	case playStripe:
		return "Everybody who can read the repository can read customers and payments, and make refunds and charges."
	case playGitHub:
		return "Everybody who can read the repository can act as the owner of this token, in every repository it reaches."
	case playPrivateKey:
		return "Everybody who can read the repository can pass as the owner of this key: log in, decrypt, or sign."
	case playSigning:
		return "Everybody who can read the repository can make tokens that this service accepts, for any user."
	}
	return "Everybody who can read the repository, any of its clones and forks or a CI log has this secret, and it stays in the history when the line is deleted."
}
