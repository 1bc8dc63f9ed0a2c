"""The time axis: positions keep the order, and long pauses are short."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.pages.axis import axis_of, duration

START = datetime(2026, 11, 20, tzinfo=UTC)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_positions_keep_the_order_of_time(offsets: list[int]) -> None:
    """Whatever the instants are, each lies within the chart, and none before an earlier one."""
    instants = sorted(START + timedelta(milliseconds=one) for one in offsets)

    places = [axis_of(instants, 60).x(at) for at in instants]

    assert places == sorted(places)
    assert places[0] >= 0 and places[-1] <= 100


def test_a_long_pause_is_drawn_short() -> None:
    """A pause of three hours takes the room of the longest one that is drawn, and says so."""
    instants = [START + timedelta(seconds=one) for one in (0, 10, 10_810, 10_820)]

    axis = axis_of(instants, 10)

    assert [round(place) for place in axis.places] == [1, 33, 66, 98]
    assert [pause.text for pause in axis.pauses] == ["3 h"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.85, "850 ms"), (12.5, "12.5 s"), (240, "4 min"), (11_520, "3.2 h"), (181_440, "2.1 d")],
)
def test_a_duration_is_told_in_its_unit(seconds: float, words: str) -> None:
    """A length of time is told in the largest unit that fits."""
    assert duration(seconds) == words
