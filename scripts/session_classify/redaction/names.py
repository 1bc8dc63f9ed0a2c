"""Secrets recognized by their name: `password=`, `DD-API-KEY:`, `Authorization:`.

The name precedes the secret in any notation: JSON at any depth of escaping, a header, an
environment variable, a query, a pair of name and value.
"""

from session_classify.redaction.format import Format

_GAP = rb"(?:\\+[nrt]|\W){1,8}+(?:(?:is|value)(?:\\+[nrt]|\W){1,8}+)?+"
"""What may be between a name and a secret without a format of its own."""
_QUOTE = rb"(?:\\{0,8}[\"'`])?+"
_QUOTED = rb"\\{0,8}\"[^\"\\]{0,60}\\{0,8}\""
_SET = (
    # `=`, `": "`, `=> `
    rb"%b(?:\s{0,3}(?:=>|:?=|[:>])\s{0,3}"
    # `", "` of a pair, which ends after its second part
    rb"|(?<=[\"'`]),\s{0,3}(?=\\{0,8}[\"'`][^\"'`\\]{0,4096}\\{0,8}[\"'`]\s{0,3}[\])])"
    # `", "value": "`, with other fields in between, and the same in YAML and XML
    rb"|(?<=\"),\s{0,3}(?:%b\s{0,3}:\s{0,3}(?:%b|[\w.-]{1,20}),\s{0,3}){0,3}?(?=\\{0,8}\"value)"
    rb"|(?:\s|\\+[nrt]){1,30}+(?=value))%b"
    rb"(?:value%b\s{0,3}[:=]\s{0,3}%b)?+" % (_QUOTE, _QUOTED, _QUOTED, _QUOTE, _QUOTE, _QUOTE)
)
"""What assigns a value to a name."""
_CODE = rb"(?:self|this|cls|settings|config|os|env|process|args|kwargs|options|request|req)\b"
_REAL = (
    rb"(?![$%%*<{(\[]|(?i:your|my[-_]|example|redacted|masked|x{3})|%b|[A-Za-z_]\w{0,40}[(\[])"
    % (_CODE)
)
"""Excludes placeholders and program expressions."""
_WITH_DIGIT = rb"(?=[^\s\"'`\\]{0,64}\d)"
_WITH_LETTER = rb"(?=[^\s\"'`\\]{0,64}[A-Za-z])"
_NO_WORD = rb"(?=[^\s\"'`\\]{0,64}(?:\d|[a-z][A-Z]))"
"""A digit, or an inner capital letter: not a word of a language."""
_RANDOM = _REAL + _WITH_DIGIT + _WITH_LETTER
_SCHEMES = (
    b"bearer|basic|token|bot|api-?key|key|digest|negotiate|ntlm|oauth|dpop|jwt|hawk|ssws|splunk"
    b"|geniekey|aws4-hmac-sha256|[a-z]{1,20}-api-key"
)
_PAIR = rb"[\w!#$%&*+.^|~-]{1,100}=[^\s;,\"'`\\<>]*+"


def _ending(last: bytes, before: str, *, bare: bool = False) -> bytes:
    """Return a pattern for the end of a name: `key` of `api_key`, `api-key` and `apikey`.

    `bare` also accepts the last word alone. The pattern begins with a fixed text, because searching
    for one is many times faster.
    """
    behind = [rb"(?<=%b[-_ .]%b)|(?<=%b%b)" % (w, last, w, last) for w in before.encode().split()]
    if bare:
        behind.append(rb"(?<![\w.<-]%b)" % last)
    return rb"%b(?:%b)" % (last, b"|".join(behind))


