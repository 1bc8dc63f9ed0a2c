"""Arguments of a call, as the model wrote them and as streams leave them behind."""

import json

from session_classify.jsontext import UNREADABLE, parsed
from session_classify.model import JsonValue

_LONGEST = 200_000
_MOST = 20
"""Values in a row that are looked at: a stream repeats itself a few times."""
_decoder = json.JSONDecoder()


def mended_arguments(given: JsonValue) -> JsonValue:
    """Return the arguments of a call: the value behind its text, and one where a stream has many.

    Streams that are put together twice leave `{"a": 1}{"a": 1}`, or `{}` before the arguments; an
    SDK that cannot parse that keeps it under `value`. None gives an empty object.
    """
    if given is None:
        return {}
    wrapped = given.get("value") if isinstance(given, dict) and len(given) == 1 else None
    if isinstance(wrapped, str):
        repeated = _repeated(wrapped)
        return given if repeated is None else repeated
    found = parsed(given)
    if isinstance(found, str) and (repeated := _repeated(found)) is not None:
        return repeated
    return found


def _repeated(text: str) -> JsonValue:
    """Return the object that a text holds several times, empty ones aside; None for other texts."""
    if not text.lstrip().startswith("{") or len(text) > _LONGEST:
        return None
    values: list[JsonValue] = []
    at = 0
    while at < len(text) and len(values) < _MOST:
        try:
            value, at = _decoder.raw_decode(text, at)
        except (ValueError, *UNREADABLE):
            return None
        values.append(value)
        at += len(text) - at - len(text[at:].lstrip())
    filled = [value for value in values if value != {}]
    alike = bool(filled) and all(value == filled[0] for value in filled)
    return filled[0] if len(values) > 1 and at >= len(text) and alike else None
