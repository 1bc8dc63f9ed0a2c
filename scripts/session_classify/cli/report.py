"""`report`: print a recorded verdict again."""

import click

from session_classify.cli.output import as_json, case_argument, emit, out_option


@click.command("report")
@click.argument("case", type=click.Path())
@click.option("--json", "json", is_flag=True, help="Print by references/schemas/verdict.json.")
@out_option
def report_cmd(case: str, out: str | None, *, json: bool) -> None:
    """Print the verdict of a case again."""
    from pathlib import Path

    from session_classify.case import open_case
    from session_classify.report.verdicts import compact

    opened = open_case(Path(case))
    verdict = opened.verdict()
    emit(as_json(verdict) if json else compact(verdict, case_argument(opened.path)), out)
