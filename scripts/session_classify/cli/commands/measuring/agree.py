"""`agree`: hold verdicts against people's labels."""

import click

from session_classify.cli.output import as_json, emit, out_option


@click.command("agree")
@click.argument("verdicts", type=click.Path(readable=False))
@click.argument("labels", type=click.Path(readable=False))
@click.option(
    "--against",
    "against",
    type=click.Path(readable=False),
    metavar="VERDICTS",
    help="Verdicts of another judge on the same units, to compare with.",
)
@click.option("--json", "json", is_flag=True, help="Print the figures as JSON.")
@out_option
def agree_cmd(
    verdicts: str, labels: str, against: str | None, out: str | None, *, json: bool
) -> None:
    """Print how often verdicts are right by the labels of people, with 95 % intervals.

    VERDICTS and LABELS are run directories, JSON lines, or CSV files with the columns id, verdict
    and, for several raters, rater. Units are matched by id; of several raters the majority counts.
    """
    from pathlib import Path

    from session_classify.agreement.figures import compared, held
    from session_classify.agreement.matching import matched
    from session_classify.agreement.ratings import read_ratings
    from session_classify.report.agreement import agreement_text

    truth = read_ratings(Path(labels))
    made = held(Path(verdicts), truth)
    other = None
    if against:
        other = compared(made.found, matched(read_ratings(Path(against)), truth))
    if json:
        emit(as_json({**made.told, "compared": other}), out)
        return
    emit(agreement_text(made, other), out)
