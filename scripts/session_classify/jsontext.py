"""JSON values that travel as text, and the text of JSON values."""

import msgspec

from session_classify.model import JsonValue

DEEPEST = 60
"""Levels of nesting that are looked into; deeper data, which no API sends, stays text."""


def compact_json(value: JsonValue) -> str:
    """Return the value as one line of JSON; a string as it is."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def parsed(value: JsonValue) -> JsonValue:
    """Return the JSON value behind a string that holds an object or list, else the value itself."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            data = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
        return data if depth(data) <= DEEPEST else value
    return value


def depth(value: JsonValue) -> int:
    """Return how deep objects and lists are nested, without recursion."""
    level, values = 0, [value]
    while values := [
        inner
        for item in values
        if isinstance(item, dict | list)
        for inner in (item.values() if isinstance(item, dict) else item)
    ]:
        level += 1
    return level
