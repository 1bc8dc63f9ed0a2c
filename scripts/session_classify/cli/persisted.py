"""What the verbs on persisted results share: reading them from files or standard input."""

import sys
from collections.abc import Iterator
from pathlib import Path

from session_classify.errors import UsageError
from session_classify.wire.agent_loop import Loop, read_loop
from session_classify.wire.envelope import open_envelope


def read_files(paths: tuple[str, ...]) -> Iterator[tuple[bytes, str]]:
    """Yield content and name of each file, in the order they were named; `-` is standard input."""
    for path in paths:
        try:
            data = sys.stdin.buffer.read() if path == "-" else Path(path).expanduser().read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
        yield data, path


def read_loops(paths: tuple[str, ...]) -> Iterator[Loop]:
    """Yield the agent loop of each file."""
    for data, path in read_files(paths):
        yield read_loop(open_envelope(data, path))
