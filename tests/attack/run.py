"""Runs commands in this process, as `session-classify` runs them, and takes what they print."""

import io
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from session_classify.cli import main
from session_classify.places import cache_folder
from tests.attack.guard import TooLongError, in_time, watched

SECONDS = 30.0
"""Far more than any command takes on a busy machine."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    argv: tuple[str, ...]
    code: int | None
    """None where it did not end in time."""
    out: str
    err: str
    broken: tuple[str, ...] = ()
    """What it did that no command may do."""

    @property
    def verb(self) -> str:
        """The command without its arguments, with the options that change what it prints."""
        words = [word for word in self.argv[1:] if word in ("--json", "--verbose")]
        return " ".join([self.argv[0], *words])


def run(
    *arguments: object,
    allowed: tuple[Path, ...] = (),
    stdin: bytes = b"",
    seconds: float = SECONDS,
    starts: bool = False,
    port: int = 0,
) -> Done:
    """Run one command; it may write below the `allowed` paths and the cache alone.

    With `starts` it may start programs, which are handed temporary files; with `port` it may
    connect to that port of this machine.
    """
    allowed = (*allowed, cache_folder())  # profiles are kept there parsed
    if starts:
        allowed = (*allowed, Path(os.environ["TMPDIR"]))
    argv = tuple(map(str, arguments))
    out, err = io.StringIO(), io.StringIO()
    with _as_process(argv, stdin, out, err), watched(*allowed, starts=starts, port=port) as watch:
        code: int | None = None
        try:
            with in_time(seconds):
                main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        except TooLongError as late:
            err.write(str(late))
    return Done(argv, code, _text(out), _text(err), tuple(watch.broken))


def _text(stream: io.StringIO) -> str:
    """Return what was printed as a terminal gets it."""
    return stream.getvalue().encode("utf-8", "backslashreplace").decode()


@contextmanager
def _as_process(
    argv: tuple[str, ...], stdin: bytes, out: io.StringIO, err: io.StringIO
) -> Iterator[None]:
    before = sys.argv, sys.stdin, sys.stdout, sys.stderr, signal.getsignal(signal.SIGTERM)
    sys.argv = ["session-classify", *argv]
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = before[:4]
        signal.signal(signal.SIGTERM, before[4])


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make `folder` the home, the working directory and the place of state, without any keys."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR")
    kept, cwd, temporary = {**os.environ}, Path.cwd(), tempfile.tempdir
    tempfile.tempdir = str(folder / "tmpdir")
    for name in list(os.environ):
        if name.startswith(("DD_", "DATADOG", "SESSION_CLASSIFY", "PUP_", "XDG_")):
            del os.environ[name]
    os.environ.update({name: str(folder / name.lower()) for name in names})
    for name in names:
        Path(os.environ[name]).mkdir(exist_ok=True)
    (folder / "work").mkdir(exist_ok=True)
    os.chdir(folder / "work")
    try:
        yield
    finally:
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(kept)
        tempfile.tempdir = temporary
