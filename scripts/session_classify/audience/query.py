"""The query language: parsed with luqum before a query is sent, with relative times resolved.

Source: `references/audience.md#query-language`.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
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
_SLASH, _MINUS = "\ue000", "\ue001"
"""Stand for characters that mean something to the parser and nothing to the API."""
_NEGATIVE = re.compile(r"(?<=[<>=\[{:])-(?=[0-9])|(?<=TO )-(?=[0-9])")
_FOREIGN = {
    "Fuzzy": "a fuzzy search (~)",
    "Proximity": "a distance (~)",
    "Boost": "a weight (^)",
}
"""Parts of Lucene's language that the API does not know."""
_OPERATORS = {"and": "AND", "or": "OR", "not": "NOT", "&&": "AND", "||": "OR"}


class Name(msgspec.Struct, frozen=True):
    """The name of an attribute as a request has it."""

    text: str
    kind: str = "field"
    """What it is there: field, column, sort field or facet."""
    at: int | None = None
    """Its place in the query, from 0."""


class AudienceQuery(msgspec.Struct, frozen=True):
    """A parsed query."""

    text: str
    """What is sent: relative times are unix seconds."""
    fields: tuple[Name, ...] = ()
    """Each field once, where it first is."""
    meanings: tuple[str, ...] = ()
    """What each relative time means, a sentence each."""


def parse_query(text: str, now: datetime) -> AudienceQuery:
    """Parse a query; `last_seen:<7d` compares with the instant seven days before `now`.

    So `<30d` is "before that instant" (inactive) and `>30d` "since then". Raises UsageError that
    points at the place of an error, MissingExtraError without the parser.
    """
    if text.strip() in ("", "*"):
        return AudienceQuery("*")
    tree = _parsed(text)
    fields: dict[str, Name] = {}
    meanings: list[str] = []
    for node, field in _walk(tree):
        kind = type(node).__name__
        if kind == "SearchField":
            fields.setdefault(_back(node.name), Name(_back(node.name), at=node.pos))
            meanings += _meanings(node, now)
        elif kind in ("Word", "Phrase") and not field and str(node) != "*":
            raise _bare(text, node)
    return AudienceQuery(_back(str(tree)), tuple(fields.values()), tuple(meanings))


def check_event_query(text: str) -> str:
    """Return a query of RUM events, whose words need no field; raises as `parse_query` does."""
    if text.strip() not in ("", "*"):
        for _ in _walk(_parsed(text)):
            pass
    return text.strip() or "*"


def _parsed(text: str) -> Any:
    """Return the tree of a query, with only what the API knows."""
    _check_size(text)
    try:
        from luqum.exceptions import ParseError
        from luqum.thread import parse
    except ImportError as error:
        raise MissingExtraError(
            "audience queries need luqum; run `pip install luqum`", "api"
        ) from error
    try:
        tree = parse(_NEGATIVE.sub(_MINUS, text.replace("/", _SLASH)))
    except ParseError as error:
        place = _PLACE.search(str(error))
        raise _error(text, int(place[1]) if place else len(text), "invalid query syntax") from error
    for node, field in _walk(tree):
        kind = type(node).__name__
        if kind in _FOREIGN:
            raise _error(text, node.pos, f"{_FOREIGN[kind]} is not part of the query language")
        if kind == "SearchField" and field:
            raise _error(text, node.pos, f'a value of {field} has a colon; quote it: {field}:"…"')
    return tree


def _check_size(text: str) -> None:
    if len(text) > _LONGEST:
        raise UsageError(
            f"invalid query syntax: {len(text):,} characters; expected at most {_LONGEST:,}"
        )
    depth = 0
    for position, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth > _DEEPEST:
            raise _error(text, position, f"over {_DEEPEST} nested parentheses")
        if char in (_SLASH, _MINUS):
            raise _error(text, position, "a private character")


def _back(text: str) -> str:
    return text.replace(_SLASH, "/").replace(_MINUS, "-")


def _error(text: str, position: int, problem: str) -> UsageError:
    before, after = text[max(0, position - 30) : position], text[position : position + 30]
    return UsageError(f"{problem} at character {position + 1}: {before}⟨here⟩{after}; {_SYNTAX}")


def _bare(text: str, node: Any) -> UsageError:
    """Return the error for a word that belongs to no field."""
    word = _back(str(node).strip())
    if operator := _OPERATORS.get(word.casefold()):
        return _error(text, node.pos, f"{word} is no operator (write {operator})")
    problem = f"{word[:40]} belongs to no field (--wildcard searches all of them)"
    return _error(text, node.pos, problem)


def _walk(tree: Any) -> Iterator[tuple[Any, str]]:
    """Yield each node from left to right, with the field that it is a value of."""
    waiting = [(tree, "")]
    while waiting:
        node, field = waiting.pop()
        yield node, field
        inner = _back(node.name) if type(node).__name__ == "SearchField" else field
        waiting += [(child, inner) for child in reversed(node.children)]


def _meanings(node: Any, now: datetime) -> list[str]:
    """Replace the relative times of a field's value by unix seconds; return their meanings."""
    found, kind = node.expr, type(node.expr).__name__
    sides = {
        "From": (("a", "since"),),
        "To": (("a", "before"),),
        "Range": (("low", "since"), ("high", "before")),
    }.get(kind, ())
    told = []
    for attribute, side in sides:
        word = getattr(found, attribute)
        written = str(word).strip()
        age = _age(written)
        if age is not None:
            moment = now - age
            word.value = str(int(moment.timestamp()))
            told.append(f"{_back(node.name)} {side} {stamp(moment)} ({written} ago)")
    if kind == "Word" and _age(str(found).strip()) is not None:
        name, written = _back(node.name), str(found).strip()
        told.append(
            f"{name} is the text {written}; for a time write {name}:>{written} (since {written} "
            f"ago) or {name}:<{written} (before)"
        )
    return told


def _age(text: str) -> timedelta | None:
    try:
        return duration(text)
    except (ValueError, OverflowError):
        return None
