"""Arguments of `gather` and `classify`: the unit, the backend and the case."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.protocol import protocol_option, spoken
from session_classify.errors import UsageError
from session_classify.inputs import as_text
from session_classify.vocabulary import Unit

if TYPE_CHECKING:
    from pathlib import Path

    from session_classify.backends import Backend
    from session_classify.backends.live import Caller
    from session_classify.evidence.findings import Evidence
    from session_classify.gathering.case import Case

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TRACE = r"[0-9a-f]{32}|\d{16,}"
_BACKENDS = "bundle:PATH|files:PATH…|api|pup|mcp[:URL or COMMAND]|lapdog[:URL]|auto"

Command = Callable[..., Any]


def unit_options(command: Command) -> Command:
    """Add the arguments that name a unit and its backend."""
    for option in (
        protocol_option,
        click.option(
            "--profile",
            "profile",
            type=click.Path(),
            help="App profile; default: the shipped one that lists the app, else the generic one.",
        ),
        click.option(
            "--case",
            "case",
            type=click.Path(),
            help="Case directory; default: one in your state directory.",
        ),
        click.option(
            "--fresh",
            is_flag=True,
            help="Fetch everything again: drop the cached responses of an interrupted run.",
        ),
        click.option(
            "--backend",
            metavar=_BACKENDS,
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
    """Make the case for the arguments; `fresh` drops the cached responses of an earlier run."""
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
                took = place.done(made=True)  # before another run reuses the same responses
        finally:
            if took is None:
                place.done(made=False)
        if judged and not (path / "verdict.json").is_file():
            _say(f"the verdict in {path} was on other data and is now verdict.before.json")
        if took:
            _say(took)
        return made


def read_unit(words: tuple[str, ...]) -> tuple[Unit, str]:
    """Return unit and id: by the word before the id, else by the id's format."""
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
    """Return the backend of `KIND:WHERE`; `paths` are further files of `files:`.

    Responses of a live backend are cached until the case is made, so that a run after an
    interrupted one continues; `fresh` drops them.
    """
    kind, _, where = (spec or "").partition(":")
    if kind == "bundle" and where:
        from pathlib import Path

        from session_classify.backends.bundle import open_bundle

        return open_bundle(Path(where).expanduser())
    if kind == "files" and (where or paths):
        from dataclasses import replace

        from session_classify.backends.available import site_here
        from session_classify.backends.files import open_files

        # Files do not name their site; links lead to the site of this environment.
        return replace(open_files((*filter(None, (where,)), *paths)), site=site_here())
    if spec in (None, "auto", "pup") or kind in ("api", "mcp"):
        return _open_live("auto" if spec is None else kind, where, case, fresh=fresh)
    if kind == "lapdog":
        from session_classify.backends.lapdog import open_lapdog

        return open_lapdog(where)
    raise UsageError(f"unknown backend {spec!r}; say where the data is: --backend {_BACKENDS}")


def _open_live(kind: str, where: str, case: "Path", *, fresh: bool) -> "Backend":
    """Return a live backend; responses from before the case was last made are not reused."""
    from session_classify.backends.api import ApiBackend
    from session_classify.backends.live import Live
    from session_classify.places import answers_folder
    from session_classify.wire.whole_response import is_whole

    if kind == "auto":
        kind = working_backend()
    made = case / "case.json"
    since = made.stat().st_mtime if made.is_file() else 0
    live = Live(_caller(kind, where), answers_folder(case), _say, is_whole, since)
    if fresh:
        live.drop_kept()
    return ApiBackend(live) if kind == "api" else live


def _caller(kind: str, where: str) -> "Caller":
    if kind == "api":
        from session_classify.backends.api import open_api

        return open_api(where)
    if kind == "mcp":
        from session_classify.backends.fallback import Fallback
        from session_classify.backends.mcp import open_mcp

        # An explicit server may belong to another organisation than the keys of this environment.
        return Fallback(open_mcp(where), None if where else _audit_caller())
    from session_classify.backends.pup import find_pup

    return find_pup()


def _audit_caller() -> "Caller | None":
    """Return the caller for the audit trail besides an MCP server: pup, else the API."""
    from session_classify.backends.available import availability

    working = {one.name for one in availability() if one.works}
    if "pup" in working:
        from session_classify.backends.pup import find_pup

        return find_pup()
    if "api" in working:
        from session_classify.backends.api import open_api

        return open_api("")
    return None


def _say(line: str) -> None:
    click.echo(line, err=True)


def working_backend(among: tuple[str, ...] = ()) -> str:
    """Return the first live backend that works here, among `among` if given.

    Raises UnreachableError where none does.
    """
    from session_classify.backends.available import availability, first_choice
    from session_classify.errors import UnreachableError

    found = [one for one in availability() if not among or one.name in among]
    if chosen := first_choice(found):
        return chosen
    fixes = "; or ".join(one.fix for one in found)
    raise UnreachableError(
        f"no live backend works here: {fixes}; or pass data with --backend bundle:PATH, or "
        "files:PATH with the answers of the Datadog MCP server"
    )
