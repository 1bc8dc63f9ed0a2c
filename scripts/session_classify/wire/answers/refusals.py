"""Texts that stand in place of a result: notes of a client, cut results, errors."""

from typing import Any

import msgspec

from session_classify.backends.failures import Failure, Kind, read_failure
from session_classify.errors import UnusableInputError
from session_classify.lazy import lazy_pattern
from session_classify.queries.call import CallEnd
from session_classify.queries.intents import STORED

ERROR = lazy_pattern(r"\A\s*(?:Error:|MCP error|Exit code [1-9])")
ERROR_SIZE = 20_000
"""Bytes of an error that are kept for reading it."""
_PASTED = lazy_pattern(r"\A\s*(?:<persisted-output>|Error: result \([\d,]+ characters)")
_SAVED_TO = lazy_pattern(r"saved to:?\s++([^\n]+)")
_NOTHING = 100
"""Characters; a longer result holds something."""
_TAIL = 10_000
"""Characters at the end of a result in which a client says that it cut it."""
_CUT_BY_CLIENT = lazy_pattern(r"\[OUTPUT TRUNCATED|\.\.\. \[\d+ characters truncated\] \.\.\.")


class _Said(msgspec.Struct):
    """Fields of an object that is an error."""

    is_error: bool = msgspec.field(name="isError", default=False)
    error: Any = None
    errors: Any = None


class NothingInsideError(UnusableInputError):
    """A wrapper that is no result and no error; beside results it is passed over."""


def is_gone(said: str | bytes) -> bool:
    """Tell whether an error says not found: that is an answer, and the next source is asked."""
    return read_failure(said).kind is Kind.MISSING


def is_stored_note(text: str) -> bool:
    """Tell the words that the capture hook puts in place of a result."""
    return text.startswith(STORED)


def ended(text: str, *, is_error: bool) -> CallEnd:
    """Return how a call ended; `is_error` is what the client says of its result."""
    if _CUT_BY_CLIENT.search(text[-_TAIL:]):
        return CallEnd.REFUSED
    failure = read_failure(text)
    told = is_error or ERROR.match(text) or _says_error(text, failure)
    if is_pasted(text) or not (told or _is_blank(text)):
        return CallEnd.EMPTY if _is_empty(text) else CallEnd.ANSWERED
    passes = failure.kind is Kind.PASSING or failure == Failure()
    return CallEnd.FAILED if passes else CallEnd.REFUSED


def _is_blank(text: str) -> bool:
    return len(text) <= _NOTHING and text.strip() in ("", "null", '""')


def _is_empty(text: str) -> bool:
    """Return whether a result is JSON without rows and without content."""
    if len(text) > _NOTHING:
        return False
    try:
        value = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return False
    return not (any(value.values()) if isinstance(value, dict) else value)


def _says_error(text: str, failure: Failure) -> bool:
    """Return whether an object is an error; a field `error` alone may be part of a span."""
    if text.lstrip()[:1] != "{":
        return False
    try:
        said = msgspec.json.decode(text.encode("utf-8", "replace"), type=_Said)
    except (msgspec.DecodeError, RecursionError):
        return False
    return said.is_error or bool((said.error or said.errors) and failure != Failure())


def is_pasted(text: str) -> bool:
    """Tell the note that a client shows a model in place of a large result."""
    return _PASTED.match(text) is not None


def saved_to(text: str) -> str:
    """Return the file that such a note names; empty for any other text."""
    place = _SAVED_TO.search(text) if is_pasted(text) else None
    return place.group(1).rstrip().removesuffix(".") if place else ""


def refuse_pasted(text: str, name: str) -> None:
    """Raise UnusableInputError for such a note, with the file that it names."""
    if is_pasted(text):
        file = saved_to(text)
        where = f"pass that file instead: {file}" if file else "pass the file it names"
        raise UnusableInputError(
            f"{name} holds the text that a model sees in place of a large result; {where}"
        )


def refuse_cut(text: str, name: str) -> None:
    """Raise UnusableInputError for a text in which a client says that it cut it."""
    if _CUT_BY_CLIENT.search(text):
        raise UnusableInputError(
            f"{name} was cut by the agent client and cannot be read; ask again for a smaller part, "
            "or let the client write large results to a file"
        )


def refuse_error(text: str, name: str) -> None:
    """Raise UnusableInputError for an error, unless it says not found."""
    if ERROR.match(text) and not is_gone(text):
        gist = " ".join(text[:200].split())
        raise UnusableInputError(
            f"{name} is an error result ({gist}); repeat the call and pass its answer"
        )
