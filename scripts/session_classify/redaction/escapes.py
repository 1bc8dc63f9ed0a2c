r"""Decode the escapes of JSON and URLs in bytes, with a map of positions."""

from bisect import bisect_right
from collections.abc import Callable

from session_classify.lazy import lazy_pattern

_ESCAPE = lazy_pattern(rb"\\u00([2-7][0-9A-Fa-f])|\\(/)|%([2-7][0-9A-Fa-f])")
_BEGINNINGS = (b"\\u00", b"\\/", b"%")


def unescaped(data: bytes) -> tuple[bytes, Callable[[int], int]]:
    r"""Return the data with `\u0041`, `\/` and `%41` decoded, and a map of positions.

    Only printable ASCII is decoded. JSON inside JSON has more backslashes: all of them belong to
    the escape. The map turns a position in the result into one in `data`, at the beginning of an
    escape.
    """
    if not any(beginning in data for beginning in _BEGINNINGS):
        return data, _same
    parts: list[bytes] = []
    length, at = 0, 0
    here, there = [0], [0]
    for match in _ESCAPE.finditer(data):
        code, slash, percent = match.groups()
        before = data[at : match.start()]
        part = (before.rstrip(b"\\") if before.endswith(b"\\") else before) + (
            slash or bytes.fromhex((code or percent).decode())
        )
        parts.append(part)
        length += len(part)
        at = match.end()
        here.append(length)
        there.append(at)
    if not parts:
        return data, _same

    def origin(place: int) -> int:
        segment = bisect_right(here, place) - 1
        return there[segment] + place - here[segment]

    return b"".join((*parts, data[at:])), origin


def _same(place: int) -> int:
    return place
