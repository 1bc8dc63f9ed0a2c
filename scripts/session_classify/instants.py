"""Instants: every time is a UTC datetime, whatever unit its source has."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from session_classify.lazy import lazy_pattern

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = lazy_pattern(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}
"""Formats of dates that consist of digits, by length: `20261120`, `20261120101500123`."""
_CENTURIES = ("19", "20", "21")
_LEAST = 10**8
"""The least number of seconds since 1970 that a text may mean: March 1973."""

# Upper bounds of "seconds", "milliseconds" and "microseconds since 1970" for any date before the
# year 5138. See references/sources/spans.md#timestamps.
_NANOSECONDS_PER_UNIT = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))

_DURATION = lazy_pattern(r"(\d{1,5})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def nanoseconds(stamp: float | str) -> int:
    """Return a timestamp as nanoseconds since 1970; its magnitude determines its unit.

    Raises ValueError when it is not a finite number. Source:
    `references/sources/spans.md#timestamps`.
    """
    if isinstance(stamp, int):
        return stamp * _factor(stamp)
    text = str(stamp).strip()
    if (isinstance(stamp, float) and math.isfinite(stamp)) or _NUMBER.fullmatch(text):
        value = Decimal(text)
        return int(value * _factor(value))
    raise ValueError(f"{stamp!r} is not a number")


def _factor(value: int | Decimal) -> int:
    return next((by for bound, by in _NANOSECONDS_PER_UNIT if -bound < value < bound), 1)


def parsed_instant(text: str) -> datetime:
    """Return the instant of an ISO 8601 text, UTC where it has no offset.

    Raises ValueError for any other text.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def instant(nanos: int) -> datetime:
    """Return the UTC instant of a count of nanoseconds, cut to microseconds.

    Raises OverflowError when the date is outside the calendar.
    """
    return _EPOCH + timedelta(microseconds=nanos // 1000)


def to_millisecond(moment: datetime) -> datetime:
    """Return the instant in UTC, cut to the millisecond, the precision of browsers."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def any_instant(value: str | float) -> datetime:
    """Return the UTC instant, cut to the millisecond, that a text or a number means.

    A number counts from 1970; its magnitude determines the unit: seconds have 10 digits today,
    milliseconds 13, microseconds 16, nanoseconds 19. A text is ISO 8601, extended or basic
    (`20261120T101500Z`), a date of digits (`20261120`, `202611201015`, `20261120101500`), or such a
    number. A short number that is not a date is refused. Raises ValueError or OverflowError for
    anything else.
    """
    if isinstance(value, str):
        value = value.strip()
        if date := _date_in_digits(value):
            return date
        if not _NUMBER.fullmatch(value):
            return to_millisecond(parsed_instant(value.upper()))
        if Decimal(value) < _LEAST:
            raise ValueError(f"{value} is neither a date nor a recent number of seconds since 1970")
    return to_millisecond(instant(nanoseconds(value)))


def apart(span: timedelta) -> str:
    """Return a span of time in whole units, at least two of them: `119 s`, `2 min`, `3 d`."""
    seconds = int(span.total_seconds())
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"


def duration(text: str) -> timedelta:
    """Return the timedelta of `45m`, `12h`, `30d` or `8w`.

    Raises ValueError for anything else.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _date_in_digits(text: str) -> datetime | None:
    if len(text) not in _DIGITS or not text.startswith(_CENTURIES) or not _NUMBER.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, _DIGITS[len(text)]).replace(tzinfo=UTC)
    except ValueError:
        return None


def stamp(moment: datetime) -> str:
    """Return the instant in ISO 8601 with milliseconds: `2026-11-20T05:09:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
