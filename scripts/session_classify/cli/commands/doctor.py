"""`doctor`: which backends work on this machine, and how to set up the others."""

import click

from session_classify.cli.output import as_json, emit, out_option


@click.command("doctor")
@click.option("--json", "json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--record",
    "record",
    type=click.Path(),
    metavar="CASE",
    help="Print the key names and types of the answers in a case instead, without values.",
)
@click.option(
    "--instrument",
    "instrument",
    is_flag=True,
    help="Show instead which RUM ids the spans have that an app sent to the local test agent, at "
    "DD_TRACE_AGENT_URL or http://127.0.0.1:8126.",
)
@out_option
def doctor_cmd(out: str | None, record: str | None, *, json: bool, instrument: bool) -> None:
    """List which backends work here, what was found and what is missing; keys are never printed.

    With --record it prints the structure of a live backend's answers, to send to the maintainers:
    the form of some of them is only inferred.
    """
    if record is not None:
        _record(record, out, json=json)
        return
    if instrument:
        _instrument(out, json=json)
        return
    import platform
    from dataclasses import asdict

    from session_classify.backends.kinds import availability, first_choice, kinds
    from session_classify.printing.render import render
    from session_classify.resources import LINKS_FIX, skills_without_links
    from session_classify.version import version_text

    found = availability()
    cases, problem = _cases()
    facts = {
        "version": version_text(),
        "python": platform.python_version(),
        "cases": cases,
        "cases_problem": problem,
        "backends": [{"name": name, **asdict(one)} for name, one in found.items()],
        "offline": [kind.syntax for kind in kinds() if kind.files],
        "chosen": first_choice(found),
        "skills_without_links": skills_without_links(),
        "links_fix": LINKS_FIX,
    }
    emit(as_json(facts) if json else render("doctor.txt.j2", **facts), out)


def _cases() -> tuple[str, str]:
    """Return the default folder of cases, and why it cannot be used, if so."""
    import os
    from tempfile import TemporaryDirectory

    from session_classify.errors import LackingError
    from session_classify.gathering.case import default_path
    from session_classify.storage import ELSEWHERE, reason
    from session_classify.vocabulary import Unit

    try:
        folder = default_path(Unit.SESSION, "x").parent
    except LackingError as error:
        return "", str(error)
    place = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    try:
        with TemporaryDirectory(prefix=".doctor-", dir=place):
            return str(folder), ""
    except OSError as error:
        return str(folder), f"cannot write to {place}: {reason(error)}; {ELSEWHERE}"


def _instrument(out: str | None, *, json: bool) -> None:
    """Print which RUM ids the spans at the local test agent have."""
    import os

    from msgspec.structs import asdict

    from session_classify.backends.lapdog import open_lapdog
    from session_classify.printing.render import render
    from session_classify.queries.call import Received
    from session_classify.report.rum_tags import rum_tags
    from session_classify.wire.session.sort_answers import read_answers

    agent = open_lapdog(os.environ.get("DD_TRACE_AGENT_URL", ""))
    answers = read_answers([Received("requests", agent.requests())], "")
    found = rum_tags(answers.rows.spans)
    text = as_json(found) if json else render("rum_tags.txt.j2", url=agent.url, **asdict(found))
    emit(text, out)


def _record(case: str, out: str | None, *, json: bool) -> None:
    from pathlib import Path

    from session_classify.errors import UsageError
    from session_classify.gathering.case import open_case
    from session_classify.printing.render import render
    from session_classify.printing.text import one_line
    from session_classify.wire.answers.fields import fields_of

    opened = open_case(Path(case))
    if opened.info.backend.startswith("bundle:"):
        raise UsageError(
            f"{case} was made from a bundle; --record needs the answers of a live backend"
        )
    # A live answer's file name consists of its tool and a digest of the call.
    tools = fields_of(
        (path.name.rpartition("-")[0] or path.name, path.read_bytes())
        for path in sorted(opened.raw.iterdir())
        if path.is_file() and not path.is_symlink()
    )
    for tool in tools:
        for path in tool.missing:
            message = f"{one_line(tool.tool)}: {path} was expected and is in no answer"
            click.echo(message, err=True)
    text = (
        as_json(tools)
        if json
        else render("fields.txt.j2", backend=opened.info.backend, tools=tools)
    )
    emit(text, out)