NAMED = (
    Format(
        "Datadog Key",
        "docs.datadoghq.com/account_management/api-app-keys",
        (b"key",),
        rb"[0-9a-fA-F]{32}(?:[0-9a-fA-F]{8})?(?!\w)",
        _ending(b"key", "api app application datadog") + _GAP,
    ),
    Format(
        "AWS Secret Key",
        "docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        (b"secret",),
        rb"[0-9a-zA-Z/+]{40}(?![0-9a-zA-Z/+=])",
        rb"secret[-_ ]?(?:access[-_ ]?)?key" + _GAP,
    ),
    Format(
        "Vault Token (legacy)",
        "developer.hashicorp.com/vault/docs/concepts/tokens",
        (b"vault",),
        rb"[sbr]\.[A-Za-z0-9]{24,}",
        rb"vault[\w-]{0,20}" + _GAP,
    ),
    # A scheme and credentials, or credentials alone: payments have an "authorization", too.
    Format(
        "Authorization Header",
        "RFC 9110, 11.6.2 and 11.7.1; RFC 7617; RFC 6750",
        (b"authorization",),
        rb"(?:(?i:%b) {1,3}|(?=[\w+/=.~:|-]{20}))" % _SCHEMES
        + _REAL
        + _NO_WORD
        + rb"([\w+/=.~:|-]{8,}+)",
        rb"authorization" + _SET,
    ),
    Format(
        "Bearer Token",
        "RFC 6750",
        (b"bearer ",),
        _RANDOM + rb"[\w+/=.~-]{20,}+",
        rb"bearer(?<![a-z0-9]bearer) {1,3}",
    ),
    Format(
        "Cookie",
        "RFC 6265, 4.1 and 4.2",
        (b"cookie",),
        rb"(?=[^\"'`\\\r\n<>]{12})%b(?:;\s{0,3}%b)*+" % (_PAIR, _PAIR),
        rb"cookie" + _SET,
    ),
    Format(
        "Session Cookie",
        "php.net, session.name; Jakarta Servlet, 7.1.1; learn.microsoft.com, SessionStateSection; "
        "expressjs.com, express-session",
        (b"phpsessid=", b"jsessionid=", b"_sessionid=", b"connect.sid=", b"dogweb="),
        rb"[^\s;,\"'`\\<>&]{16,}+",
        rb"(?:phpsessid|jsessionid|asp\.net_sessionid|connect\.sid|dogweb)=",
    ),
    Format(
        "npm Password",
        "docs.npmjs.com/cli/configuring-npm/npmrc, auth related configuration",
        (b"_auth", b"_password"),
        _REAL + rb"[\w+/=.-]{8,}+",
        rb"(?:_authtoken|:_auth|:_password) ?= ?[\"']?",
    ),
    Format(
        "API Key",
        "gitleaks: generic-api-key",
        (b"key",),
        _RANDOM + rb"[\w+/=.~:|-]{16,}+",
        _ending(
            b"key",
            "api app application access secret subscription consumer auth private signing "
            "encryption master functions license account webhook",
        )
        + _SET,
    ),
    Format(
        "Access Token",
        "gitleaks: generic-api-key",
        (b"token",),
        _RANDOM + rb"[\w+/=.~:|-]{16,}+",
        _ending(
            b"token",
            "access refresh id auth oauth api bearer session private personal secret security "
            "vault github gitlab slack npm hf bot jwt csrf xsrf deploy admin service account "
            "management webhook registry job figma",
            bare=True,
        )
        + _SET,
    ),
    Format(
        "Client Secret",
        "gitleaks: generic-api-key",
        (b"secret",),
        _RANDOM + rb"[^\s\"'`\\<>,;&]{8,}+",
        _ending(
            b"secret",
            "client app application api shared webhook signing jwt consumer oauth session auth "
            "hmac",
            bare=True,
        )
        + _SET,
    ),
    Format(
        "Password",
        "gitleaks: generic-api-key and hashicorp-tf-password",
        (b"passw", b"passphrase", b"pwd", b"_pass", b"-pass"),
        rb"(?![/~.])%b(?=[^\s\"'`\\]{0,64}(?:\d|[a-z][A-Z]|[@#^*=~$]))"
        rb"(?:(?<=[\"'`])[^\r\n\"'`\\<>]{6,}+|(?<![\"'`])[^\s\"'`\\<>,;&]{6,}+)" % _REAL,
        rb"pass(?:w(?:or)?d|phrase|(?<=[-_]pass))%b|pwd%b" % (_SET, _SET),
    ),
    Format(
        "Command Line Secret",
        "gitleaks: generic-api-key",
        (b"--",),
        _RANDOM + rb"[^\s\"'`\\<>]{6,}+",
        rb"--(?:[a-z]{1,12}-){0,3}(?:password|passphrase|token|secret|(?:api|access)-key)"
        rb" {1,3}[\"']?",
    ),
    Format(
        "curl Credentials",
        "curl.se/docs/manpage.html, --user",
        (b"curl ",),
        rb"[\w.@+-]{1,64}:(?!\d{1,5}(?!\S))" + _REAL + rb"([^\s\"'`\\<>]{3,}+)",
        rb"curl [^\r\n]{0,200}?(?:-u|--user|--proxy-user)[ =][\"']?",
    ),
    Format(
        "netrc Password",
        "everything.curl.dev/usingcurl/netrc.html",
        (b"login ",),
        _REAL + rb"[^\s\"'`\\<>]{3,}+",
        rb"login \S{1,100}(?:\s|\\+n){1,4}+password ",
    ),
)
"""The more specific one comes first: of two that match the same text, it names the kind."""
