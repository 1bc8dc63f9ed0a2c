"""The query language of searches, in part: facets, tags, words, AND, OR, negation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from datadog_standin.bodies import RequestError
from datadog_standin.bundles import Row

_FIELD = re.compile(r"(@?)([A-Za-z_](?:[\w.\-/]|\\.)*):(?=[^\s)])")
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_WORD = re.compile(r'(?:\\.|[^\s()"\\])+', re.DOTALL)
_MINUS = re.compile(r"-(?=\S)")
_BLANK = re.compile(r"\s*")
_OPERATOR = re.compile(r"(AND|OR|NOT)(?=[\s(])")
_PIECE = re.compile(r"\*|(?:\\.|[^\\*]|\\)+", re.DOTALL)
_COMPARED = re.compile(r"(>=|<=|>|<)(-?\d+(?:\.\d+)?)")
_DEEPEST = 50
"""Most nested parentheses."""


@dataclass(frozen=True, slots=True)
class Term:
    """A value to find: in a facet (`@key:`), in a tag (`key:`), or in all texts."""

    field: str
    value: str
    is_facet: bool = False
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """A part that must not match."""

    part: "Query"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Parts that must all match; an empty list matches."""

    parts: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Parts of which one must match."""

    parts: "tuple[Query, ...]"


Query = Term | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Document:
    """What a query is applied to."""

    facets: Row
    """Addressed by dotted path."""
    reserved: Row
    """Fields without `@`, such as `service` or `trace_id`."""
    tags: tuple[str, ...]

    def values(self, field: str, *, is_facet: bool) -> list[Any]:
        """Return the values of a field; a tag of that name counts if there is no attribute."""
        inside = self.facets if is_facet else self.reserved
        # Rows hold the name of a click's target; searches and counts know it as the action's name.
        if is_facet and field == "action.name" and not list(_at(inside, field)):
            field = "action.target.name"
        prefix = f"{field}:"
        tagged = [tag[len(prefix) :] for tag in self.tags if tag.startswith(prefix)]
        return [value for value in _at(inside, field) if value is not None] or tagged


def parse(text: str) -> Query:
    """Parse a query; raises RequestError 400 if any part is invalid."""
    return _Reader(text).whole() if text.strip() else AllOf(())


def matches(query: Query, document: Document) -> bool:
    """Return whether a document matches a query."""
    if isinstance(query, Not):
        return not matches(query.part, document)
    if isinstance(query, AllOf):
        return all(matches(part, document) for part in query.parts)
    if isinstance(query, AnyOf):
        return any(matches(part, document) for part in query.parts)
    if not query.field:
        pieces = ("", *_pieces(query.value.lower(), is_quoted=query.is_quoted), "")
        return any(_fits(text.lower(), pieces) for text in _texts(document))
    found = document.values(query.field, is_facet=query.is_facet)
    return any(_equal(query, value) for value in found)


class _Reader:
    """Parses a query from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def whole(self) -> Query:
        found = self.any_of(None)
        if self.at < len(self.text):
            raise self.wrong("an opening parenthesis")
        return found

    def any_of(self, field: Term | None) -> Query:
        parts = [self.all_of(field)]
        while self.takes("OR"):
            parts.append(self.all_of(field))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self, field: Term | None) -> Query:
        parts: list[Query] = []
        while True:
            self.blank()
            if self.at >= len(self.text) or self.text[self.at] == ")" or self.sees("OR"):
                break
            if parts and self.takes("AND"):
                self.blank()
            parts.append(self.one(field))
        if not parts:
            raise self.wrong("a term")
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def one(self, field: Term | None) -> Query:
        is_negated = False
        while self.negation():
            is_negated = not is_negated
        named = _FIELD.match(self.text, self.at) if field is None else None
        if named:
            self.at = named.end()
            part = self.value(Term(_plain(named[2]), "", is_facet=bool(named[1])))
        else:
            part = self.value(field or Term("", ""))
        return Not(part) if is_negated else part

    def negation(self) -> bool:
        if found := _MINUS.match(self.text, self.at):
            self.at = found.end()
            return True
        if not self.takes("NOT"):
            return False
        self.blank()
        return True

    def value(self, field: Term) -> Query:
        if self.text.startswith("(", self.at):
            return self.group(field if field.field else None)
        if found := _QUOTED.match(self.text, self.at):
            self.at = found.end()
            return Term(field.field, _plain(found[1]), field.is_facet, is_quoted=True)
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise self.wrong("a value")
        if found[0].startswith("["):
            raise RequestError(400, f"ranges are not read by this stand-in: {self.text!r}")
        self.at = found.end()
        if found[0].startswith("@") and found[0].endswith(":"):
            raise self.wrong("a value")
        return Term(field.field, found[0], field.is_facet)

    def group(self, field: Term | None) -> Query:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise RequestError(400, "the query is nested too deeply")
        self.at += 1
        found = self.any_of(field)
        if not self.text.startswith(")", self.at):
            raise self.wrong("a closing parenthesis")
        self.at += 1
        self.depth -= 1
        return found

    def sees(self, word: str) -> bool:
        found = _OPERATOR.match(self.text, self.at)
        return found is not None and found[1] == word

    def takes(self, word: str) -> bool:
        self.blank()
        if not self.sees(word):
            return False
        self.at += len(word)
        return True

    def blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def wrong(self, wanted: str) -> RequestError:
        return RequestError(400, f"{wanted} is missing at character {self.at} of {self.text!r}")


def _at(value: Any, path: str) -> Iterator[Any]:
    """Yield the values at a dotted path; of a list every item; keys may contain dots."""
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == path:
                yield from _at(inner, "")
            elif path.startswith(f"{key}."):
                yield from _at(inner, path[len(key) + 1 :])


def _equal(term: Term, value: Any) -> bool:
    if not term.is_quoted and (found := _COMPARED.fullmatch(term.value)):
        return _compared(found[1], value, float(found[2]))
    if isinstance(value, dict):
        return term.value == "*" and not term.is_quoted
    return _fits(_written(value), _pieces(term.value, is_quoted=term.is_quoted))


def _compared(sign: str, value: Any, bound: float) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    if sign.startswith(">"):
        return number > bound or (sign == ">=" and number == bound)
    return number < bound or (sign == "<=" and number == bound)


@lru_cache(maxsize=256)
def _pieces(value: str, *, is_quoted: bool) -> tuple[str, ...]:
    """Return the parts of a value between its wildcards; a quoted value has none."""
    if is_quoted:
        return (value,)
    pieces = [""]
    for piece in _PIECE.findall(value):
        if piece == "*":
            pieces.append("")
        else:
            pieces[-1] = _plain(piece)
    return tuple(pieces)


def _fits(text: str, pieces: tuple[str, ...]) -> bool:
    """Return whether a text consists of these pieces in order with anything between them.

    The first match of a piece leaves most room for the next one, so there is no backtracking.
    """
    first, *middle = pieces
    if not middle:
        return text == first
    last = middle.pop()
    at, end = len(first), len(text) - len(last)
    if at > end or not (text.startswith(first) and text.endswith(last)):
        return False
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _written(value: Any) -> str:
    """Return a value as a query writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _texts(document: Document) -> Iterator[str]:
    """Yield every text and number of a document, at any depth."""
    waiting: list[Any] = [document.facets, document.reserved, list(document.tags)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif value is not None:
            yield _written(value)
