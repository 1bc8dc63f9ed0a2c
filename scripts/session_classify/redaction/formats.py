"""All formats of secrets: one row each, with the document that describes it."""

import re

from session_classify.redaction.format import Format, alone
from session_classify.redaction.names import NAMED
from session_classify.redaction.tokens import TOKENS


def _token(kind: str, source: str, beginnings: str, rest: str) -> Format:
    """Return the format of a token; a prefix that may end a word must begin one."""
    hints = tuple(beginnings.encode().split())
    heads = [
        alone(hint) if len(hint) < 4 or hint[-1:].isalnum() else re.escape(hint) for hint in hints
    ]
    return Format(kind, source, hints, b"(?:%b)%b" % (b"|".join(heads), rest.encode()))


_BREAK = rb"(?:[\s|]|\\+[nr]){1,12}+"
"""The line ends of a key: a line feed, its escape, or the mark of a quoted line."""
_LINES = rb"(?:%b[A-Za-z0-9+/=]{16,}+(?![\w+/=]))++(?:%b[A-Za-z0-9+/=]{1,15}(?=[\s\\|-]|\Z))?+" % (
    _BREAK,
    _BREAK,
)
"""Lines of base64; the last one may be short."""
_SHAPES = (
    # Requires lines of base64 after the header: a header alone is not a secret.
    Format(
        "Private Key",
        "RFC 7468; RFC 9580, 6.2; openssh.com, PROTOCOL.key",
        (b"PRIVATE KEY",),
        rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        rb"(?:%b[A-Za-z][\w-]{2,20}: ?[^\r\n\\|]{1,120}+){0,8}+%b"
        rb"(?:(?:%b=[A-Za-z0-9+/]{4})?+(?:%b)?+"
        rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?+"
        % (_BREAK, _LINES, _BREAK, _BREAK),
    ),
    Format(
        "PuTTY Private Key",
        "the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html",
        (b"Private-Lines: ",),
        rb"Private-Lines: \d{1,4}(%b)" % _LINES,
    ),
    Format(
        "JWK Private Key",
        "RFC 7518, 6.2.2 and 6.3.2",
        (b'"d',),
        rb"\"d\\{0,8}\"\s{0,4}:\s{0,4}\\{0,8}\"([\w-]{40,}+)",
    ),
    Format(
        "JSON Web Token",
        "RFC 7519",
        (b"eyJ",),
        rb"eyJ(?:(?<![\w-]eyJ)|(?<=\\[nrt]eyJ))[\w-]{10,}+\.[\w-]{4,}+\.[\w-]{16,}+(?:\.[\w-]{8,}+){0,2}",
    ),
    Format(
        "OpenAI Token (legacy)",
        "trufflehog: openai",
        (b"T3BlbkFJ",),
        alone(b"sk-") + rb"[\w-]{0,100}T3BlbkFJ[A-Za-z0-9]{20,}",
    ),
    # A template such as {password} is not a secret.
    Format(
        "Basic Auth Credentials",
        "RFC 3986, 3.2.1",
        (b"://",),
        rb"://[^\s/:@\"'`<>\\{}]{0,128}:([^\s/\"'`<>\\{}]{1,256})@",
    ),
    Format(
        "URL Token",
        "docs.github.com/apps, authenticating as an installation",
        (b"://",),
        rb"://(?=[\w-]{0,40}\d)([\w-]{20,}+)@",
    ),
    Format(
        "Azure Storage Account Access Key",
        "learn.microsoft.com/azure/storage/common/storage-configure-connection-string",
        (b"AccountKey=", b"AccessKey="),
        rb"(?:Account|Access)Key=([A-Za-z0-9+/]{40,}+={0,2})",
    ),
    Format(
        "Azure Client Secret",
        "gitleaks: azure-ad-client-secret",
        (b"Q~",),
        rb"[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,}",
    ),
    Format(
        "Signed URL",
        "learn.microsoft.com/rest/api/storageservices/create-service-sas; "
        "docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html",
        (b"sig=", b"X-Amz-S", b"X-Goog-S"),
        rb"(?:[?&;]sig|X-(?:Amz|Goog)-(?:Signature|Security-Token))=([\w+/=.-]{20,}+)",
    ),
    Format(
        "Terraform Token",
        "gitleaks: hashicorp-tf-api-token",
        (b".atlasv1.",),
        rb"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}",
    ),
    Format(
        "Mailchimp Key",
        "gitleaks: mailchimp-api-key",
        (b"-us",),
        rb"(?:(?<!\w)|(?<=\\[nrt]))[0-9a-f]{32}-us\d{1,2}(?!\w)",
    ),
    Format(
        "Telegram Bot Token",
        "core.telegram.org/bots/api, authorizing your bot",
        (b":AA",),
        rb"\d{8,10}:AA[\w-]{33,}",
    ),
    Format(
        "Slack Webhook",
        "docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
        (b"hooks.slack.com/",),
        rb"hooks\.slack\.com/(?:services|workflows|triggers)/([\w+/-]{16,}+)",
    ),
    Format(
        "Discord Webhook",
        "trufflehog: discordwebhook",
        (b"/webhooks/",),
        rb"/api(?:/v\d{1,2})?/webhooks/(\d{17,20}/[\w-]{60,}+)",
    ),
    Format(
        "Teams Webhook",
        "gitleaks: microsoft-teams-webhook",
        (b".webhook.office.com/",),
        rb"\.webhook\.office\.com/webhookb2/([\w@/-]{50,}+)",
    ),
    Format(
        "Zapier Webhook",
        "trufflehog: zapierwebhook",
        (b"hooks.zapier.com/",),
        rb"hooks\.zapier\.com/hooks/catch/(\d{1,12}/\w{5,}+)",
    ),
)


FORMATS = (*_SHAPES, *(_token(*row) for row in TOKENS), *NAMED)
"""Of two formats that match the same text, the earlier one names the kind."""
