"""The keys that the RUM browser SDK sends as baggage, and the values that are accepted."""

from collections.abc import Callable
from urllib.parse import unquote

SESSION, USER, ACCOUNT = "session.id", "user.id", "account.id"
KEYS = (SESSION, USER, ACCOUNT)
"""The allow-list: no other baggage reaches a span.

Source: `references/sources/spans.md#rum-baggage`.
"""
_LONGEST = 200
"""Characters of a value; a longer one is no id."""
_MALFORMED = "surrogateescape"
"""Bytes that are no UTF-8 become characters that cannot be printed."""


def of_header(header: str) -> dict[str, str]:
    """Return the ids by key of a `baggage` header; a malformed one has none.

    The tracer reads it only where its propagation styles name baggage, so it is read here.
    """
    members = [member.partition(";")[0] for member in header.split(",") if member.strip()]
    if not all("=" in member for member in members):
        return {}
    pairs = (member.partition("=") for member in members)
    found = {key.strip(): unquote(value.strip(), errors=_MALFORMED) for key, _, value in pairs}
    return accepted(found.get)


def accepted(read: Callable[[str], object]) -> dict[str, str]:
    """Return the ids by key, of what `read` returns for each key.

    The browser writes them: an empty, long or unprintable value is left out.
    """
    found = ((key, read(key)) for key in KEYS)
    return {key: value for key, value in found if isinstance(value, str) and _is_id(value)}


def _is_id(value: str) -> bool:
    return 0 < len(value) <= _LONGEST and value.isprintable()
