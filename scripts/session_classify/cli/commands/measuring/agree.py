"""`agree`: hold verdicts against people's labels."""

from typing import TYPE_CHECKING

import click

from session_classify.cli.output import as_json, emit, out_option

if TYPE_CHECKING:
    from session_classify.agreement.ratings import Rating


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
@click.option(
    "--binary",
    is_flag=True,
    help="Count partial as no: for labels that only tell success or failure.",
)
@click.option("--json", "json", is_flag=True, help="Print the figures as JSON.")
@out_option
def agree_cmd(
    verdicts: str, labels: str, against: str | None, out: str | None, *, binary: bool, json: bool
) -> None:
    """Print how often verdicts are right by the labels of people, with 95 % intervals.

    VERDICTS and LABELS are directories of runs or sweeps, JSON lines, or CSV files with the columns
    id, verdict (or label) and, for several raters, rater, or a column for each rater. Units are
    matched by id; of several raters the majority counts.
    """
    from pathlib import Path

    from session_classify.agreement.figures import compared, held
    from session_classify.agreement.matching import matched
    from session_classify.agreement.ratings import in_two_words, read_ratings
    from session_classify.errors import UsageError
    from session_classify.report.agreement import agreement_text

    def read(path: str, *, by_people: bool = False) -> "tuple[Rating, ...]":
        found = read_ratings(Path(path), by_people=by_people)
        return in_two_words(found) if binary else found

    if Path(verdicts).resolve() == Path(labels).resolve():
        raise UsageError(f"verdicts and labels are both {labels}; name people's labels")
    truth = read(labels, by_people=True)
    made = held(read(verdicts), truth)
    other = compared(made.found, matched(read(against), truth)) if against else None
    if json:
        emit(as_json({**made.told, "compared": other}), out)
        return
    emit(agreement_text(made, other), out)
