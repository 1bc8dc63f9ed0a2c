"""`audit-phases`: what happened to a session's assets, from rows of the audit trail."""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import as_json, emit, out_option

if TYPE_CHECKING:
    from datetime import datetime

    from session_classify.evidence.audit.context import AuditContext
    from session_classify.evidence.audit.questions import AuditNeed
    from session_classify.model import Identity
    from session_classify.profiles.profile import Profile
    from session_classify.wire.audit import AuditRead


@click.command("audit-phases")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--session-start", metavar="INSTANT", help="When the first turn began.")
@click.option("--session-end", metavar="INSTANT", help="When the last turn ended.")
@click.option("--feedback", metavar="INSTANT", help="When the user gave feedback.")
@click.option(
    "--user", metavar="EMAIL", help="The session's user; default: the only one in the rows."
)
@click.option("--case", type=click.Path(), help="Case with times, user, assets and ledger.")
@click.option("--profile", type=click.Path(), help="App profile: the types of assets.")
@click.option("--json", "json", is_flag=True, help="Print everything as JSON.")
@out_option
def audit_phases_cmd(
    paths: tuple[str, ...],
    session_start: str | None,
    session_end: str | None,
    feedback: str | None,
    user: str | None,
    case: str | None,
    profile: str | None,
    out: str | None,
    *,
    json: bool,
) -> None:
    """Show what happened to a session's assets: writes per asset and phase, then signals.

    Files are answers of the audit search by pup or the API, or rows, one a line; `-` is standard
    input. Times are ISO 8601 or milliseconds since 1970.
    """
    from session_classify.cli.persisted import read_file
    from session_classify.evidence.audit.findings import audit_findings
    from session_classify.evidence.audit.phases import audit_trail
    from session_classify.evidence.audit.questions import audit_coverage
    from session_classify.inputs import as_text
    from session_classify.instants import utc_now
    from session_classify.redaction import redacted
    from session_classify.report.audit import audit_data, audit_text
    from session_classify.wire.audit import merged, read_audit_answer

    # Masked before anything is cut: a part of a secret is not recognized.
    read = redacted(merged(read_audit_answer(read_file(path), as_text(path)) for path in paths))
    times = (session_start, session_end, feedback)
    if case is not None:
        context, need, chosen = _of_case(case, profile, times, user)
    else:
        context, need, chosen = _of_options(profile, times, user, read)
    trail = audit_trail(read.events, context, chosen)
    findings = audit_findings(trail, chosen)
    coverage = audit_coverage(need, trail, read, utc_now())
    if json:
        emit(as_json(audit_data(trail, findings, read, coverage)), out)
    else:
        emit(audit_text(trail, findings, read, coverage), out)


def _of_options(
    profile: str | None,
    times: "tuple[str | None, str | None, str | None]",
    user: str | None,
    read: "AuditRead",
) -> "tuple[AuditContext, AuditNeed, Profile]":
    from pathlib import Path

    from session_classify.errors import UsageError
    from session_classify.events import Times
    from session_classify.evidence.audit.context import AuditContext
    from session_classify.evidence.audit.questions import AuditNeed
    from session_classify.profiles.load import generic_profile, load_profile

    start, end, feedback = _instants(times)
    if start is None or end is None:
        raise UsageError("give --session-start and --session-end, or --case with a gathered case")
    if end < start:
        raise UsageError("--session-end is before --session-start; swap them")
    emails = {event.user_email for event in read.events} - {""}
    context = AuditContext(
        Times(start, end, feedback), _identity(user or (emails.pop() if len(emails) == 1 else ""))
    )
    return context, AuditNeed(), load_profile(Path(profile)) if profile else generic_profile()


def _of_case(
    case: str,
    profile: str | None,
    times: "tuple[str | None, str | None, str | None]",
    user: str | None,
) -> "tuple[AuditContext, AuditNeed, Profile]":
    from pathlib import Path

    from msgspec.structs import replace

    from session_classify.evidence.audit.context import context_of
    from session_classify.evidence.audit.questions import audit_need
    from session_classify.evidence.conversation.ledger import ledger
    from session_classify.evidence.conversation.tool_results import read_results
    from session_classify.gathering.case import open_case
    from session_classify.profiles.load import recalled_profile

    opened = open_case(Path(case))
    session = opened.session()
    chosen = recalled_profile(
        opened.info.profile, session.ml_app, Path(profile) if profile else None
    )
    readings = read_results(session)
    writes = ledger(readings)
    start, end, feedback = _instants(times)
    context = context_of(session, chosen, readings, writes, feedback)
    known = context.times
    context = replace(
        context,
        times=replace(known, start=start or known.start, end=end or known.end),
        identity=_identity(user) if user else context.identity,
    )
    return context, audit_need(context, writes, chosen), chosen


def _instants(times: "tuple[str | None, str | None, str | None]") -> "list[datetime | None]":
    from session_classify.cli.persisted import read_instant

    flags = ("--session-start", "--session-end", "--feedback")
    return [
        read_instant(text, flag) if text else None for flag, text in zip(flags, times, strict=True)
    ]


def _identity(user: str) -> "Identity":
    from session_classify.model import Identity

    return Identity(user_handle=user) if "@" in user else Identity(usr_id=user)
