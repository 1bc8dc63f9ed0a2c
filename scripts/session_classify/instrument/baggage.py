"""The keys that the RUM browser SDK sends as baggage, and the values that are accepted."""

from collections.abc import Callable

SESSION, USER, ACCOUNT = "session.id", "user.id", "account.id"
KEYS = (SESSION, USER, ACCOUNT)
"""The allow-list: no other baggage reaches a span.

Source: `references/sources/spans.md#rum-baggage`.
"""
_LONGEST = 200
"""Characters of a value; a longer one is no id."""


def accepted(read: Callable[[str], object]) -> dict[str, str]:
    """Return the ids by key, of what `read` returns for each key.

    The browser writes them: an empty, long or unprintable value is left out.
    """
    found = ((key, read(key)) for key in KEYS)
    return {key: value for key, value in found if isinstance(value, str) and _is_id(value)}


def _is_id(value: str) -> bool:
    return 0 < len(value) <= _LONGEST and value.isprintable()
