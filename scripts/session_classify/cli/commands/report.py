"""`report`: print a recorded verdict again, short or as a report."""

import click

from session_classify.cli.case_argument import CasePath
from session_classify.cli.output import emit, out_option
from session_classify.cli.protocol import protocol_option, spoken


@click.command("report")
@click.argument("case", type=CasePath())
@protocol_option
@click.option("--verbose", is_flag=True, help="The whole report, in Markdown.")
@click.option(
    "--json",
    "json",
    is_flag=True,
    help="Print JSON by references/schemas/verdict.json; with --verbose, the whole report.",
)
@click.option(
    "--html",
    "html",
    type=click.Path(readable=False),
    help="Write a page for a browser into this file: no network is needed to read it. Of a run, a "
    "name that does not end in .html is a folder for the pages of the run and of its units.",
)
@click.option(
    "--against",
    "against",
    type=click.Path(readable=False),
    metavar="RUN",
    help="An earlier run to put beside this one.",
)
@click.option(
    "--labels",
    "labels",
    type=click.Path(readable=False),
    metavar="FILE",
    help="Of a run: people's labels of its units, to hold the verdicts against as `agree` does.",
)
@click.option(
    "--by",
    "by",
    multiple=True,
    metavar="NAME",
    help="Of a run with --audience: split it by an attribute of users or accounts, as plan_type.",
)
@click.option("--jsonl", "jsonl", is_flag=True, help="Of a run: the labels, one a line.")
@out_option
def report_cmd(
    case: str,
    protocol: str | None,
    html: str | None,
    against: str | None,
    labels: str | None,
    by: tuple[str, ...],
    out: str | None,
    *,
    verbose: bool,
    json: bool,
    jsonl: bool,
) -> None:
    """Print the verdict of a case again; with --verbose, the report on it; with --html, a page.

    A run directory in place of the case gives the summary of the run, the page of it with --html,
    with --against the changes since another run, with --labels how often its verdicts are right.

    The report has at most 24,000 characters; what it omits is counted, and --json prints it.
    """
    from pathlib import Path

    from session_classify.cli.reports import case_page, check_protocol, printed
    from session_classify.errors import UsageError
    from session_classify.gathering.case import open_case
    from session_classify.sweeping.swept import is_labelled

    if html and (out or verbose or json):
        raise UsageError("--html writes a page of its own; leave out --out, --verbose and --json")
    if html and is_labelled(Path(case)):
        from session_classify.cli.runs.pages import write_run_pages

        write_run_pages(Path(case), html, against, labels, by)
        return
    if is_labelled(Path(case)):
        from session_classify.cli.runs.output import run_report

        if verbose or protocol:
            raise UsageError("--verbose and --protocol are for one case; leave them out for a run")
        form = "jsonl" if jsonl else "json" if json else "text"
        earlier, said = (Path(path) if path else None for path in (against, labels))
        emit(run_report(Path(case), earlier, form, said, by), out)
        return
    opened = open_case(Path(case))
    if jsonl:
        raise UsageError(f"--jsonl prints the labels of a run, and {case} is none; leave it out")
    if by:
        raise UsageError(f"--by splits a run, and {case} is none; leave it out")
    if against:
        raise UsageError(f"--against compares runs, and {case} is none; leave it out")
    if labels:
        raise UsageError(f"--labels are of the units of a run, and {case} is none; leave it out")
    with spoken(protocol or opened.info.protocol, opened.info.id) as words:
        check_protocol(opened, words)
        if html:
            text = case_page(opened, opened.verdict(), words)
        else:
            text = printed(opened, opened.verdict(), words, verbose=verbose, json=json)
    emit(text, html or out)
