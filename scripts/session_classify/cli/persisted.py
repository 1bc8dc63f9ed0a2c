"""What the verbs on persisted results share: reading them from files or standard input."""

import sys
from collections.abc import Iterator
from pathlib import Path

from session_classify.errors import UsageError
from session_classify.wire.agent_loop import Loop, read_loop
from session_classify.wire.envelope import open_envelope


def read_loops(paths: tuple[str, ...]) -> Iterator[Loop]:
    """Yield the agent loop of each file, in the order they were named; `-` is standard input."""
    for path in paths:
        yield read_loop(open_envelope(read_file(path), path))


def read_file(path: str) -> bytes:
    """Return the bytes of a file; `-` is standard input. Raises UsageError for one that is none."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
