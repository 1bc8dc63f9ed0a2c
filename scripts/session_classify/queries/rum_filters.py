"""Filters of RUM queries by user and by action name; values are quoted."""

import re
from collections.abc import Sequence

from session_classify.globs import pattern_parts
from session_classify.model import Identity
from session_classify.queries.quoting import quoted

_IN_LIKE = {"*": "%", "?": "_"}
"""Wildcards of patterns and their equivalents in SQL's LIKE."""


def of_sessions(ids: Sequence[str]) -> str:
    """Return the filter for events of any of the RUM sessions."""
    if len(ids) == 1:
        return f"@session.id:{quoted(ids[0])}"
    return f"@session.id:({' OR '.join(map(quoted, ids))})"


def of_user_id(user_id: str) -> str:
    """Return the filter for events of a user by id."""
    return f"@usr.id:{quoted(user_id)}"


def of_email(email: str) -> str:
    """Return the filter for events of a user by e-mail."""
    return f"@usr.email:{quoted(email)}"


def of_user(identity: Identity) -> str:
    """Return the filter for a user's events by id or e-mail; empty where the spans have neither."""
    known = []
    if identity.usr_id:
        known.append(of_user_id(identity.usr_id))
    if identity.user_handle:
        known.append(of_email(identity.user_handle))
    return known[0] if len(known) == 1 else f"({' OR '.join(known)})" if known else ""


def where_clause(names: tuple[str, ...], noise: tuple[str, ...]) -> str:
    """Return the SQL condition on action names; `*` in a pattern is `%` of LIKE."""
    if names:
        return f" WHERE ({' OR '.join(map(_like, names))})"
    return f" WHERE {' AND '.join(f'NOT {_like(name)}' for name in noise)}" if noise else ""


def _like(pattern: str) -> str:
    parts = _parts(pattern)
    text = "".join(_IN_LIKE.get(part, part[-1:]) for part in parts).replace("'", "''")
    is_open = any(part in _IN_LIKE for part in parts)
    return f"\"@action.name\" {'LIKE' if is_open else '='} '{text}'"


def as_query(pattern: str) -> str:
    """Return a profile's pattern as a query term: its wildcards stay wildcards."""
    parts = _parts(pattern)
    if not any(part in _IN_LIKE for part in parts):
        return quoted("".join(part[-1:] for part in parts))
    return "".join(
        part if part in _IN_LIKE else re.sub(r"([^\w.@-])", r"\\\1", part[-1:]) for part in parts
    )


def _parts(pattern: str) -> list[str]:
    """Split an `fnmatch` pattern into `*`, `?` and literal characters, each prefixed with a blank.

    A set of characters becomes `?`; a set of one character, which escapes it, becomes that
    character.
    """
    found = []
    for part in pattern_parts(pattern):
        if part in _IN_LIKE:
            found.append(part)
        elif len(part) > 1:
            found.append(f" {part[1]}" if len(part) == 3 else "?")
        else:
            found.append(f" {part}")
    return found
