"""Expressions of ids: they match what Python's do, or are refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.profiles.id_patterns import id_pattern

ATOMS = st.sampled_from(["a", "b", ".", r"\d", r"\w", "[ab]", "[^a]", "[a-c-]", r"\.", "-"])
COUNTS = st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}", "{,2}", "+?"])
EXPRESSIONS = st.recursive(
    st.tuples(ATOMS, COUNTS).map("".join),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, COUNTS).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=5,
)


@given(EXPRESSIONS, st.text(alphabet="ab1.-", max_size=6))
def test_an_expression_means_what_it_means_in_python(expression: str, text: str) -> None:
    """A text fits when the whole of it does, and an id may end wherever a match may."""
    wanted = id_pattern(expression)
    ends = [end for end in range(len(text) + 1) if re.fullmatch(expression, text[:end])]

    assert wanted.fits(text) is (re.fullmatch(expression, text) is not None)
    assert wanted.ends(text, 0) == ends
    assert wanted.ends(f"/x/{text}", 3) == [end + 3 for end in ends]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("(", "unterminated"),
        ("[a-", "unterminated"),
        ("a**", "multiple repeat"),
        (r"(a)\1", "not supported"),
        ("(?=a)", "not supported"),
        ("(?i)a", "not supported"),
        ("(?P<x>a)", "not supported"),
        ("^a$", "not supported"),
        (r"\ba", "not supported"),
        ("a++", "not supported"),
        ("(?>a)", "not supported"),
        ("a" * 201, "longer than 200"),
        ("(a{99}){99}", "too large"),
        ("a{100000}", "too large"),
        ("a{99999999999}", "too large"),
        ("(" * 100 + ")" * 99, "missing"),
    ],
)
def test_what_is_no_plain_expression_is_refused(expression: str, told: str) -> None:
    """With the reason: what cannot be read, looks around, or stands for too much."""
    with pytest.raises(ValueError, match=told):
        id_pattern(expression)


@pytest.mark.parametrize("expression", [r"\$\^\(\)\[\]", "[$^()]+", "a{", "(a|b|)c", r"[\]\\]", ""])
def test_escaped_signs_are_letters(expression: str) -> None:
    """A sign in a set or after a backslash stands for itself."""
    for text in ("$^()[]", "$()", "a{", "ac", "c", "]", "\\", ""):
        assert id_pattern(expression).fits(text) is bool(re.fullmatch(expression, text))
