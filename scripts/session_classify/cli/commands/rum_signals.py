"""`rum-signals`: what a user did around a session, from persisted RUM results."""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import as_json, emit, out_option

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from session_classify.evidence.rum.findings import Observed
    from session_classify.report.rum import RumOrigin
    from session_classify.wire.rum.pages import RumRows


@click.command("rum-signals")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--session-start", "start", metavar="TIME", help="When the first turn began.")
@click.option("--session-end", "end", metavar="TIME", help="When the last turn ended.")
@click.option("--feedback", metavar="TIME", help="When the user gave feedback, if it is known.")
@click.option("--case", type=click.Path(), help="Take times, turns and user from this case.")
@click.option("--profile", type=click.Path(), help="App profile: what actions mean, what is noise.")
@click.option("--json", "json", is_flag=True, help="Print every event and signal as JSON.")
@out_option
def rum_signals_cmd(
    paths: tuple[str, ...],
    start: str | None,
    end: str | None,
    feedback: str | None,
    case: str | None,
    profile: str | None,
    out: str | None,
    *,
    json: bool,
) -> None:
    """Print the timeline of a user around a session, and the signals in it.

    PATH is a saved result of analyze_rum_events, an answer of pup or the API to a search of RUM
    events, or rows, one a line; `-` is standard input. Pages may overlap. TIME is ISO 8601 with any
    offset, or a number since 1970. Without a case, all events count as the user's.
    """
    from pathlib import Path

    from session_classify.errors import UsageError
    from session_classify.report.rum import behaviour_data, behaviour_text

    if case and (start or end):
        raise UsageError("a case has times of its own; give --case or the times, not both")
    rows = _read(paths)
    chosen = Path(profile) if profile else None
    from session_classify.cli.persisted import read_instant

    at = read_instant(feedback, "--feedback") if feedback else None
    observed = (
        _of_case(rows, Path(case), chosen, at) if case else _of_times(rows, start, end, chosen, at)
    )
    seen = _seen(rows, observed)
    emit(as_json(behaviour_data(seen)) if json else behaviour_text(seen), out)


def _read(paths: tuple[str, ...]) -> "RumRows":
    from session_classify.cli.persisted import read_file
    from session_classify.inputs import as_text
    from session_classify.redaction import redacted
    from session_classify.wire.rum.pages import joined, with_end
    from session_classify.wire.rum.received import read_marked

    # Masked before anything is cut: a part of a secret is not recognized.
    files = (read_marked(read_file(path), as_text(path)) for path in paths)
    return redacted(joined(with_end(answer for answers in files for answer in answers)))


def _of_case(
    rows: "RumRows", case: "Path", profile: "Path | None", feedback: "datetime | None"
) -> "Observed":
    """Return the behaviour of a case's user; turns, answers and writes are known."""
    from session_classify.errors import UnusableInputError
    from session_classify.evidence.findings import collect
    from session_classify.evidence.rum.findings import observe
    from session_classify.gathering.case import open_case
    from session_classify.profiles.load import recalled_profile
    from session_classify.wire.rum.owner import times_known

    opened = open_case(case)
    session = opened.session()
    if not times_known(session):
        raise UnusableInputError(
            f"{case} has turns without times, because agent loops have none; give "
            "--session-start and --session-end instead of --case"
        )
    evidence = collect(session)
    chosen = recalled_profile(opened.info.profile, session.ml_app, profile)
    return observe(session, rows, chosen, evidence.findings, evidence.writes, feedback=feedback)


def _of_times(
    rows: "RumRows",
    start: str | None,
    end: str | None,
    profile: "Path | None",
    feedback: "datetime | None",
) -> "Observed":
    """Return the behaviour of all users in the rows around two instants."""
    from session_classify.errors import UsageError
    from session_classify.evidence.rum.findings import observe
    from session_classify.model import Session, SpanRef, Turn
    from session_classify.profiles.load import generic_profile, load_profile
    from session_classify.vocabulary import ContentSource, Unit

    if start is None or end is None:
        raise UsageError("give --session-start and --session-end, or --case DIR")
    from session_classify.cli.persisted import read_instant

    first, last = read_instant(start, "--session-start"), read_instant(end, "--session-end")
    if last < first:
        raise UsageError(f"--session-end {end} is before --session-start {start}")
    turn = Turn(1, "", SpanRef(""), first, last, None, None, ContentSource.STRUCTURAL)
    session = Session("", Unit.SESSION, "", (turn,))
    chosen = load_profile(profile) if profile else generic_profile()
    return observe(session, rows, chosen, feedback=feedback, everyone=True)


def _seen(rows: "RumRows", observed: "Observed") -> "RumOrigin":
    from session_classify.model import kind_of
    from session_classify.report.rum import RumOrigin
    from session_classify.vocabulary import RumIdentity

    owned = observed.owned
    users = {event.user_id or event.user_email for event in owned.events} - {""}
    mixed = f"the events are those of {len(users)} users; name one with --case"
    return RumOrigin(
        observed.behaviour,
        tuple(f for f in observed.findings if kind_of(f.id) in ("rum", "feedback")),
        observed.coverage,
        "" if owned.by is RumIdentity.NOBODY else str(owned.by),
        (*([mixed] if len(users) > 1 else []), *rows.notes),
        rows.unreadable,
        len(rows.events) - len(owned.events),
        rows.repeated,
        rows.counts,
    )
