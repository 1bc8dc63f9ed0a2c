"""Encode and decode JSON values that are stored as text."""

import json
import re

import msgspec

from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of decoding: not JSON, strings that are not UTF-8, unlimited nesting."""
DEEPEST = 60
"""Levels of nesting that are decoded; deeper data, which no API sends, stays text."""
_PRINTED = lazy_pattern(r"\s*(?:\[\s*)?\{\s*'")
_LONGEST_PRINTED = 1_000_000
_ESCAPE = lazy_pattern(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})(\\u[dD][c-fC-F][0-9a-fA-F]{2})?"
    rb"|u([dD][c-fC-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def compact_json(value: JsonValue) -> str:
    """Return the value as one line of JSON; a string unchanged."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def parsed(value: JsonValue) -> JsonValue:
    """Return the value in a string that holds an object or list, else the value itself.

    Python tools print results as Python literals (`{'id': None}`, `NaN`); these are decoded too.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            data = msgspec.json.decode(value)
        except UNREADABLE:
            data = _printed(mended(value.encode("utf-8", "surrogatepass")).decode())
        if isinstance(data, str) or is_too_deep(data, value.count("{") + value.count("[")):
            return value
        return data
    return value


def _printed(text: str) -> JsonValue:
    """Return the value of a Python literal, with null where JSON has no equivalent.

    Returns the text itself if it is not a literal.
    """
    import ast  # imported here: it takes 3 ms
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


def mended(data: bytes) -> bytes:
    """Return JSON with lone surrogates escaped and invalid UTF-8 replaced."""

    def spell(match: re.Match[bytes]) -> bytes:
        high, low, alone = match.groups()
        if high and not low:
            return b"\\\\u" + high
        return b"\\\\u" + alone if alone else match.group()

    return _ESCAPE.sub(spell, data).decode("utf-8", "replace").encode()


def shallow(value: JsonValue) -> JsonValue:
    """Return a value in which everything nested beyond `DEEPEST` is replaced by its JSON text.

    Later code may then walk the value recursively.
    """
    if not isinstance(value, dict | list) or not value:
        return value
    return _shallow(value, DEEPEST) if depth(value) > DEEPEST else value


def _shallow(value: JsonValue, levels: int) -> JsonValue:
    if not isinstance(value, dict | list):
        return value
    if not levels:
        try:
            return compact_json(value)
        except RecursionError:
            return "(nested too deeply)"
    if isinstance(value, dict):
        return {key: _shallow(item, levels - 1) for key, item in value.items()}
    return [_shallow(item, levels - 1) for item in value]


def is_too_deep(value: JsonValue, openings: int) -> bool:
    """Return whether a value is nested beyond `DEEPEST`; `openings` counts brackets in its text.

    Values with few brackets are not walked.
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
