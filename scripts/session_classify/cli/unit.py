"""What `gather` and `classify` share: which unit, from which backend, into which case."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from session_classify.errors import UsageError
from session_classify.vocabulary import Unit

if TYPE_CHECKING:
    from session_classify.backends import Backend
    from session_classify.case import Case
    from session_classify.evidence.findings import Evidence

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TRACE = r"[0-9a-f]{32}|\d{16,}"
_BACKENDS = "bundle:PATH"

Command = Callable[..., Any]


def unit_options(command: Command) -> Command:
    """Give a verb the arguments that name a unit and where it is found."""
    for option in (
        click.option(
            "--profile",
            "profile",
            type=click.Path(),
            help="App profile; without it the one that names the app, else the generic one.",
        ),
        click.option(
            "--case",
            "case",
            type=click.Path(),
            help="Directory for the case; without it one in your state directory.",
        ),
        click.option(
            "--backend", metavar=_BACKENDS, help="Where the data is: a folder of exported rows."
        ),
        click.argument("words", nargs=-1, metavar="[session|trace] ID"),
    ):
        command = option(command)
    return command


def gather_unit(
    words: tuple[str, ...], backend: str | None, case: str | None, profile: str | None
) -> "tuple[Case, Evidence]":
    """Make the case that the arguments ask for."""
    from pathlib import Path

    from session_classify.case import default_path
    from session_classify.gather import gather

    unit, unit_id = read_unit(words)
    path = Path(case) if case else default_path(unit, unit_id)
    return gather(open_backend(backend), unit, unit_id, path, Path(profile) if profile else None)


def read_unit(words: tuple[str, ...]) -> tuple[Unit, str]:
    """Tell what an id is about: by the word before it, else by its shape."""
    if not words:
        raise UsageError(
            "Provide a session id or a trace id: session-classify gather [session|trace] ID",
            code="missing_input",
        )
    if len(words) == 2 and words[0] in (Unit.SESSION, Unit.TRACE):
        return Unit(words[0]), words[1]
    if len(words) > 1:
        raise UsageError(f"expected [session|trace] ID, got: {' '.join(words)}")
    if re.fullmatch(_UUID, words[0], re.IGNORECASE):
        return Unit.SESSION, words[0]
    if re.fullmatch(_TRACE, words[0], re.IGNORECASE):
        return Unit.TRACE, words[0]
    raise UsageError(
        f"{words[0]} looks like neither a session id (dashed UUID) nor a trace id (32 hex digits); "
        f"say which it is: session {words[0]} or trace {words[0]}"
    )


def open_backend(spec: str | None) -> "Backend":
    """Return the backend that `KIND:WHERE` names."""
    kind, _, where = (spec or "").partition(":")
    if kind == "bundle" and where:
        from pathlib import Path

        from session_classify.backends.bundle import open_bundle

        return open_bundle(Path(where).expanduser())
    given = f"unknown backend {spec!r}" if spec else "no backend given"
    raise UsageError(f"{given}; say where the data is: --backend {_BACKENDS}")
