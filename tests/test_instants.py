"""What a text or a number means as an instant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.instants import any_instant, apart, nanoseconds, stamp

MOMENTS = st.datetimes(datetime(2001, 9, 10), datetime(2120, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)


@given(MOMENTS)
def test_one_instant_in_every_notation(moment: datetime) -> None:
    """Extended and basic ISO 8601, digits alone, and numbers in every unit, as text or not."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    minute, second = moment.replace(second=0, microsecond=0), moment.replace(microsecond=0)
    count = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    assert any_instant(moment.isoformat()) == moment
    assert any_instant(stamp(moment).lower()) == moment
    assert any_instant(f"{moment:%Y%m%dT%H%M%S.%f}Z") == moment
    assert any_instant(f"{second:%Y%m%dT%H%M%SZ}") == second
    assert any_instant(f"{moment:%Y%m%d}") == any_instant(f"{moment:%Y-%m-%d}") == day
    assert any_instant(f"{moment:%Y%m%d%H%M}") == minute
    assert any_instant(f" {moment:%Y%m%d%H%M%S}\n") == second
    assert any_instant(f"{moment:%Y%m%d%H%M%S%f}"[:17]) == moment
    for number in (count // 1000, second.timestamp()):
        assert any_instant(number) == second
    for number in (count, count * 10**3, count * 10**6, f"{count // 1000}.{count % 1000:03}"):
        assert any_instant(number) == any_instant(str(number)) == moment
    assert any_instant(count / 1000) == moment


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("20261120", "2026-11-20T00:00:00.000Z"),
        (20261120, "1970-08-23T12:05:20.000Z"),
        ("20261120T101500Z", "2026-11-20T10:15:00.000Z"),
        ("20261120T101500+0200", "2026-11-20T08:15:00.000Z"),
        ("20261120101500", "2026-11-20T10:15:00.000Z"),
        ("2026-W47-5", "2026-11-20T00:00:00.000Z"),
        ("1795151340", "2026-11-20T05:09:00.000Z"),
        ("1795151340.1239", "2026-11-20T05:09:00.123Z"),
        ("1795151340123456", "2026-11-20T05:09:00.123Z"),
        ("1795151340123456789", "2026-11-20T05:09:00.123Z"),
        (0, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_text_of_digits_is_a_date_where_it_can_be(written: str | int, instant: str) -> None:
    """Eight digits as text are a day; as a number they are seconds, as every number is."""
    assert stamp(any_instant(written)) == instant


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "20261340", "20260230", "99999999", "2026", "202611", "0", "-1795151340"),
        *("yesterday", "12:30", "1e9", "0x10", "1_795_151_340", "1.5.2", "٢٠٢٦", "nan", "9" * 31),
    ],
)
def test_what_is_no_instant_is_refused(written: str) -> None:
    """A text of few digits that is no date does not become a moment in 1970."""
    with pytest.raises((ValueError, OverflowError)):
        any_instant(written)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300, 10**30])
def test_a_number_outside_the_calendar_is_refused(number: float) -> None:
    """No number fails in another way."""
    with pytest.raises((ValueError, OverflowError)):
        any_instant(number)


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats()))
def test_anything_is_an_instant_or_refused(value: str | float) -> None:
    """Nothing fails in another way, and what comes out is UTC to the millisecond."""
    try:
        moment = any_instant(value)
    except (ValueError, OverflowError):
        return
    assert moment.tzinfo is UTC
    assert moment.microsecond % 1000 == 0


@given(st.integers(-(10**21), 10**21))
def test_a_unit_is_told_by_the_magnitude(number: int) -> None:
    """A text means the same as its number."""
    assert nanoseconds(number) == nanoseconds(str(number))
    assert abs(nanoseconds(number)) >= abs(number)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.9, "0 s"),
        (119.9, "119 s"),
        (120, "2 min"),
        (7_199, "119 min"),
        (7_200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
    ],
)
def test_a_span_of_time_is_told_in_the_largest_unit_that_it_holds_twice(
    seconds: float, told: str
) -> None:
    """Cut, not rounded: what is told has passed."""
    assert apart(timedelta(seconds=seconds)) == told
