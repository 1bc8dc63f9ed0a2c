"""Request bodies: fields, windows and cursors; invalid ones are refused with a status."""

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
    """A refused request: an HTTP status and `{"errors": [message]}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a request, both ends included, in milliseconds since 1970."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        """Return whether a time is in the window."""
        return self.start <= at <= self.end


def text_of(body: Body, key: str, *, needed: bool = False) -> str:
    """Return a text field; a number is converted. Raises RequestError 400 if invalid or missing."""
    value = body.get(key)
    if value is None or value == "":
        if needed:
            raise RequestError(400, f"{key} is required")
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RequestError(400, f"{key} must be a string")
    return str(value)


def count_of(body: Body, key: str, default: int, most: int | None = None) -> int:
    """Return a whole number from 1 to `most`, or the default; else RequestError 400."""
    value = body.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise RequestError(400, f"{key} must be a whole number of at least 1")
    if most is not None and value > most:
        raise RequestError(400, f"{key} must be at most {most}")
    return value


def object_of(body: Body, key: str) -> Body:
    """Return an object, empty where there is none; raises RequestError 400 for other types."""
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestError(400, f"{key} must be an object")
    return value


def list_of(body: Body, key: str) -> list[Any]:
    """Return a list, empty where there is none; raises RequestError 400 for other types."""
    value = body.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RequestError(400, f"{key} must be a list")
    return value


def tool_window(body: Body, now: int, default: str = "now-1h") -> Window:
    """Return the window of an llm-obs-mcp call: 13 digits as a string, or date math.

    Without `from` it begins an hour ago, so older rows are silently missing.
    """
    return _window(body, now, default, _tool_moment)


def event_window(given: Body, now: int) -> Window:
    """Return the window of a filter: ISO 8601, date math or milliseconds; default 15 minutes."""
    return _window(given, now, "now-15m", _event_moment)


def moved_back(body: Any, lag: int, latest: int) -> Any:
    """Return a body whose window is `lag` milliseconds earlier if it begins after `latest`.

    So a client can query an old recording with current windows, while its rows keep their times. A
    window that was derived from the rows begins before `latest` and is unchanged.
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
    """Return an absolute time; None for date math, which is relative to the clock."""
    return None if _RELATIVE.fullmatch(str(value)) else _event_moment(value, 0)


def _earlier(value: Any, lag: int) -> Any:
    """Return an absolute time earlier, in milliseconds."""
    moment = _absolute(value)
    return value if moment is None else str(moment - lag)


def page_of(items: Sequence[T], limit: int, cursor: str) -> tuple[list[T], str | None]:
    """Return the items of one page and the offset of the next one, None on the last.

    Raises RequestError 400 for an unknown cursor.
    """
    start = offset_of(cursor)
    end = start + limit
    return list(items[start:end]), cursor_at(end) if end < len(items) else None


def cursor_at(offset: int) -> str:
    """Return the cursor of a page that begins at an offset."""
    return base64.urlsafe_b64encode(f"after:{offset}".encode()).decode()


def offset_of(cursor: str) -> int:
    """Return the offset of a cursor; 0 without one."""
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
