"""Print data on stdout or into a file; everything else goes to stderr."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path


Command = Callable[..., Any]


def out_option(command: Command) -> Command:
    """Add `--out`: in agents a flag needs no approval, a redirect does."""
    return click.option(
        "--out", type=click.Path(readable=False), help="Write here instead of printing."
    )(command)


def say(line: str) -> None:
    """Print a line for whoever watches, on standard error."""
    click.echo(line, err=True)


def emit(text: str, out: str | None, *, anew: bool = False, quiet: bool = False) -> None:
    """Print `text`, or write it to `out` and report that; secrets of known formats are masked.

    With `quiet`, writing is not reported. With `anew`, an existing file stays unchanged and raises
    UsageError. If a file cannot be
    written, it keeps its content and StorageError is raised.
    """
    from session_classify.redaction import without_secrets

    text = without_secrets(text)
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from pathlib import Path

    from session_classify.errors import UsageError
    from session_classify.storage import storing, write_whole

    data = text.encode("utf-8", "backslashreplace")
    with storing(Path(out), "name another file with --out"):
        try:
            write_whole(Path(out), data, anew=anew)
        except FileExistsError as error:
            raise UsageError(
                f"{out} exists already and is left as it is; name a new file"
            ) from error
    if not quiet:
        click.echo(f"written to {out}", err=True)


def as_json(value: object) -> str:
    """Return a struct as indented JSON with a line feed."""
    import msgspec

    from session_classify.printing.text import visible_json

    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return visible_json(text) + "\n"


def case_argument(path: "Path") -> str:
    """Return a path quoted for a shell."""
    import shlex

    return shlex.quote(str(path))
