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
@click.option(
    "--engine",
    metavar="local|ray[:ADDRESS]",
    default="local",
    help="Where it runs: the cores of this machine (default), or a Ray cluster.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Classify N units of each stratum, drawn at random; the rates are of all units.",
)
@click.option(
    "--by",
    default="",
    metavar="ml_app|day|TAG",
    help="With --sample: what makes the strata; default: all units are one.",
)
@click.option("--seed", type=int, default=0, help="With --sample: another seed is another sample.")
@click.option(
    "--since",
    type=click.Path(),
    metavar="DIR",
    help="Leave out units without a row in a file that the sweep in DIR did not read.",
)
@click.option("--resume", is_flag=True, help="Go on with the interrupted sweep in --out.")
def sweep_cmd(
    sources: tuple[str, ...],
    out: str,
    most_rows: int,
    engine: str,
    sample: int | None,
    by: str,
    seed: int,
    since: str | None,
    *,
    resume: bool,
) -> None:
    """Give the rules-only verdict to every session in exported rows, and print the rates.

    SOURCE is a file of span rows, one JSON object a line, or a pattern such as 'spans-*.jsonl'.
    Traces that name no session are units of their own. What breaks is a row in errors.parquet.
    """
    from pathlib import Path

    from session_classify.cli.output import emit
    from session_classify.errors import UsageError
    from session_classify.report.sweep import sweep_summary
    from session_classify.sweeping.engine import sweep
    from session_classify.sweeping.plan import RECORD, Plan, read_record

    folder = Path(out)
    if by and sample is None:
        raise UsageError("--by makes strata of a sample; add --sample N")
    read = read_record(Path(since) / RECORD).files if since else ()
    plan = Plan(tuple(map(_placed, sources)), most_rows, sample or 0, by, seed, read)
    record, counts = sweep(plan, folder, engine, _say, resume=resume)
    text = sweep_summary(record, counts, out)
    emit(text, str(folder / "summary.md"), quiet=True)
    emit(text, None)


def _placed(source: str) -> str:
    """Return a source for workers anywhere: an address as it is, a local path absolute."""
    from pathlib import Path

    return source if "://" in source else str(Path(source).absolute())


def _say(line: str) -> None:
    click.echo(line, err=True)
