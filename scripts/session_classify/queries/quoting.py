"""Values in the queries of searches: none of them widens its query."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.@-]*[A-Za-z0-9_])?")
_OPERATORS = frozenset({"AND", "OR", "NOT", "IN", "TO"})


def quoted(value: str) -> str:
    """Return a value as a query holds it: one word, or in quotes where it could be more.

    A handle is what somebody typed; neither a blank, a quote, a wildcard nor an operator in it may
    widen the query to other people's rows. Inside quotation marks only they and the backslash have
    a meaning. Controls, which no command line takes, become a character that no handle has: left
    out, they would make one handle of another.
    """
    if _PLAIN.fullmatch(value) and value.upper() not in _OPERATORS:
        return value
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
