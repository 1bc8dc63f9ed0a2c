"""`sweep`: every session of exported rows, on an engine."""

import click


@click.command("sweep")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option(
    "--out",
    type=click.Path(),
    required=True,
    metavar="DIR",
    help="Write labels.parquet, findings.parquet, errors.parquet and summary.md here.",
)
@click.option(
    "--max-rows",
    "most_rows",
    type=click.IntRange(min=1),
    default=20_000,
    metavar="ROWS",
    help="A session with more rows gets an error instead of a verdict; default 20000.",
)
def sweep_cmd(sources: tuple[str, ...], out: str, most_rows: int) -> None:
    """Give the rules-only verdict to every session in exported rows, and print the rates.

    SOURCE is a file of span rows, one JSON object a line, or a pattern such as 'spans-*.jsonl'.
    Traces that name no session are units of their own. What breaks is a row in errors.parquet.
    """
    from pathlib import Path

    from session_classify.cli.output import emit
    from session_classify.report.sweep import sweep_summary
    from session_classify.sweeping.engine import sweep

    folder = Path(out)
    text = sweep_summary(sweep(sources, folder, most_rows), out)
    emit(text, str(folder / "summary.md"), quiet=True)
    emit(text, None)
