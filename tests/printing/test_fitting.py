"""Pages that give way to their limit: fewer items, and the most that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.printing.fitting import fitted


def printed(*counts: int) -> str:
    """Print ten characters an item, behind a head of twenty."""
    return "h" * 20 + "i" * 10 * sum(counts)


@pytest.mark.parametrize(
    ("counts", "limit", "floors", "length"),
    [
        pytest.param((8,), 100, (), 100, id="everything fits"),
        pytest.param((9,), 100, (), 80, id="a quarter less"),
        pytest.param((9, 3), 100, (), 90, id="the first one falls first"),
        pytest.param((8, 8), 90, (4, 0), 90, id="to its floor, and then the next"),
        pytest.param((8, 8), 50, (4, 0), 50, id="below its floor when all are there"),
        pytest.param((8,), 10, (), 20, id="nothing fits"),
    ],
)
def test_items_give_way_in_order(
    counts: tuple[int, ...], limit: int, floors: tuple[int, ...], length: int
) -> None:
    """The first kind of item gives way to its floor, then the next; no more than has to."""
    assert len(fitted(printed, counts, limit, floors)) == length


@given(st.lists(st.integers(0, 50), min_size=1, max_size=3), st.integers(20, 2000))
def test_a_text_that_can_fit_does(counts: list[int], limit: int) -> None:
    """Whatever the counts, the result is within a limit that the empty page is within."""
    assert len(fitted(printed, tuple(counts), limit)) <= limit
