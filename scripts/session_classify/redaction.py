"""Secrets of known formats are masked before anything is worked out, kept or printed.

The formats are those of a kept library of detectors; the few below are younger than its last
release. The library takes a tenth of a second to load, so it is loaded only for a text that holds
the fixed part of some format.
"""

import re
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

T = TypeVar("T")

_DETECTORS = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "basic_auth": "BasicAuthDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
}
"""Detectors of fixed formats; those that go by entropy or by a keyword take ids for secrets."""

_NAMED = r"\W{1,6}(?:value\W{1,6})?"
"""What stands between a key's name and the key: `=`, `": "`, or `", "value": "`."""
_OURS = {
    # Neither more nor less, and in linear time, where the library's patterns leave a signature
    # standing, take the rest of the line along, or search a long text again from every place.
    "JSON Web Token": re.compile(r"(?<![\w-])eyJ[\w-]{10,4096}\.[\w-]{4,8192}\.[\w-]{16,2048}"),
    "NPM Token": re.compile(r"npm_[A-Za-z0-9]{36}|_authToken=\s*([A-Fa-f0-9-]{36})"),
    "OpenAI Token": re.compile(
        r"sk-(?:(?:proj|svcacct|admin)-[\w-]{20,400}|[\w-]{0,100}T3BlbkFJ[A-Za-z0-9]{20,200})"
    ),
    "AWS Secret Key": re.compile(
        rf"(?i:secret_?access_?key){_NAMED}([0-9a-zA-Z/+]{{40}})(?![0-9a-zA-Z/+])"
    ),
    # Lines of base64 after the header and nothing else: a header by itself is a word of a text.
    "Private Key": re.compile(
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
        r"(?:(?:\s|\\n|\\r|\|){1,12}[A-Za-z][\w-]{2,20}: ?[\w ,.-]{1,80})*"
        r"(?:(?:\s|\\n|\\r|\|){1,12}[A-Za-z0-9+/=]{16,4096}(?![\w+/=]))+"
        r"(?:(?:\s|\\n|\\r|\|){1,12}[A-Za-z0-9+/=]{1,15}(?=\s|\\|\||-|$))?"
        r"(?:(?:\s|\\n|\\r|\|){0,12}-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    ),
    # Younger than the library's last release.
    "GitHub Token": re.compile(r"github_pat_\w{60,255}"),
    "Anthropic Key": re.compile(r"sk-ant-[\w-]{20,400}"),
    "OpenRouter Key": re.compile(r"sk-or-v1-[0-9a-f]{40,128}"),
    "Hugging Face Token": re.compile(r"(?<!\w)hf_[A-Za-z0-9]{30,128}"),
    "Groq Key": re.compile(r"(?<!\w)gsk_[A-Za-z0-9]{30,128}"),
    "Google API Key": re.compile(r"AIza[\w-]{35}"),
    "Google OAuth Token": re.compile(r"ya29\.[\w-]{30,2048}"),
    "Slack Token": re.compile(r"xapp-\d-[\w-]{20,400}"),
    "Datadog Key": re.compile(
        rf"(?i:(?:dd|datadog)[-_ ]?(?:api|app|application)[-_ ]?key){_NAMED}([0-9a-f]{{32,40}})\b"
    ),
}
_REST = re.compile(r"[A-Za-z0-9_-]{0,500}")
"""What goes on right after a token is more of it: formats grow longer than the library knows."""
# Each begins with a fixed text, which is what makes such a search fast: all of them together take a
# fifth of the time of one pattern with alternatives.
_HINTS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"A(?:[BKS]IA|CCA|3T|Iza)",
        rb"AccountKey=",
        rb"gh[pousr]_",
        rb"github_pat_",
        rb"gl[a-z]{2,5}-[\w-]{20}",
        rb"GR1348941",
        rb"eyJ[\w-]{10}",
        rb"hf_[A-Za-z0-9]{30}",
        rb"gsk_[A-Za-z0-9]{30}",
        rb"ya29\.",
        rb"_authToken",
        rb"npm_[A-Za-z0-9]{36}",
        rb"T3BlbkFJ",
        rb"sk-(?:ant|or|proj|svcacct|admin)-",
        rb"pypi-AgE",
        rb"SG\.[\w-]{22}",
        rb"xox[abposr]-",
        rb"hooks\.slack",
        rb"xapp-",
        rb"sq0csp-",
        rb"k_live_",
        rb":AA[\w-]{30}",
        rb"PRIVATE KEY",
        rb"://[^\s/:@\"]{1,128}:[^\s/:@\"]{1,256}@",
    )
)
_HINTS_IN_ANY_CASE = tuple(
    re.compile(pattern)
    for pattern in (
        rb"aws.{0,20}?(?:key|pwd|pw|pass|token)",
        rb"datadog",
        rb"secret_?access",
        rb"dd[_ -]?ap[pi][a-z]*[_ -]?key",
    )
)


def _may_hold_secrets(data: bytes) -> bool:
    """Tell in a fraction of a search whether there is anything to search for."""
    small = data.lower()
    return any(hint.search(data) for hint in _HINTS) or any(
        hint.search(small) for hint in _HINTS_IN_ANY_CASE
    )


def without_secrets(text: str) -> str:
    """Return a text with each secret of a known format replaced by its kind and a short mark.

    Equal secrets have equal marks, so that it still shows whether two places hold the same one.
    """
    if not _may_hold_secrets(text.encode("utf-8", "surrogatepass")):
        return text
    parts, at = [], 0
    for start, end, kind in sorted(_secrets(text), key=lambda found: (found[0], -found[1])):
        if start >= at:
            secret = text[start:end].encode("utf-8", "surrogatepass")
            mark = blake2b(secret, digest_size=2).hexdigest()
            parts += [text[at:start], f"<secret: {kind} {mark}>"]
            at = end
    return "".join((*parts, text[at:]))


def redacted(value: T) -> T:
    """Return a struct with the secrets in all its texts masked."""
    if not _may_hold_secrets(msgspec.json.encode(value)):
        return value
    return msgspec.convert(_masked(msgspec.to_builtins(value)), type(value))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {_masked(key): _masked_at(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def _masked_at(key: Any, value: Any) -> Any:
    """Return a value masked; some formats show only together with the name that it has."""
    if not isinstance(value, str) or not isinstance(key, str):
        return _masked(value)
    named = f"{key}: "
    found = without_secrets(named + value)
    return found.removeprefix(named) if found.startswith(named) else without_secrets(value)


def _secrets(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a secret begins and ends, and its kind."""
    known = list(_OURS.items())
    known += [(one.secret_type, pattern) for one in _detectors() for pattern in one.denylist]
    for kind, pattern in known:
        for match in pattern.finditer(text):
            # The secret is a group of its own, unless the group names a kind, such as `ghp`.
            groups = [n for n in range(1, pattern.groups + 1) if len(match[n] or "") >= _SHORTEST]
            start, end = match.span(max(groups, key=lambda n: len(match[n]), default=0))
            rest = _REST.match(text, end)
            yield start, rest.end() if rest and text[end - 1].isalnum() else end, kind


_SHORTEST = 7


@cache
def _detectors() -> "tuple[RegexBasedDetector, ...]":
    return tuple(
        getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        for module, name in _DETECTORS.items()
    )
