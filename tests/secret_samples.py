"""A made-up secret of every format, and a text that only resembles one.

Secrets are put together here from parts, so that no file holds what a scanner takes for one.
"""

from dataclasses import dataclass

HEX = "0a1b2c3d" * 20
MIX = "a1B2c3D4" * 40
UUID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
LINES = ("MIIabc+/" * 8 + "\n") * 3


@dataclass(frozen=True)
class Sample:
    """A secret with what stands in front of it, and a near miss."""

    before: str
    secret: str
    near: str
    after: str = ""


def token(beginning: str, rest: str, near: str = "") -> Sample:
    """Return a token; nearly one is its beginning with a word after it."""
    return Sample("", beginning + rest, near or f"{beginning}of-a-token")


SAMPLES = {
    "Anthropic Key": token("sk-ant-", "api03-" + MIX[:40]),
    "OpenAI Token": token("sk-proj-", MIX[:40]),
    "OpenAI Token (legacy)": token("sk-", MIX[:20] + "T3BlbkFJ" + MIX[:20], "T3BlbkFJ is base64"),
    "OpenRouter Key": token("sk-or-v1-", HEX[:64]),
    "Langfuse Key": token("sk-lf-", UUID, f"pk-lf-{UUID}"),
    "Model Key": token("sk-", HEX[:32], f"task-{MIX[:40]}"),
    "Hugging Face Token": token("hf_", MIX[:34], f"shelf_{MIX[:34]}"),
    "Groq Key": token("gsk_", MIX[:52]),
    "xAI Key": token("xai-", MIX[:80]),
    "Replicate Token": token("r8_", MIX[:37], f"cr8_{MIX[:37]}"),
    "Perplexity Key": token("pplx-", MIX[:48]),
    "LangSmith Key": token("lsv2_pt_", HEX[:32] + "_" + HEX[:10]),
    "NVIDIA Key": token("nvapi-", MIX[:64]),
    "Pinecone Key": token("pcsk_", MIX[:5] + "_" + MIX[:63]),
    "ElevenLabs Key": token("sk_", HEX[:48], f"task_{HEX[:48]}"),
    "Datadog Token": token("ddapp_", MIX[:34], "ddapp_settings_of_the_page"),
    "Datadog Client Token": token("pub", HEX[:32], f"epub{HEX[:32]}"),
    "Datadog Key": Sample("DD-API-KEY: ", HEX[:32], f"trace_id: {HEX[:32]}"),
    "AWS Access Key": token("AKIA", "Q7" * 8, f"MAKIA{'Q7' * 8}"),
    "AWS Bedrock Key": token("ABSK", MIX[:120]),
    "AWS Bedrock Key (short-lived)": token("bedrock-api-key-", MIX[:60]),
    "AWS Secret Key": Sample("SecretAccessKey: ", "a1B/" * 10, f"secret_access_key_id: {HEX[:40]}"),
    "Google API Key": token("AIza", MIX[:35]),
    "Google OAuth Token": token("ya29.", MIX[:60]),
    "Google OAuth Secret": token("GOCSPX-", MIX[:28]),
    "Google Refresh Token": token("1//", MIX[:60], "1//2 is a floor division"),
    "DigitalOcean Token": token("dop_v1_", HEX[:64]),
    "Alibaba Access Key": token("LTAI", MIX[:20], f"VOLTAI{MIX[:20]}"),
    "Cloudflare Token": token("cfut_", MIX[:48]),
    "Cloudflare Origin Key": token("v1.0-", HEX[:24] + "-" + HEX[:146], "v1.0-0a1b2c3d"),
    "Fly Token": token("fm2_", MIX[:120]),
    "Heroku Key": token("HRKU-", "AA" + MIX[:58]),
    "Netlify Token": token("nfp_", MIX[:36]),
    "Supabase Secret Key": token("sb_secret_", MIX[:31], f"sb_publishable_{MIX[:31]}"),
    "Supabase Token": token("sbp_", HEX[:40]),
    "PlanetScale Token": token("pscale_tkn_", MIX[:43]),
    "Terraform Token": token(MIX[:14], ".atlasv1." + MIX[:64], "terraform.atlasv1.example"),
    "Vault Token": token("hvs.", MIX[:24], "hvs.example.com/secret/data"),
    "Vault Token (legacy)": Sample("VAULT_TOKEN=", "s." + MIX[:24], f"s.{MIX[:24]}"),
    "Doppler Token": token("dp.pt.", MIX[:43]),
    "Doppler Service Token": token("dp.st.", "prd." + MIX[:43]),
    "1Password Token": token("ops_eyJ", MIX[:250]),
    "1Password Secret Key": token("A3-", "Q7Q7Q7-Q7Q7Q7-Q7Q7Q-7Q7Q7-Q7Q7Q-7Q7Q7", "A3-SIZE paper"),
    "Databricks Token": token("dapi", HEX[:32], f"dapi_{HEX[:32]}"),
    "OpenShift Token": token("sha256~", MIX[:43], f"sha256:{HEX[:64]}"),
    "Tailscale Key": token("tskey-", "auth-" + MIX[:30]),
    "Age Secret Key": token("AGE-SECRET-KEY-1", "Q7" * 29),
    "GitHub Token": token("ghp_", MIX[:36]),
    "GitLab Token": token("glpat-", MIX[:27] + ".01.0w1234567", "glpat-is-a-prefix"),
    "NPM Token": token("npm_", MIX[:36], "npm_config_registry_of_the_project"),
    "PyPI Token": token("pypi-AgE", "IcHlwaS5vcmc" + MIX[:80]),
    "RubyGems Key": token("rubygems_", HEX[:48]),
    "Docker Token": token("dckr_pat_", MIX[:27]),
    "CircleCI Token": token("CCIPAT_", MIX[:22] + "_" + HEX[:40]),
    "JFrog Key": token("AKCp", MIX[:69]),
    "Postman Key": token("PMAK-", HEX[:24] + "-" + HEX[:34]),
    "Pulumi Token": token("pul-", HEX[:40]),
    "Prefect Key": token("pnu_", MIX[:36]),
    "Figma Token": token("figd_", MIX[:40]),
    "Sourcegraph Token": token("sgp_", "local_" + HEX[:40]),
    "Linear Key": token("lin_api_", MIX[:40]),
    "Notion Token": token("ntn_", "1" * 11 + MIX[:35], f"secret_{MIX[:20]}"),
    "Atlassian Token": token("ATATT3", MIX[:180] + "=A1B2C3D4"),
    "Airtable Token": token("pat", MIX[:14] + "." + HEX[:64], f"compat{MIX[:14]}.{HEX[:64]}"),
    "Contentful Token": token("CFPAT-", MIX[:43]),
    "Typeform Token": token("tfp_", MIX[:59]),
    "ReadMe Key": token("rdme_", HEX[:70]),
    "Octopus Deploy Key": token("API-", "Q7" * 13, "API-GATEWAY"),
    "Grafana Token": token("glsa_", MIX[:32] + "_" + HEX[:8]),
    "Grafana Cloud Token": token("glc_", MIX[:60]),
    "New Relic Key": token("NRAK-", "Q7" * 13 + "Q"),
    "Sentry Organization Token": token("sntrys_", "eyJpYXQiO" + MIX[:90]),
    "Sentry Token": token("sntryu_", HEX[:64]),
    "Dynatrace Token": token("dt0c01.", MIX[:24] + "." + MIX[:64]),
    "PostHog Key": token("phx_", MIX[:43], f"phc_{MIX[:43]}"),
    "Slack Token": token("xoxb-", "123456789012-123456789012-" + MIX[:24], "xoxb-your-bot-token"),
    "Slack Webhook": Sample(
        "https://hooks.slack.com/services/",
        "T0A1B2C3D/B0A1B2C3D/" + MIX[:24],
        "https://hooks.slack.com/services/T/B/C",
    ),
    "Discord Webhook": Sample(
        "https://discord.com/api/webhooks/",
        "1" * 18 + "/" + MIX[:68],
        "/api/webhooks/42/deliveries",
    ),
    "Teams Webhook": Sample(
        "https://example.webhook.office.com/webhookb2/",
        f"{UUID}@{UUID}/IncomingWebhook/{HEX[:32]}/{UUID}",
        "https://example.webhook.office.com/webhookb2/help",
    ),
    "Zapier Webhook": Sample(
        "https://hooks.zapier.com/hooks/catch/", "123456/a1b2c3d", "hooks.zapier.com/hooks/catch/"
    ),
    "Twilio Key": token("SK", HEX[:32], f"AC{HEX[:32]}"),
    "SendGrid API Key": token("SG.", MIX[:22] + "." + MIX[:43], "SG.example.com"),
    "Mailgun Key": token("key-", HEX[:32], f"key-{HEX[:40]}"),
    "Mailchimp Key": token(HEX[:32], "-us12", f"{HEX[:32]}-usage"),
    "Brevo Key": token("xkeysib-", HEX[:64] + "-" + MIX[:16]),
    "HubSpot Token": token("pat-na1-", UUID),
    "Stripe Access Key": token("sk_test_", MIX[:24], "sk_test_mode_is_on"),
    "Stripe Webhook Secret": token("whsec_", MIX[:32]),
    "Square OAuth Secret": token("sq0csp-", MIX[:43]),
    "Square Access Token": token("EAAA", MIX[:60], f"iEAAA{MIX[:60]}"),
    "Facebook Token": token("EAAC", MIX[:160]),
    "Plaid Token": token("access-sandbox-", UUID),
    "Shopify Token": token("shpat_", HEX[:32]),
    "Shippo Token": token("shippo_live_", HEX[:40]),
    "EasyPost Key": token("EZAK", MIX[:54]),
    "Duffel Token": token("duffel_test_", MIX[:43]),
    "Dropbox Token": token("sl.", MIX[:135], f"xsl.{MIX[:135]}"),
    "Flutterwave Key": token("FLWSECK_TEST-", HEX[:32] + "-X"),
    "Clojars Token": token("CLOJARS_", MIX[:60]),
    "Adobe Secret": token("p8e-", MIX[:32]),
    "Telegram Bot Token": token("123456789:AA", MIX[:33], "1:23:AA battery"),
    "Azure Client Secret": token("abc", "1Q~" + MIX[:34], "the Q~ operator"),
    "Azure Storage Account Access Key": Sample("AccountKey=", "aB3+" * 21 + "aA==", "AccountKey=x"),
    "Signed URL": Sample("https://x.example/c?sv=2022&sig=", MIX[:43] + "=", "?sig=small&x=1"),
    "Private Key": Sample(
        "",
        f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{LINES}ab+=\n"
        "-----END RSA PRIVATE KEY-----",
        "the -----BEGIN PRIVATE KEY----- line",
    ),
    "PuTTY Private Key": Sample(
        "Private-Lines: 4", f"\n{LINES}", "Private-Lines: 4 of them", "Private-MAC: x"
    ),
    "JWK Private Key": Sample('{"kty":"EC","d":"', MIX[:43], '{"d":"short"}', '"}'),
    "JSON Web Token": token(
        "eyJ", f"{MIX[:30]}.eyJ{MIX[:30]}.{MIX[:43]}", "eyJhbGciOiJI.html is one"
    ),
    "Basic Auth Credentials": Sample(
        "postgres://ana:", "correct:h0rse@battery", "https://example.com:8080/path@home", "@db/x"
    ),
    "URL Token": Sample("https://", MIX[:32], "ssh://a-rather-long-user-name@host", "@example.com"),
    "Authorization Header": Sample(
        "Proxy-Authorization: Basic ", "dXNlcjpwYXNzd29yZA==", "Authorization: Basic authentication"
    ),
    "Bearer Token": Sample("with bearer ", MIX[:30], "bearer of a-certificate-of-authenticity"),
    "Cookie": Sample("Cookie: ", "a=b; session=a1B2c3D4", "cookie: chocolate, with nuts"),
    "Session Cookie": Sample("JSESSIONID=", MIX[:32], f"session_id={UUID}"),
    "API Key": Sample("x-api-key: ", MIX[:20], f"x-idempotency-key: {UUID}"),
    "Access Token": Sample("refresh_token=", MIX[:20], f"next_token={MIX[:20]}"),
    "Client Secret": Sample("client_secret=", MIX[:12], "client_secret=self.read(1)"),
    "Password": Sample(
        '"password": "', "corr3ct horse", '"password": "Use 8 letters or more"', '"'
    ),
    "Command Line Secret": Sample(
        "run --password ", "hunter22", "run --token 4096 --secret-id a1b2c3d4"
    ),
    "curl Credentials": Sample("curl -s -u ana:", "hunter22", "curl -u 1000:1000 example.com"),
    "netrc Password": Sample("login ana password ", "hunter22", "login with a password hunter22"),
    "npm Password": Sample("//npm.example/:_authToken=", f"{UUID}", "_authToken=${NPM_TOKEN}"),
}
