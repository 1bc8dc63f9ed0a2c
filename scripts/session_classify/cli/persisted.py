"""Reading of persisted results from files or standard input, shared by commands."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from session_classify.errors import UsageError
from session_classify.inputs import as_text, read_input
from session_classify.instants import any_instant
from session_classify.wire.answers.choose import chosen
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.trace.agent_loop import Loop, read_loop

_LOOPS = (Shape.LOOP, Shape.MISSING)
_YEARS = 2001, 9000
"""The range of years in which a session can be."""


def read_loops(paths: tuple[str, ...]) -> Iterator[Loop]:
    """Yield the agent loops in each file, in the order they were named; `-` is standard input.

    A transcript holds several, beside other results; what cannot be read of it is a state.
    """
    for path in paths:
        payloads, lost = chosen(open_envelopes(read_file(path), as_text(path)), _LOOPS)
        yield from map(read_loop, payloads)
        for line in lost:
            yield Loop(payloads[0], None, state=line)


def read_payloads(paths: tuple[str, ...]) -> Iterator[Payload]:
    """Yield every result in each file, without its envelope; `-` is standard input."""
    for path in paths:
        yield from open_envelopes(read_file(path), as_text(path))


def read_file(path: str) -> bytes:
    """Return the bytes of a file; `-` is standard input. Raises UsageError if it is unreadable."""
    try:
        return sys.stdin.buffer.read() if path == "-" else read_input(Path(path).expanduser())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def read_instant(text: str, option: str) -> datetime:
    """Return the instant in an option's value; raises UsageError for an invalid one."""
    try:
        moment = any_instant(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise UsageError(
            f"invalid time {option} {text}; give ISO 8601, such as "
            "2026-11-20T05:09:00Z, or a number since 1970"
        )
    return moment
