"""Arguments of `gather` and `classify`: the unit, the backend and the case."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from session_classify.backends.kinds import availability, first_choice, kind_of, syntax
from session_classify.cli.output import say
from session_classify.cli.protocol import protocol_option, spoken
from session_classify.errors import UsageError
from session_classify.inputs import as_text
from session_classify.queries.unit_ids import is_by_tag
from session_classify.vocabulary import Protocol, Unit

if TYPE_CHECKING:
    from pathlib import Path

    from session_classify.backends import Backend
    from session_classify.evidence.findings import Evidence
    from session_classify.gathering.case import Case

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TRACE = r"[0-9a-f]{32}|\d{16,}"

Command = Callable[..., Any]
_LABELLED = re.compile(r"(session|trace)_id[=:](.+)")
"""An id as other skills and Datadog's own queries write it."""
_APP_LABEL = "ml_app="
WORDS = "[session|trace|app] ID [PATH…]"


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
            metavar=syntax(),
            help="Where the data is: a folder of exported rows, results that a client wrote to "
            "disk (files, folders or patterns; more of them may follow the id), the API with the "
            "keys in DD_API_KEY and DD_APP_KEY, an MCP server, or pup; without it what works here.",
        ),
        click.argument("words", nargs=-1, metavar=WORDS),
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

    named = 2 if words[:1] in ((Unit.SESSION,), (Unit.TRACE,)) else 1
    paths = words[named:] if (backend or "").startswith("files:") else ()
    typed = tuple(map(as_text, words[: len(words) - len(paths)]))
    with spoken(protocol, "".join(typed[named - 1 : named])) as chosen:
        unit, unit_id = read_unit(typed)
        if case is not None and not case.strip():
            raise UsageError("--case is empty; name a directory, or leave --case out")
        path = located(Path(case) if case else default_path(unit, unit_id))
        place = open_backend(backend, paths, path, fresh=fresh)
        own = Path(profile) if profile else None
        made, judged, took = gather_case(place, unit, unit_id, path, own, chosen)
        if judged:
            kept = (path / "verdict.json").is_file()
            say(
                f"the verdict in {path} was kept: it was on the same data"
                if kept
                else f"the verdict in {path} was on other data and is now verdict.before.json"
            )
        if took:
            say(took)
        return made


def gather_case(
    place: "Backend",
    unit: Unit,
    unit_id: str,
    path: "Path",
    profile: "Path | None",
    protocol: Protocol = Protocol.LLM_OBS,
    *,
    report: Callable[[str], None] | None = None,
) -> "tuple[tuple[Case, Evidence], bool, str]":
    """Make the case at `path` from an open backend, and close the backend.

    Returns the case with its evidence, whether there was a verdict before, and the backend's line
    of statistics. `report` prints that another run is waited for.
    """
    from session_classify.gathering.draft import gathering
    from session_classify.gathering.gather import gather_held

    took = None
    try:
        with gathering(path, unit, unit_id, report or say):
            judged = (path / "verdict.json").is_file()
            made = gather_held(place, unit, unit_id, path, profile, protocol)
            took = place.done(made=True)  # before another run reuses the same responses
    finally:
        if took is None:
            place.done(made=False)
    return made, judged, took


def app_named(words: tuple[str, ...], backend: str | None) -> tuple[str, tuple[str, ...]] | None:
    """Return the app and further paths of `app NAME [PATH…]`, or of `ml_app=NAME`; else None.

    Raises UsageError, with code `missing_input`, without a name, and for more words than one.
    """
    if words and words[0].startswith(_APP_LABEL):
        words = ("app", words[0].removeprefix(_APP_LABEL), *words[1:])
    if words[:1] != ("app",):
        return None
    if len(words) < 2 or not words[1].strip():
        raise UsageError("Provide the name of an app: app NAME", code="missing_input")
    if len(words) > 2 and not (backend or "").startswith("files:"):
        raise UsageError(f"expected app NAME, got: {' '.join(words)}")
    return as_text(words[1]), words[2:]


def several_units(words: tuple[str, ...], backend: str | None) -> tuple[tuple[str, ...], ...]:
    """Return the words of each unit: `session A B` are `session A` and `session B`.

    With `files:` what follows an id are further files, so there is one unit.
    """
    if (backend or "").startswith("files:"):
        return (words,)
    word = words[:1] if words[:1] in ((Unit.SESSION,), (Unit.TRACE,)) else ()
    ids = dict.fromkeys(words[len(word) :])
    return tuple((*word, name) for name in ids) or (words,)


def read_unit(words: tuple[str, ...]) -> tuple[Unit, str]:
    """Return unit and id: by the word before the id, else by its label or format."""
    if not words:
        raise UsageError(
            "Provide a session id, a trace id or an app: gather [session|trace|app] ID",
            code="missing_input",
        )
    labelled = _LABELLED.fullmatch(words[-1])
    if labelled and words[:-1] in ((), (labelled[1],)):
        return Unit(labelled[1]), labelled[2]
    if len(words) == 2 and words[0] in (Unit.SESSION, Unit.TRACE):
        return Unit(words[0]), words[1]
    if len(words) > 1:
        raise UsageError(f"expected [session|trace] ID, got: {' '.join(words)}")
    if words[0] in set(Unit):
        raise UsageError(f"the id is missing after {words[0]}", code="missing_input")
    if is_by_tag(words[0]):
        return Unit.SESSION, words[0]
    if re.fullmatch(_UUID, words[0], re.IGNORECASE):
        return Unit.SESSION, words[0]
    if re.fullmatch(_TRACE, words[0], re.IGNORECASE):
        return Unit.TRACE, words[0]
    raise UsageError(
        f"{words[0]} looks like neither a session id (dashed UUID) nor a trace id (32 hex digits); "
        f"say which it is: session {words[0]} or trace {words[0]}; a tag of the spans is named as "
        "chatid=VALUE"
    )


def open_backend(
    spec: str | None,
    paths: tuple[str, ...],
    case: "Path",
    *,
    fresh: bool = False,
    report: Callable[[str], None] | None = None,
) -> "Backend":
    """Return the backend of `KIND:WHERE`; `paths` are further files of `files:`.

    Responses of a live backend are cached until the case is made, so that a run after an
    interrupted one continues; `fresh` drops them. `report` prints a line on the calls; on standard
    error by default.
    """
    from session_classify.backends.kind import OpenRequest
    from session_classify.wire.answers.transcripts import read_recorded
    from session_classify.wire.whole_response import is_whole

    name, _, where = (spec or "auto").partition(":")
    kind = kind_of(working_backend() if name == "auto" and not where else name)
    if kind is None:
        raise UsageError(f"unknown backend {spec!r}; say where the data is: --backend {syntax()}")
    return kind.open(OpenRequest(where, paths, case, fresh, report or say, is_whole, read_recorded))


def working_backend(among: Iterable[str] = ()) -> str:
    """Return the first live backend that works here, among `among` if given.

    Raises UnreachableError where none does.
    """
    from session_classify.errors import UnreachableError

    found = availability()
    if chosen := first_choice(found, among):
        return chosen
    fixes = "; or ".join(one.fix for name, one in found.items() if not among or name in among)
    raise UnreachableError(
        f"no live backend works here: {fixes}; or pass data with --backend bundle:PATH, or "
        "files:PATH with the answers of the Datadog MCP server; an agent whose client has that "
        "server takes --backend client"
    )
