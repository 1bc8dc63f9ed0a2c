"""OTLP export requests in protobuf, as the JSON form of the same message.

Only the fields that are read are in the tables; sources: references/sources/spans.md#opentelemetry.
"""

import struct
from collections.abc import Iterator
from typing import Any

_Field = tuple[str, Any]
"""Name in JSON, and what it holds: a table of fields, or one of the words below."""

_ANY: dict[int, _Field] = {
    1: ("stringValue", "text"),
    2: ("boolValue", "flag"),
    3: ("intValue", "integer"),
    4: ("doubleValue", "double"),
}
_KEY_VALUE: dict[int, _Field] = {1: ("key", "text"), 2: ("value", _ANY)}
_ANY[5] = ("arrayValue", {1: ("values", [_ANY])})
_ANY[6] = ("kvlistValue", {1: ("values", [_KEY_VALUE])})
_EVENT: dict[int, _Field] = {2: ("name", "text"), 3: ("attributes", [_KEY_VALUE])}
_SPAN: dict[int, _Field] = {
    1: ("traceId", "hex"),
    2: ("spanId", "hex"),
    4: ("parentSpanId", "hex"),
    5: ("name", "text"),
    7: ("startTimeUnixNano", "fixed"),
    8: ("endTimeUnixNano", "fixed"),
    9: ("attributes", [_KEY_VALUE]),
    11: ("events", [_EVENT]),
    15: ("status", {2: ("message", "text"), 3: ("code", "integer")}),
}
_REQUEST: dict[int, _Field] = {
    1: (
        "resourceSpans",
        [
            {
                1: ("resource", {1: ("attributes", [_KEY_VALUE])}),
                2: ("scopeSpans", [{2: ("spans", [_SPAN])}]),
            }
        ],
    )
}
_DEEPEST = 40


def read_protobuf(data: bytes) -> dict[str, Any] | None:
    """Return an export request of traces; None for bytes that are none."""
    try:
        found = _message(data, _REQUEST, 0)
    except (ValueError, struct.error, IndexError):
        return None
    return found if found.get("resourceSpans") else None


def _message(data: bytes, fields: dict[int, _Field], depth: int) -> dict[str, Any]:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    found: dict[str, Any] = {}
    for number, wire, value in _raw_fields(data):
        if number not in fields:
            continue
        name, kind = fields[number]
        if isinstance(kind, list):
            found.setdefault(name, []).append(_message(_bytes(value), kind[0], depth + 1))
        elif isinstance(kind, dict):
            found[name] = _message(_bytes(value), kind, depth + 1)
        else:
            found[name] = _scalar(kind, wire, value)
    return found


def _raw_fields(data: bytes) -> Iterator[tuple[int, int, bytes | int]]:
    """Yield number, wire type and value of each field; raises ValueError for what is no message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, wire, value
            continue
        size, at = (8, at) if wire == 1 else (4, at) if wire == 5 else _varint(data, at)
        if wire not in (1, 2, 5) or not number or at + size > len(data):
            raise ValueError("no protobuf message")
        yield number, wire, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("number without an end")


def _scalar(kind: str, wire: int, value: bytes | int) -> Any:
    if isinstance(value, int):
        if kind == "flag":
            return bool(value)
        return value - (1 << 64) if value >> 63 else value
    if kind == "double" and wire == 1:
        return struct.unpack("<d", value)[0]
    if kind == "fixed" and wire == 1:
        return int.from_bytes(value, "little")
    return value.hex() if kind == "hex" else value.decode("utf-8", "replace")


def _bytes(value: bytes | int) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number in place of a message")
    return value
