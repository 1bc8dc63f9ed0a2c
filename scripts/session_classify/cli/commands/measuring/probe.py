"""`probe`: ask a judge about sessions that were changed so that the right verdict is known."""

import click

from session_classify.cli.output import as_json, emit, out_option
from session_classify.cli.runs.options import judge_timeout_option


@click.command("probe")
@click.argument("bundles", nargs=-1, required=True, type=click.Path(), metavar="BUNDLE…")
@click.option(
    "--judge",
    default="rules",
    metavar="rules|COMMAND",
    help="The recorded facts alone (default), or a command that reads a prompt on stdin and "
    "answers JSON, such as 'claude -p'.",
)
@judge_timeout_option
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Only changes of this kind, as the table names it; several may be given.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=10,
    help="Most changes of one kind, spread over the sessions; default 10.",
)
@click.option("--repeat", type=click.IntRange(1, 20), default=1, help="Ask about each this often.")
@click.option("--jobs", type=click.IntRange(1, 32), default=4, help="Sessions side by side.")
@click.option("--dry-run", is_flag=True, help="Print the changes; ask nobody.")
@click.option("--json", "json", is_flag=True, help="Print every answer as JSON.")
@out_option
def probe_cmd(
    bundles: tuple[str, ...],
    judge: str,
    judge_timeout: float,
    kinds: tuple[str, ...],
    most: int,
    repeat: int,
    jobs: int,
    out: str | None,
    *,
    dry_run: bool,
    json: bool,
) -> None:
    """Change known good sessions in one known way each, and print how often a judge is right.

    BUNDLE is a folder of exported rows, of sessions whose users got what they wanted. Harmful
    changes must not get `yes`; harmless ones must.
    """
    from session_classify.cli.runs.probe import Probe, answers_of, changed_sessions
    from session_classify.printing.render import render
    from session_classify.probing.tallies import tallies

    probe = Probe(judge, judge_timeout, kinds, most, repeat, jobs)
    found = changed_sessions(bundles, probe)
    answers = () if dry_run else answers_of(found, probe)
    if json:
        told = [subject.told for one in found for subject in one.subjects]
        possible = {one.kind: one.possible for one in found}
        emit(as_json({"possible": possible, "changes": told, "answers": answers}), out)
        return
    rows = tallies(found, answers)
    emit(render("probe.md.j2", judge=judge, found=found, rows=rows, dry=dry_run), out)
