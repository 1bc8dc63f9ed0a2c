"""Instants: every time in the package is a UTC datetime, whatever unit a source wrote it in."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Upper bounds of "seconds", "milliseconds" and "microseconds since 1970" for any date before the
# year 5138; a documented sample of `start_ns` holds milliseconds (contracts, datadog-wire 1.9).
_NANOSECONDS_PER_UNIT = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))

_DURATION = re.compile(r"(\d{1,5})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def nanoseconds(stamp: float | str) -> int:
    """Return the nanoseconds since 1970 that `stamp` means; its unit is told by its magnitude.

    Raises ValueError when the stamp is not a number.
    """
    value = int(stamp)
    for bound, factor in _NANOSECONDS_PER_UNIT:
        if abs(value) < bound:
            return value * factor
    return value


def parsed_instant(text: str) -> datetime:
    """Return the instant of an ISO 8601 text, UTC where it names no offset.

    Raises ValueError when the text is none.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def instant(nanos: int) -> datetime:
    """Return the UTC instant of a count of nanoseconds, cut to microseconds.

    Raises OverflowError when the date is outside the calendar.
    """
    return _EPOCH + timedelta(microseconds=nanos // 1000)


def to_millisecond(moment: datetime) -> datetime:
    """Return the instant in UTC, cut to the millisecond: a browser knows no finer time."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def any_instant(value: str | float) -> datetime:
    """Return the UTC instant, cut to the millisecond, of ISO 8601 text or a number since 1970.

    A number's unit is told by its magnitude. Raises ValueError or OverflowError when it is none.
    """
    if isinstance(value, str):
        text = value.strip()
        if not text.lstrip("-").replace(".", "", 1).isdecimal() or text.count("-") > 1:
            return to_millisecond(parsed_instant(text))
        value = float(text) if "." in text else int(text)
    return to_millisecond(instant(nanoseconds(value)))


def duration(text: str) -> timedelta:
    """Return the length of time that `45m`, `12h`, `30d` or `8w` means.

    Raises ValueError when the text is none of these.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def stamp(moment: datetime) -> str:
    """Return the instant as people and queries read it: `2026-11-20T05:09:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
