"""Run the command line: in this process, or in one of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pytest

from session_classify.cli import main


def run(
    *arguments: object,
    cwd: Path | None = None,
    stdin: str | None = None,
    script: str = "session-classify",
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """Run `session-classify` in this process and return what it printed and its exit code.

    It has streams, arguments, variables and a folder of its own, as a process has; what it starts
    inherits them. Signal handlers are put back. `run_process` is for what is left: how a process
    starts and ends, and what other processes see of it.
    """
    words = [script, *map(str, arguments)]
    with (
        pytest.MonkeyPatch.context() as patch,
        _signals(signal.SIGINT, signal.SIGTERM),
        _streams((stdin or "").encode()) as (out, err),
    ):
        # Until the command line changes that they take ASCII alone, as in the C locale.
        for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
            patch.setattr(sys, name, open(number, mode, encoding="ascii", closefd=False))  # noqa: SIM115
        patch.setattr(sys, "argv", words)
        for name, value in env.items():
            patch.setenv(name, value)
        if cwd is not None:
            patch.chdir(cwd)
        try:
            main()
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        printed = [_read(file) for file in (out, err)]
    assert isinstance(code, int)
    return subprocess.CompletedProcess(words, code, *printed)


@contextmanager
def _signals(*numbers: int) -> Iterator[None]:
    """Put the handlers of signals back afterwards."""
    before = [(number, signal.getsignal(number)) for number in numbers]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@contextmanager
def _streams(data: bytes) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Put files in the place of this process's standard streams; the first one holds `data`.

    Yields the files of what is printed.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile(buffering=0)) for _ in range(3)]
        files[0].write(data)
        files[0].seek(0)
        for number, file in enumerate(files):
            before = os.dup(number)
            stack.callback(os.close, before)
            stack.callback(os.dup2, before, number)
            os.dup2(file.fileno(), number)
        yield files[1], files[2]


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def run_process(
    *arguments: object, cwd: Path | None = None, stdin: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run `session-classify` as people do, in a process of its own; otherwise as `run`."""
    return subprocess.run(
        [sys.executable, "-m", "session_classify", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        input=stdin,
        env={**os.environ, **env},
        check=False,
    )


def a_bundle(folder: Path, rows: Iterable[Any], name: str = "spans.jsonl") -> Path:
    """Write a bundle of span rows; a row may be raw bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    (folder / name).write_bytes(b"\n".join(lines))
    return folder


def a_row(span: str = "r", **fields: Any) -> dict[str, Any]:
    """Return a root span's row of session s-1; made up."""
    attributes = {
        "span_id": span,
        "trace_id": f"t-{span}",
        "parent_id": "undefined",
        "span_kind": "agent",
        "start_ns": 1_795_000_000_000_000_000,
        "duration": 10**9,
        "tags": ["session_id:s-1"],
        "input": {"value": "Hi"},
        "output": {"value": "Hello"},
    }
    return {"id": span, "type": "span", "attributes": {**attributes, **fields}}
