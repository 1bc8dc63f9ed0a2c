"""Quote values in search queries, so that no value widens a query."""

from session_classify.lazy import lazy_pattern

_PLAIN = lazy_pattern(r"[A-Za-z0-9_](?:[A-Za-z0-9_.@-]*[A-Za-z0-9_])?")
_OPERATORS = frozenset({"AND", "OR", "NOT", "IN", "TO"})


def quoted(value: str) -> str:
    """Return a value as one word of a query, in quotes where necessary.

    Handles are typed by users: a blank, quote, wildcard or operator must not match other users'
    rows. Inside quotation marks only the quotation mark and the backslash are special. Control
    characters, which command lines do not accept, are replaced by a character that no handle has;
    removing them could turn one handle into another.
    """
    if _PLAIN.fullmatch(value) and value.upper() not in _OPERATORS:
        return value
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
