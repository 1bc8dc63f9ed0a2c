"""Standard streams: always open, UTF-8, with errors reported as one line and an exit code."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any


class _Output(TextIOWrapper):
    """Standard output: a closed pipe ends the process, other errors raise StorageError.

    In both cases the remaining output is discarded: Python would try to write it again at exit, and
    fail again.
    """

    def write(self, text: str, /) -> int:
        with self._reported():
            return super().write(text)

    def flush(self) -> None:
        with self._reported():
            super().flush()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if isinstance(error, BrokenPipeError):
                sys.exit(0)
            from session_classify.errors import StorageError
            from session_classify.storage import reason

            raise StorageError(
                f"cannot write to standard output: {reason(error)}; redirect it elsewhere, or "
                "name a file with --out where the command takes one"
            ) from error


class _Messages(TextIOWrapper):
    """Standard error: if it cannot be written, the run continues silently."""

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def open_streams() -> None:
    """Make the standard streams usable, whatever state the parent process left them in.

    Trace text contains any character, whatever the terminal's locale. A closed stream gets its
    number back before another file can take it, and fails when it is used; messages are dropped.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, mode), True)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  stays open
    sys.stdout = _opened(_Output, sys.stdout, 1)
    sys.stderr = _opened(_Messages, sys.stderr, 2)


def _opened(kind: type[TextIOWrapper], stream: Any, number: int) -> Any:
    """Return a stream of this kind in place of Python's own; streams set by tests stay."""
    if stream is not None and not isinstance(stream, TextIOWrapper):
        return stream
    binary = open(number, "wb", closefd=False)  # noqa: SIM115  stays open
    return kind(binary, encoding="utf-8", errors="backslashreplace")


def on_signal(number: int, act: Callable[[], object]) -> None:
    """Install a signal handler, unless the parent process had the signal ignored."""
    if signal.getsignal(number) is not signal.SIG_IGN:
        signal.signal(number, lambda *_: act())
