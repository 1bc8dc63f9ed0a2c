"""The meaning of a failed call: by its transport status, else by the format of its message."""

import re
from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec

from session_classify.backends.failure_forms import (
    FORMS,
    NETWORK,
    NO_LOGIN,
    NO_STATUS,
    WORDS,
)
from session_classify.lazy import lazy_pattern

_LOOKED_AT, _PARTS = 20_000, 100
"""Most characters and parts of a message that are read: a status comes first."""
_DEEPEST = 4
_QUOTED = lazy_pattern(r"\"[^\"\n]*+\"|`[^`\n]*+`|(?<!\w)'[^'\n]*+'(?!\w)")
"""Quoted text comes from elsewhere; an apostrophe within a word is not a quotation mark."""
_PART = lazy_pattern(r"(?:\A|(?<=\n)|(?<=: ))[ \t]*+")
"""The beginning of a message and of each part of it: a line, or the text after a colon."""
_CODES = ("status", "status_code", "statusCode", "http_status", "error_code", "code")
_TEXTS = ("errors", "error", "message", "error_message", "detail", "title", "content", "text")


class Kind(StrEnum):
    """What a failure means for the caller."""

    NO_ACCESS = "no access"
    MISSING = "not found"
    PASSING = "passing"
    """Temporary: the same call may succeed later."""
    OTHER = "other"


class Failure(msgspec.Struct, frozen=True):
    """Why a call was not answered."""

    kind: Kind = Kind.OTHER
    status: int = NO_STATUS
    """The HTTP status; 0 where there is none."""


class FailedCallError(Exception):
    """One call that was not answered, with the error message.

    `failure` is the transport's status; the message is then not interpreted. It is None where the
    transport has none. `wait` is the number of seconds that the server asks to wait, or None.
    """

    def __init__(
        self, message: str, failure: Failure | None = None, *, wait: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.failure = failure or read_failure(message)
        self.wait = wait


NO_ANSWER = Failure(Kind.PASSING)
"""No answer, or not in time."""


def of_status(status: int) -> Failure:
    """Return the meaning of an HTTP status or of a constant of `failure_forms`."""
    if status == NETWORK:
        return NO_ANSWER
    if status == NO_LOGIN:
        return Failure(Kind.NO_ACCESS)
    if status in (401, 403):
        return Failure(Kind.NO_ACCESS, status)
    if status in (404, 410):
        return Failure(Kind.MISSING, status)
    if status in (408, 425, 429) or (status >= 500 and status not in (501, 505)):
        return Failure(Kind.PASSING, status)
    return Failure(Kind.OTHER, max(status, NO_STATUS))


def read_failure(message: str | bytes) -> Failure:
    """Return the meaning of a message by its format; a bare number is not a status.

    A format counts at the beginning of the message, of a line, or after a colon; the first match
    wins. A JSON error is read by its fields. Quoted text and unknown formats have no meaning.
    """
    if isinstance(message, bytes):
        message = message[: 4 * _LOOKED_AT].decode("utf-8", "replace")
    return of_status(_read(message[:_LOOKED_AT], 0))


def as_answer(message: str, failure: Failure) -> bytes:
    """Return a failure as the text that is stored as the answer; `read_failure` decodes it."""
    if failure.status:
        head = f"HTTP {failure.status}: "
    elif failure.kind is Kind.NO_ACCESS:
        head = "no access: "
    elif failure.kind is Kind.PASSING:
        head = "no response: "
    else:
        head = "not answered: " if read_failure(f"Error: {message}") != failure else ""
    return f"Error: {head}{message.removeprefix(head)}".encode("utf-8", "replace")


def _read(message: str, depth: int) -> int:
    # Quoted text is replaced by text of equal length, so that positions stay valid.
    unquoted = _QUOTED.sub(lambda quoted: "x" * len(quoted.group()), message)
    is_json = 0
    for part in islice(_PART.finditer(unquoted), _PARTS):
        at = part.end()
        # A message that is one JSON string is not a quotation.
        if message[at : at + 1] in ("{", "[") or (
            message[at : at + 1] == '"' and part.start() == 0
        ):
            is_json += 1
            if is_json > _DEEPEST:
                continue
            if found := _of_json(_decoded(message[at:]), depth + 1):
                return found
        for form in FORMS:
            if match := form.pattern.match(message, at):
                return form.means or int(match.group(1))
    return NO_STATUS


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None


def _of_json(value: Any, depth: int) -> int:
    """Return the status of an error object: its code, else the status in its texts."""
    if depth > _DEEPEST:
        return NO_STATUS
    if isinstance(value, str):
        return _read(value, depth)
    if isinstance(value, list):
        return next(filter(None, (_of_json(item, depth + 1) for item in value[:3])), NO_STATUS)
    if not isinstance(value, dict):
        return NO_STATUS
    codes = (_code(value.get(key)) for key in _CODES)
    inner = (_of_json(value.get(key), depth + 1) for key in _TEXTS)
    return next(filter(None, codes), NO_STATUS) or next(filter(None, inner), NO_STATUS)


def _code(value: Any) -> int:
    if isinstance(value, str):
        if not value.isdecimal():
            return WORDS.get(re.sub(r"[\W_]", "", value).lower(), NO_STATUS)
        value = int(value) if len(value) == 3 else NO_STATUS
    is_status = isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600
    return value if is_status else NO_STATUS
