"""Print data on stdout or into a file; everything else goes to stderr."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

    from session_classify.verdict.check import Refusal

Command = Callable[..., Any]


def out_option(command: Command) -> Command:
    """Give a verb `--out`: a flag needs no approval in agents where a redirect does."""
    return click.option("--out", type=click.Path(), help="Write here instead of printing.")(command)


def emit(text: str, out: str | None, *, anew: bool = False) -> None:
    """Print `text`, or write it to `out` and say so; secrets of known formats are masked in it.

    With `anew` a file that exists stays as it is, and UsageError says so. A reader of a pipe who
    has seen enough is no error.
    """
    from session_classify.redaction import without_secrets

    text = without_secrets(text)
    if out is None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    try:
        with open(out, "x" if anew else "w", encoding="utf-8") as file:  # noqa: PTH123  pathlib costs --help 2 ms
            file.write(text)
    except FileExistsError as error:
        from session_classify.errors import UsageError

        raise UsageError(f"{out} exists already and is left as it is; name a new file") from error
    click.echo(f"written to {out}", err=True)


def as_json(value: object) -> str:
    """Return a struct as indented JSON with a line feed."""
    import msgspec

    from session_classify.report.text import visible_json

    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return visible_json(text) + "\n"


def case_argument(path: "Path") -> str:
    """Return a path as it can be pasted into a shell, whatever blanks are in it."""
    import shlex

    return shlex.quote(str(path))


def refusal_lines(refusals: "tuple[Refusal, ...]") -> list[str]:
    """Return each refusal of the check in one line: what is wrong, and its cure."""
    from session_classify.report.text import one_line

    return [f"refused, {r.id}: {one_line(r.message)}; {r.cure}" for r in refusals]
