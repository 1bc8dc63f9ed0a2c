"""Patterns of names: their overlap, and names written as patterns."""

from enum import Enum, auto
from fnmatch import fnmatchcase
from functools import lru_cache
from glob import escape
from itertools import takewhile
from sys import maxunicode

from session_classify.globs import pattern_parts

_MOST = 500_000
"""Most states to compare, after which patterns count as crossing; only dozens of `?` take more."""


@lru_cache(8192)
def fits(name: str, pattern: str) -> bool:
    """Return whether a name matches a pattern, ignoring case."""
    return fnmatchcase(name.lower(), pattern.lower())


class Relation(Enum):
    """Which names two patterns match."""

    APART = auto()
    """No name matches both."""
    SAME = auto()
    WITHIN = auto()
    """Every name of the first matches the second, which matches more."""
    AROUND = auto()
    """Every name of the second matches the first, which matches more."""
    CROSSING = auto()
    """Some names match both, and each matches names of its own."""


def as_pattern(name: str) -> str:
    """Return the pattern that matches exactly this name, ignoring case."""
    return escape(name)


def literal(pattern: str) -> str | None:
    """Return the only name, in lower case, that a pattern matches; None when there are more."""
    parts = pattern_parts(pattern.lower())
    if any(part in {"*", "?"} or len(part) > 3 for part in parts):
        return None
    return "".join(part[1] if len(part) == 3 else part for part in parts)


def relation(first: str, second: str) -> Relation:
    """Return how the names of two `fnmatch` patterns overlap, ignoring case."""
    one, other = literal(first), literal(second)
    if one is not None and other is not None:
        return Relation.SAME if one == other else Relation.APART
    if one is not None:
        return Relation.WITHIN if fits(one, second) else Relation.APART
    if other is not None:
        return Relation.AROUND if fits(other, first) else Relation.APART
    return _compared(pattern_parts(first.lower()), pattern_parts(second.lower()))


def _compared(first: list[str], second: list[str]) -> Relation:
    """Explore the states of both patterns over all names, until no new state is found."""
    if _differ(first, second) or _differ(first[::-1], second[::-1]):
        return Relation.APART
    letters = _letters(first, second)
    begin = (_closed(first, {0}), _closed(second, {0}))
    seen, waiting = {begin}, [begin]
    looked = 0
    ends: set[tuple[bool, bool]] = set()
    while waiting:
        one, other = waiting.pop()
        ends.add((len(first) in one, len(second) in other))
        looked += len(letters) * (len(one) + len(other))
        if looked > _MOST:
            return Relation.CROSSING
        for letter in letters:
            step = (_after(first, one, letter), _after(second, other, letter))
            if step not in seen and any(step):
                seen.add(step)
                waiting.append(step)
    if (True, True) not in ends:
        return Relation.APART
    if (True, False) in ends:
        return Relation.CROSSING if (False, True) in ends else Relation.AROUND
    return Relation.WITHIN if (False, True) in ends else Relation.SAME


def _differ(first: list[str], second: list[str]) -> bool:
    """Return whether the literal prefixes of both patterns exclude each other."""
    heads = zip(takewhile(_is_plain, first), takewhile(_is_plain, second), strict=False)
    return any(one != other for one, other in heads)


def _is_plain(part: str) -> bool:
    return len(part) == 1 and part not in "*?"


def _letters(*patterns: list[str]) -> set[str]:
    """Return one letter of each class that the patterns distinguish.

    A pattern's `*` or `?`, taken as a letter, stands for all letters that no pattern names.
    """
    parts = {part for pattern in patterns for part in pattern}
    letters = {letter for part in parts for letter in part}
    if any(len(part) > 1 for part in parts):
        # The ends of a range such as [b-d], and the adjacent letters.
        codes = {ord(letter) + by for letter in letters for by in (-1, 1)}
        letters |= {chr(code) for code in codes if 0 <= code <= maxunicode}
    return letters


def _closed(parts: list[str], places: set[int]) -> frozenset[int]:
    """Return the positions, with those reachable by skipping a `*`."""
    found = set(places)
    for place in sorted(places):
        at = place
        while at < len(parts) and parts[at] == "*":
            at += 1
            found.add(at)
    return frozenset(found)


def _after(parts: list[str], places: frozenset[int], letter: str) -> frozenset[int]:
    """Return the positions in a pattern after one more letter."""
    stay = {at for at in places if at < len(parts) and parts[at] == "*"}
    moved = {
        at + 1
        for at in places - stay
        if at < len(parts) and (parts[at] == letter or fnmatchcase(letter, parts[at]))
    }
    return _closed(parts, stay | moved)
