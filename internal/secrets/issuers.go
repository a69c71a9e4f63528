package secrets

import "strings"

// issuer is where a kind of secret is made and can be revoked.
type issuer struct {
	// ids is the beginning of the ids of its kinds.
	ids string
	// where completes "Revoke this token …".
	where string
	// page is the issuer's own documentation on it.
	page string
}

// issuers are looked through in order: of two that begin alike the longer one
// comes first. They are read only. Only pages that are known to exist are
// named.
var issuers = []issuer{
	{"1password-secret-key", "in your profile on 1Password.com", "https://support.1password.com/secret-key/"},
	{"1password-", "on 1Password.com under Developer", "https://developer.1password.com/docs/service-accounts/manage-service-accounts/"},
	{"adobe-", "in the Adobe Developer Console", ""},
	{"airtable-", "in Airtable's builder hub", "https://airtable.com/developers/web/guides/personal-access-tokens"},
	{"algolia-", "in the Algolia dashboard under API Keys", "https://www.algolia.com/doc/guides/security/api-keys/"},
	{"alibaba-", "in the Alibaba Cloud console, in the access keys of the RAM user", ""},
	{"anthropic-", "in the Claude Console under API keys", "https://support.anthropic.com/en/articles/9767949-api-key-best-practices-keeping-your-keys-safe-and-secure"},
	{"artifactory-", "in the JFrog Platform under User Management, Access Tokens", "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens"},
	{"asana-", "in Asana's developer console, in the app's OAuth settings", "https://developers.asana.com/docs/oauth"},
	{"atlassian-", "in the security settings of the Atlassian account", "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/"},
	{"aws-amazon-bedrock-", "in the console of Amazon Bedrock under API keys", "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html"},
	{"azure-ad-", "in Microsoft Entra under the app registration's certificates and secrets", "https://learn.microsoft.com/en-us/entra/identity-platform/how-to-add-credentials"},
	{"azure-storage-", "in the storage account under Access keys, by regenerating it once everything uses the other key", "https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage"},
	{"bitbucket-", "in the Bitbucket workspace under OAuth consumers", "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/"},
	{"clojars-", "on clojars.org under Deploy Tokens", ""},
	{"cloudflare-global-", "in the Cloudflare dashboard under API Tokens, by changing the Global API Key,", "https://developers.cloudflare.com/fundamentals/api/get-started/keys/"},
	{"cloudflare-origin-", "in the Cloudflare dashboard under API Tokens", "https://developers.cloudflare.com/ssl/origin-configuration/origin-ca/"},
	{"cloudflare-", "in the Cloudflare dashboard under API Tokens, by rolling it,", "https://developers.cloudflare.com/fundamentals/api/how-to/roll-token/"},
	{"codecov-", "in Codecov, in the settings of the repository", ""},
	{"cohere-", "in the Cohere dashboard under API keys", ""},
	{"confluent-", "in Confluent Cloud under API keys", ""},
	{"contentful-", "in the Contentful space under API keys", "https://www.contentful.com/developers/docs/references/authentication/"},
	{"databricks-", "in the Databricks workspace under Developer, Access tokens", "https://docs.databricks.com/aws/en/dev-tools/auth/pat"},
	{"datadog-", "in Datadog's organization settings under API keys or application keys", "https://docs.datadoghq.com/account_management/api-app-keys/"},
	{"digitalocean-", "in the DigitalOcean control panel under API", "https://docs.digitalocean.com/reference/api/create-personal-access-token/"},
	{"discord-", "in Discord's developer portal (reset it in the application's settings)", "https://discord.com/developers/docs/topics/oauth2"},
	{"doppler-", "in the Doppler dashboard", "https://docs.doppler.com/docs/service-tokens"},
	{"dropbox-", "in the Dropbox App Console", "https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke"},
	{"dynatrace-", "in Dynatrace under Access tokens", ""},
	{"easypost-", "in the EasyPost account under API keys", ""},
	{"facebook-", "in the app dashboard of Meta for Developers (reset the app secret)", "https://developers.facebook.com/docs/facebook-login/security/"},
	{"fastly-", "in the Fastly account under API tokens", "https://docs.fastly.com/en/guides/using-api-tokens"},
	{"flyio-", "with `fly tokens revoke`", "https://fly.io/docs/security/tokens/"},
	{"gcp-api-key", "in the Google Cloud console under APIs & Services, Credentials", "https://cloud.google.com/docs/authentication/api-keys"},
	{"gitlab-", "in GitLab, in the settings of the user, project or group that it belongs to", "https://docs.gitlab.com/security/token_overview/"},
	{"gocardless-", "in the GoCardless dashboard under Developers", ""},
	{"grafana-cloud-", "in the Grafana Cloud portal under Access Policies", "https://grafana.com/docs/grafana-cloud/account-management/authentication-and-permissions/access-policies/"},
	{"grafana-", "in Grafana under Administration, Service accounts", "https://grafana.com/docs/grafana/latest/administration/service-accounts/"},
	{"hashicorp-tf-", "in HCP Terraform, in the settings of the user, team or organization", "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens"},
	{"heroku-", "in the Heroku account settings (regenerate the API key) or with `heroku authorizations:revoke`", "https://devcenter.heroku.com/articles/authentication"},
	{"hubspot-", "in HubSpot, on the Auth tab of the private app", "https://developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview"},
	{"huggingface-", "in the Hugging Face settings under Access Tokens", "https://huggingface.co/docs/hub/security-tokens"},
	{"jfrog-", "in the JFrog Platform under User Management, Access Tokens", "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens"},
	{"launchdarkly-", "in LaunchDarkly's organization settings under Authorization", "https://launchdarkly.com/docs/home/account/api-reset"},
	{"linear-", "in Linear's settings under API", "https://linear.app/docs/api-and-webhooks"},
	{"linkedin-", "in LinkedIn's developer portal, on the Auth tab of the app", ""},
	{"lob-", "in the Lob dashboard under API keys", ""},
	{"mailchimp-", "in the Mailchimp account under Extras, API keys", "https://mailchimp.com/help/about-api-keys/"},
	{"mailgun-signing-", "in Mailgun, in the settings of webhooks", ""},
	{"mailgun-", "in the Mailgun account settings under API Security", "https://documentation.mailgun.com/docs/mailgun/api-reference/authentication"},
	{"mattermost-", "in Mattermost, in the profile under Security", ""},
	{"maxmind-", "in the MaxMind account under Manage license keys", ""},
	{"microsoft-teams-", "in Teams, in the connectors of the channel (remove it and add a new one)", "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook"},
	{"netlify-", "in the Netlify user settings under Applications", "https://docs.netlify.com/api/get-started/"},
	{"new-relic-", "in New Relic under API keys", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"},
	{"notion-", "in Notion, in the integration's settings (refresh it)", "https://developers.notion.com/docs/authorization"},
	{"npm-", "in the npm account under Access Tokens or with `npm token revoke`", "https://docs.npmjs.com/revoking-access-tokens"},
	{"octopus-deploy-", "in Octopus Deploy, in the profile of the user, under My API Keys", "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key"},
	{"okta-", "in the Okta admin console under Security, API, Tokens", "https://developer.okta.com/docs/guides/create-an-api-token/main/"},
	{"openai-", "in the OpenAI platform under API keys", "https://help.openai.com/en/articles/5112595-best-practices-for-api-key-safety"},
	{"perplexity-", "in the Perplexity settings under API keys", ""},
	{"plaid-api-", "with `/item/access_token/invalidate` of the Plaid API", "https://plaid.com/docs/api/items/#itemaccess_tokeninvalidate"},
	{"plaid-", "in the Plaid dashboard under Developers, Keys", ""},
	{"planetscale-", "in the PlanetScale console", ""},
	{"postman-", "in the Postman account settings under API keys", "https://learning.postman.com/docs/reference/postman-api/authentication"},
	{"prefect-", "in Prefect Cloud under API keys", ""},
	{"pulumi-", "in Pulumi Cloud under Access Tokens", "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/"},
	{"pypi-", "in the PyPI account settings under API tokens", "https://pypi.org/help/#apitoken"},
	{"rubygems-", "on RubyGems.org under API keys", "https://guides.rubygems.org/api-key-scopes/"},
	{"sendgrid-", "in SendGrid under Settings, API Keys", "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys"},
	{"sendinblue-", "in Brevo under SMTP & API", "https://help.brevo.com/hc/en-us/articles/209467485-Create-and-manage-your-API-keys"},
	{"sentry-", "in Sentry under User Auth Tokens or Organization Auth Tokens", "https://docs.sentry.io/account/auth-tokens/"},
	{"shippo-", "in the Shippo dashboard under API", ""},
	{"shopify-", "in Shopify, in the settings of the app", "https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets/rotate-revoke-client-credentials"},
	{"snyk-", "in the Snyk account settings (Revoke & Regenerate)", "https://docs.snyk.io/snyk-api/authentication-for-api/revoke-and-regenerate-a-snyk-api-token"},
	{"sonar-", "in SonarQube under My Account, Security", ""},
	{"sourcegraph-", "in the Sourcegraph user settings under Access tokens", ""},
	{"square-", "in Square's developer console, on the Credentials page of the application", "https://developer.squareup.com/docs/build-basics/access-tokens"},
	{"squarespace-", "in Squarespace under Developer API keys", ""},
	{"sumologic-", "in Sumo Logic under Access Keys", ""},
	{"telegram-", "by sending /revoke to @BotFather", "https://core.telegram.org/bots/features#botfather"},
	{"travisci-", "in the Travis CI settings", ""},
	{"twilio-", "in the Twilio console under API keys & tokens", "https://www.twilio.com/docs/iam/api-keys"},
	{"twitch-", "at Twitch's OAuth endpoint `/oauth2/revoke`", "https://dev.twitch.tv/docs/authentication/revoke-tokens/"},
	{"twitter-", "in X's developer portal, on the Keys and tokens page of the app", ""},
	{"typeform-", "in the Typeform account under Personal tokens", "https://www.typeform.com/developers/get-started/personal-access-token/"},
	{"vault-", "with `vault token revoke`", "https://developer.hashicorp.com/vault/docs/commands/token/revoke"},
	{"yandex-", "in Yandex Cloud, in the keys of the service account", ""},
	{"zendesk-", "in Zendesk's Admin Center under API tokens", ""},
}

// issuerOf returns who issues a kind of secret, or the zero value.
func issuerOf(id string) issuer {
	for _, i := range issuers {
		if strings.HasPrefix(id, i.ids) {
			return i
		}
	}
	return issuer{}
}
