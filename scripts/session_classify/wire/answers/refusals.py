"""Texts that stand in place of a result: notes of a client, cut results, errors."""

from session_classify.backends.failures import Kind, read_failure
from session_classify.errors import UnusableInputError
from session_classify.lazy import lazy_pattern

ERROR = lazy_pattern(r"\A\s*(?:Error:|MCP error|Exit code [1-9])")
ERROR_SIZE = 20_000
"""Bytes of an error that are kept for reading it."""
_PASTED = lazy_pattern(r"\A\s*(?:<persisted-output>|Error: result \([\d,]+ characters)")
_SAVED_TO = lazy_pattern(r"saved to:?\s++([^\n]+)")
_CUT_BY_CLIENT = lazy_pattern(r"\[OUTPUT TRUNCATED|\.\.\. \[\d+ characters truncated\] \.\.\.")


class NothingInsideError(UnusableInputError):
    """A wrapper that is no result and no error; beside results it is passed over."""


def is_gone(said: str | bytes) -> bool:
    """Tell whether an error says not found: that is an answer, and the next source is asked."""
    return read_failure(said).kind is Kind.MISSING


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
