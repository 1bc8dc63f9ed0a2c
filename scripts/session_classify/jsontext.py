"""JSON values that travel as text, and the text of JSON values."""

import json
import re

import msgspec

from session_classify.model import JsonValue

DEEPEST = 60
"""Levels of nesting that are looked into; deeper data, which no API sends, stays text."""
_PRINTED = re.compile(r"\s*(?:\[\s*)?\{\s*'")
_LONGEST_PRINTED = 1_000_000


def compact_json(value: JsonValue) -> str:
    """Return the value as one line of JSON; a string as it is."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def parsed(value: JsonValue) -> JsonValue:
    """Return the value behind a string that holds an object or list, else the value itself.

    Python tools print their results as Python does (`{'id': None}`, `NaN`); both are read.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            data = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            data = _printed(value)
        return value if is_too_deep(data, value.count("{") + value.count("[")) else data
    return value


def _printed(text: str) -> JsonValue:
    """Return the value that Python printed, with null for what JSON has no word for."""
    import ast  # 3 ms that only such a value pays
    import warnings

    try:
        if not _PRINTED.match(text):
            data: JsonValue = json.loads(text, parse_constant=lambda _: None)
            return data
        if len(text) > _LONGEST_PRINTED:
            return text
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in strings that are none
            decoded: JsonValue = msgspec.json.decode(
                msgspec.json.encode(ast.literal_eval(text.strip()))
            )
        return decoded
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text


def is_too_deep(value: JsonValue, openings: int) -> bool:
    """Tell whether a value is nested beyond `DEEPEST`; its text has so many opening brackets.

    Most values have too few brackets for that, and are not walked through.
    """
    return openings > DEEPEST and depth(value) > DEEPEST


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
