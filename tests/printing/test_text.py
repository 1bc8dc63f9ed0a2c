"""Text made safe and short to print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.printing.lines import shorten
from session_classify.printing.text import clip, omitted, size


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (35_000_000, "35.0 MB"),
        (1_234_500_000_000, "1,234.5 GB"),
    ],
)
def test_a_size_is_short(count: int, shown: str) -> None:
    """In decimal units, with one digit after the point."""
    assert size(count) == shown


@given(
    st.integers(0, 300),
    st.integers(0, 3_000),
    st.integers(0, 300),
    st.integers(20, 900),
    st.integers(40, 900),
    st.booleans(),
)
def test_a_cut_counts_what_is_missing(
    before: int, size: int, after: int, first: int, second: int, field: bool
) -> None:
    """Also what an earlier cut of the same text had left out, of a field or of a text."""
    inner = shorten("x" * size, first) if field else clip("x" * size, first)
    text = "a" * before + inner + "b" * after

    shown = clip(text, second)

    assert len(shown) <= max(second, len(text))
    if shown != text and "left out]" in shown:
        assert omitted(shown) == omitted(text)
