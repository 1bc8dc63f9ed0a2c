"""Request bodies: their fields, windows and cursors, refused with a status where they are wrong."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from datadog_standin.bundles import milliseconds, nanoseconds

Body = dict[str, Any]
T = TypeVar("T")

_UNITS = {
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 7 * 86_400_000,
    "mo": 30 * 86_400_000,
    "y": 365 * 86_400_000,
}
_RELATIVE = re.compile(r"now(?:-(\d{1,9})(mo|[smhdwy]))?")


class RequestError(Exception):
    """A request that is answered with an HTTP status and `{"errors": [message]}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when rows are looked for, both ends included, milliseconds since 1970."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        """Tell whether a moment lies in the window."""
        return self.start <= at <= self.end


def text_of(body: Body, key: str, *, needed: bool = False) -> str:
    """Return a text; a number counts as one. Raises RequestError 400 for another or missing one."""
    value = body.get(key)
    if value is None or value == "":
        if needed:
            raise RequestError(400, f"{key} is required")
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RequestError(400, f"{key} must be a string")
    return str(value)


def count_of(body: Body, key: str, default: int, most: int | None = None) -> int:
    """Return a whole number from 1 to `most`, the default where there is none; else 400."""
    value = body.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise RequestError(400, f"{key} must be a whole number of at least 1")
    if most is not None and value > most:
        raise RequestError(400, f"{key} must be at most {most}")
    return value


def object_of(body: Body, key: str) -> Body:
    """Return an object, empty where there is none; raises RequestError 400 for something else."""
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestError(400, f"{key} must be an object")
    return value


def list_of(body: Body, key: str) -> list[Any]:
    """Return a list, empty where there is none; raises RequestError 400 for something else."""
    value = body.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RequestError(400, f"{key} must be a list")
    return value


def tool_window(body: Body, now: int, default: str = "now-1h") -> Window:
    """Return the window of an llm-obs-mcp call: 13 digits as a string, or date math (section 1).

    Without `from` it begins an hour ago, so that older rows silently stay away.
    """
    return _window(body, now, default, _tool_moment)


def event_window(given: Body, now: int) -> Window:
    """Return the window of a filter: ISO 8601, date math or milliseconds; 15 minutes (1.9, 2.1)."""
    return _window(given, now, "now-15m", _event_moment)


def moved_back(body: Any, lag: int, latest: int) -> Any:
    """Return a body whose window is `lag` milliseconds earlier where it begins after `latest`.

    So a client of today asks for the days of an old recording, whose rows keep their times; a
    window that was worked out from the rows begins before `latest` and stays as it is.
    """
    if not lag or not isinstance(body, dict):
        return body
    start = _absolute(body.get("from"))
    is_of_today = start is not None and start > latest
    return {
        key: _earlier(value, lag)
        if is_of_today and key in ("from", "to")
        else moved_back(value, lag, latest)
        for key, value in body.items()
    }


def _absolute(value: Any) -> int | None:
    """Return an absolute moment; None for date math, which is left to the clock."""
    return None if _RELATIVE.fullmatch(str(value)) else _event_moment(value, 0)


def _earlier(value: Any, lag: int) -> Any:
    """Return one absolute moment earlier, as milliseconds."""
    moment = _absolute(value)
    return value if moment is None else str(moment - lag)


def page_of(items: Sequence[T], limit: int, cursor: str) -> tuple[list[T], str | None]:
    """Return the items of one page and where the next one begins, None on the last.

    Raises RequestError 400 for a cursor that no answer gave.
    """
    start = offset_of(cursor)
    end = start + limit
    return list(items[start:end]), cursor_at(end) if end < len(items) else None


def cursor_at(offset: int) -> str:
    """Return the cursor of a page that begins with this item."""
    return base64.urlsafe_b64encode(f"after:{offset}".encode()).decode()


def offset_of(cursor: str) -> int:
    """Return the item that a cursor stands for; 0 without one."""
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, b"-_", validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        word, number = "", ""
    if word != "after" or not re.fullmatch(r"[0-9]{1,12}", number):
        raise RequestError(400, "the cursor is none that this server gave")
    return int(number)


def _window(body: Body, now: int, default: str, moment: Callable[[Any, int], int | None]) -> Window:
    ends = []
    for key, instead in (("from", default), ("to", "now")):
        value = body.get(key)
        found = moment(instead if value in (None, "") else value, now)
        if found is None:
            raise RequestError(400, f"{key} is no time that this endpoint reads: {value!r}")
        ends.append(found)
    return Window(*ends)


def _tool_moment(value: Any, now: int) -> int | None:
    if not isinstance(value, str):
        return None
    if re.fullmatch(r"[0-9]{13}", value):
        return int(value)
    return _relative(value, now)


def _event_moment(value: Any, now: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    if re.fullmatch(r"[0-9]{9,19}", text):
        return nanoseconds(text) // 1_000_000
    found = _relative(text, now)
    if found is not None:
        return found
    try:
        return milliseconds(text)
    except (ValueError, OverflowError):
        return None


def _relative(value: str, now: int) -> int | None:
    found = _RELATIVE.fullmatch(value)
    if found is None:
        return None
    return now - int(found[1]) * _UNITS[found[2]] if found[1] else now
