"""The query language: parsed with luqum before a query is sent, with relative times resolved."""

import re
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import msgspec

from session_classify.errors import MissingExtraError, UsageError
from session_classify.instants import duration, stamp

_LONGEST = 4_000
"""Most characters of a query; the parser's visitors are recursive."""
_DEEPEST = 50
"""Most nested parentheses."""
_SYNTAX = (
    "expected field:value, field:*part*, field:>5, AND, OR, NOT and parentheses, such as "
    "plan_type:enterprise AND user_count:>100"
)
_PLACE = re.compile(r"position ([0-9]{1,6})")


class AudienceQuery(msgspec.Struct, frozen=True):
    """A parsed query."""

    text: str
    """What is sent: relative times are unix seconds."""
    fields: tuple[str, ...]
    meanings: tuple[str, ...]
    """What each relative time means, a sentence each."""


def parse_query(text: str, now: datetime) -> AudienceQuery:
    """Parse a query; `last_seen:<7d` compares with the instant seven days before `now`.

    So `<30d` is "before that instant" (inactive) and `>30d` "since then". Raises UsageError that
    points at the place of an error, MissingExtraError without the parser.
    Source: `references/audience.md#query-language`.
    """
    if not text.strip() or text.strip() == "*":
        return AudienceQuery("*", (), ())
    _check_size(text)
    tree = _parsed(text)
    fields: list[str] = []
    meanings: list[str] = []
    for node in list(_walk(tree)):
        if type(node).__name__ != "SearchField":
            continue
        fields.append(node.name)
        if type(node.expr).__name__ == "SearchField":
            raise _error(
                text,
                text.find(f"{node.name}:"),
                f'a value of {node.name} has a colon; quote it: {node.name}:"…"',
            )
        meanings += _resolve(node, now)
    return AudienceQuery(str(tree), tuple(dict.fromkeys(fields)), tuple(meanings))


def check_fields(fields: tuple[str, ...], known: frozenset[str]) -> None:
    """Raise UsageError for the first field that is not in the mapping, with the nearest names."""
    for name in fields:
        if name in known or f"@{name}" in known or name.removeprefix("@") in known:
            continue
        near = get_close_matches(name, sorted(known), n=3, cutoff=0.5)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else "`audience mapping` lists the fields"
        )
        raise UsageError(f"field {name} is not in the mapping; {hint}")


def _check_size(text: str) -> None:
    if len(text) > _LONGEST:
        raise UsageError(f"the query has {len(text):,} characters; expected at most {_LONGEST:,}")
    depth = 0
    for position, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth > _DEEPEST:
            raise _error(text, position, f"over {_DEEPEST} nested parentheses")


def _parsed(text: str) -> Any:
    try:
        from luqum.exceptions import ParseError
        from luqum.thread import parse
    except ImportError as error:
        raise MissingExtraError(
            "audience queries need luqum; run `pip install luqum`", "api"
        ) from error
    try:
        return parse(text)
    except ParseError as error:
        place = _PLACE.search(str(error))
        raise _error(text, int(place[1]) if place else len(text), "invalid query syntax") from error


def _error(text: str, position: int, problem: str) -> UsageError:
    before, after = text[max(0, position - 30) : position], text[position : position + 30]
    return UsageError(f"{problem} at character {position + 1}: {before}⟨here⟩{after}; {_SYNTAX}")


def _walk(node: Any) -> Iterator[Any]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.children)


def _resolve(node: Any, now: datetime) -> list[str]:
    """Replace a relative time in a comparison by unix seconds; return its meaning."""
    found = node.expr
    if type(found).__name__ not in ("From", "To"):
        return []
    written = str(found.a).strip()
    try:
        moment = now - duration(written)
    except (ValueError, OverflowError):
        return []
    found.a.value = str(int(moment.timestamp()))
    side = "since" if type(found).__name__ == "From" else "before"
    return [f"{node.name} {side} {stamp(moment)} ({written} ago)"]
