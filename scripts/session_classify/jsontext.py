"""JSON values that travel as text, and the text of JSON values."""

import msgspec

from session_classify.model import JsonValue


def compact_json(value: JsonValue) -> str:
    """Return the value as one line of JSON; a string as it is."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def parsed(value: JsonValue) -> JsonValue:
    """Return the JSON value behind a string that holds an object or list, else the value itself."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
    return value
