"""What `gather` and `classify` share: which unit, from which backend, into which case."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from session_classify.backends.kinds import availability, first_choice, kind_of, syntax
from session_classify.cli.protocol import protocol_option, spoken
from session_classify.errors import UsageError
from session_classify.inputs import as_text
from session_classify.vocabulary import Unit

if TYPE_CHECKING:
    from pathlib import Path

    from session_classify.backends import Backend
    from session_classify.evidence.findings import Evidence
    from session_classify.gathering.case import Case

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TRACE = r"[0-9a-f]{32}|\d{16,}"

Command = Callable[..., Any]


def unit_options(command: Command) -> Command:
    """Give a command the arguments that name a unit and where it is found."""
    for option in (
        protocol_option,
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
            "--fresh",
            is_flag=True,
            help="Ask for everything again: drop the responses that an interrupted run kept.",
        ),
        click.option(
            "--backend",
            metavar=syntax(),
            help="Where the data is: a folder of exported rows, results that a client wrote to "
            "disk (files, folders or patterns; more of them may follow the id), the API with the "
            "keys in DD_API_KEY and DD_APP_KEY, an MCP server, or pup; without it what works here.",
        ),
        click.argument("words", nargs=-1, metavar="[session|trace] ID [PATH…]"),
    ):
        command = option(command)
    return command


def gather_unit(
    words: tuple[str, ...],
    backend: str | None,
    case: str | None,
    profile: str | None,
    protocol: str | None,
    *,
    fresh: bool = False,
) -> "tuple[Case, Evidence]":
    """Make the case that the arguments ask for; `fresh` drops what an earlier run kept."""
    from pathlib import Path

    from session_classify.gathering.case import default_path, located
    from session_classify.gathering.draft import gathering
    from session_classify.gathering.gather import gather

    named = 2 if words[:1] in ((Unit.SESSION,), (Unit.TRACE,)) else 1
    paths = words[named:] if (backend or "").startswith("files:") else ()
    typed = tuple(map(as_text, words[: len(words) - len(paths)]))
    with spoken(protocol, "".join(typed[named - 1 : named])) as chosen:
        unit, unit_id = read_unit(typed)
        if case is not None and not case.strip():
            raise UsageError("--case is empty; name a directory, or leave --case out")
        path = located(Path(case) if case else default_path(unit, unit_id))
        place = open_backend(backend, paths, path, fresh=fresh)
        took = None
        try:
            with gathering(path, unit, unit_id, _say):
                judged = (path / "verdict.json").is_file()
                own = Path(profile) if profile else None
                made = gather(place, unit, unit_id, path, own, chosen)
                took = place.done(made=True)  # before another run counts on the same answers
        finally:
            if took is None:
                place.done(made=False)
        if judged and not (path / "verdict.json").is_file():
            _say(f"the verdict that was in {path} is of other data: now verdict.before.json")
        if took:
            _say(took)
        return made


def read_unit(words: tuple[str, ...]) -> tuple[Unit, str]:
    """Tell what an id is about: by the word before it, else by its shape."""
    if not words:
        raise UsageError(
            "Provide a session id or a trace id: gather [session|trace] ID",
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


def open_backend(
    spec: str | None, paths: tuple[str, ...], case: "Path", *, fresh: bool = False
) -> "Backend":
    """Return the backend that `KIND:WHERE` names; `paths` are further files of `files:`.

    Responses of a live backend are kept beside the case until it is made, so that the run after an
    interrupted one goes on where that stopped; `fresh` drops them.
    """
    from session_classify.backends.kind import OpenRequest
    from session_classify.wire.whole_response import is_whole

    name, _, where = (spec or "auto").partition(":")
    kind = kind_of(working_backend() if name == "auto" and not where else name)
    if kind is None:
        raise UsageError(f"unknown backend {spec!r}; say where the data is: --backend {syntax()}")
    return kind.open(OpenRequest(where, paths, case, fresh, _say, is_whole))


def _say(line: str) -> None:
    click.echo(line, err=True)


def working_backend(among: Iterable[str] = ()) -> str:
    """Return the first live backend that works here, of those named if any are.

    Raises UnreachableError where none does.
    """
    from session_classify.errors import UnreachableError

    found = availability()
    if chosen := first_choice(found, among):
        return chosen
    fixes = "; or ".join(one.fix for name, one in found.items() if not among or name in among)
    raise UnreachableError(
        f"no live backend works here: {fixes}; or pass data with --backend bundle:PATH, or "
        "files:PATH with the answers of the Datadog MCP server"
    )
