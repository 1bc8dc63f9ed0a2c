"""What pup's agent mode and servers that return one string put around a result.

Sources: references/sources/clients.md#pup and references/sources/clients.md#persisted-results.
"""

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.wire.answers.refusals import ERROR_SIZE, is_gone
from session_classify.wire.answers.wrappers import Keys

AN_ERROR = "an error answer"


def pup_inside(keys: Keys, data: bytes, name: str) -> tuple[str, bytes]:
    """Return what an object is in words and the JSON value in it; two empties for a result.

    The words are `AN_ERROR` for an error that is an answer. Raises UnusableInputError for others.
    """
    result, status = _value(keys, "result"), _value(keys, "status")
    inner, errors = _value(keys, "data"), _value(keys, "errors")
    if errors and not inner:
        return AN_ERROR, errors[:ERROR_SIZE]
    if result.startswith(b'"') or (result.startswith(b"{") and _is_alone(keys, result)):
        return "JSON in its `result`", result
    if status == b'"error"' and is_gone(data):
        return AN_ERROR, data[:ERROR_SIZE]
    if status == b'"error"':
        raise UnusableInputError(f"{name} is an error result of pup; run the command again")
    if status and inner and not inner.startswith(b'"'):
        return "pup's agent mode", inner
    if inner.startswith(b"{"):
        return "in its `data`", inner
    return "", b""


def _is_alone(keys: Keys, result: bytes) -> bool:
    """Tell a wrapped object from the answer of the local test agent, which is read as it is."""
    return len(keys) == 1 and not any(key in result for key in (b'"events"', b'"custom"'))


def _value(keys: Keys, key: str) -> bytes:
    found = bytes(keys.get(key, msgspec.Raw()))
    return b"" if found == b"null" else found
