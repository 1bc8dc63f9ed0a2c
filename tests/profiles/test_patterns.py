"""How patterns of names stand to each other."""

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.globs import pattern_parts
from session_classify.profiles.patterns import Relation, as_pattern, literal, relation

NAMES = ["".join(letters) for n in range(7) for letters in product("abz", repeat=n)]
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]"]), max_size=4).map("".join)


@given(PATTERNS, PATTERNS)
def test_patterns_stand_to_each_other_as_the_names_that_they_match(first: str, second: str) -> None:
    """What is computed equals what comes out when all short names are tried."""
    one = {name for name in NAMES if fnmatchcase(name, first)}
    other = {name for name in NAMES if fnmatchcase(name, second)}
    expected = (
        Relation.APART
        if not one & other
        else Relation.SAME
        if one == other
        else Relation.WITHIN
        if one < other
        else Relation.AROUND
        if one > other
        else Relation.CROSSING
    )

    assert relation(first, second) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("[a-e]*", "[a-ce]*", Relation.AROUND, id="a-letter-inside-a-range"),
        pytest.param("[a-c]", "[d-f]", Relation.APART, id="ranges-side-by-side"),
        pytest.param("[!][!]", "?", Relation.WITHIN, id="all-but-brackets"),
        pytest.param("*.[*]", "*.?", Relation.WITHIN, id="a-star-that-is-a-letter"),
        pytest.param("A*", "*b", Relation.CROSSING, id="any-case"),
        pytest.param("*?", "?*", Relation.SAME, id="the-same-in-other-words"),
    ],
)
def test_ranges_and_wildcards_are_understood(first: str, second: str, expected: Relation) -> None:
    """Letters that no pattern spells out count as well."""
    assert relation(first, second) is expected


@given(st.text(), st.text())
def test_a_name_as_a_pattern_matches_itself_alone(name: str, other: str) -> None:
    """Wildcards in a name are characters like others."""
    pattern = as_pattern(name)

    assert literal(pattern) == name.lower()
    assert fnmatchcase(name.lower(), pattern.lower())
    assert fnmatchcase(other.lower(), pattern.lower()) == (name.lower() == other.lower())


def test_odd_brackets_are_read_as_fnmatch_reads_them() -> None:
    """A bracket that nothing closes is a character; one that closes at once is one too."""
    for pattern in ("[", "[]", "[!]", "a[b", "[]]", "[[]", "[z-a]"):
        name = literal(pattern)
        if name is not None and pattern != "[z-a]":
            assert fnmatchcase(name, pattern), pattern


def test_patterns_with_dozens_of_wildcards_are_given_up() -> None:
    """Patterns that are too many to walk through are called crossing, so that a person looks."""
    assert relation("*a??", "*b??") is Relation.APART
    assert relation("*a" + "?" * 40, "*b" + "?" * 40) is Relation.CROSSING


@given(st.text(alphabet="[]!*?a-b", max_size=12))
def test_the_parts_of_a_pattern_are_those_of_fnmatch(pattern: str) -> None:
    """Nothing is lost, and a set of characters is one where `fnmatch` reads one."""
    found = pattern_parts(pattern)

    assert "".join(found) == pattern
    for letters in product("ab[]!-", repeat=2):
        name = "".join(letters)
        assert fnmatchcase(name, pattern) is _matched(found, name)


def _matched(found: list[str], name: str) -> bool:
    """Tell whether a name is these parts, by trying every way."""
    if not found:
        return not name
    first, rest = found[0], found[1:]
    if first == "*":
        return any(_matched(rest, name[at:]) for at in range(len(name) + 1))
    return bool(name) and fnmatchcase(name[0], first) and _matched(rest, name[1:])


def test_a_pattern_that_is_hard_to_compare_is_called_crossing() -> None:
    """After so many steps it is not worth more: no pair of patterns takes seconds."""
    assert relation("*" + "[ab]?" * 40, "*" + "[!b]?" * 40 + "b") is Relation.CROSSING
