"""Print data on stdout or into a file; everything else goes to stderr."""

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from session_classify.errors import UsageError

Command = Callable[..., Any]


def out_option(command: Command) -> Command:
    """Give a verb `--out`: a flag needs no approval in agents where a redirect does."""
    return click.option(
        "--out", type=click.Path(path_type=Path), help="Write here instead of printing."
    )(command)


def emit(text: str, out: Path | None) -> None:
    """Print `text` as it is, or write it to `out` and say so."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}") from error
    click.echo(f"written to {out}", err=True)


def as_json(value: object) -> str:
    """Return a struct as indented JSON with a line feed."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def program() -> str:
    """Return what was typed to get here: the launcher says it, else the console script."""
    return os.environ.get("SESSION_CLASSIFY_COMMAND", "session-classify")


def case_argument(path: Path) -> str:
    """Return a path as it can be pasted into a shell, whatever blanks are in it."""
    return shlex.quote(str(path))
