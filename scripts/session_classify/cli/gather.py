"""`gather`: make a case and print its digest."""

from pathlib import Path

import click

from session_classify.cli.output import case_argument, emit, out_option
from session_classify.cli.unit import gather_unit, unit_options
from session_classify.report.digest import digest
from session_classify.report.sheet import Frame


@click.command("gather")
@unit_options
@out_option
def gather_cmd(
    words: tuple[str, ...],
    backend: str | None,
    case: Path | None,
    profile: Path | None,
    out: Path | None,
) -> None:
    """Collect the evidence of a session or trace into a case and print its digest.

    The digest has at most 24,000 characters; what it leaves out is counted, and `show` prints it.
    A verdict on the case is recorded with `verdict`.
    """
    made, evidence = gather_unit(words, backend, case, profile)
    frame = Frame(case_argument(made.path), made.info.nonce, made.info.coverage, made.info.profile)
    printed = digest(evidence, frame)
    emit(printed.text, out)
    made.mark_shown(printed.turns)
