"""`sweep`: every session of exported rows, on an engine."""

from typing import TYPE_CHECKING, Any

import click

from session_classify.cli.runs.options import judge_timeout_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_classify.sweeping.judging import JudgePlan


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
@click.option(
    "--judge",
    metavar="COMMAND|openai:MODEL|anthropic:MODEL",
    help="Let a judge read the units: a command, or a model's endpoint (@URL for another server).",
)
@click.option("--judge-url", metavar="URL", help="An OpenAI-compatible endpoint as judge.")
@click.option("--model", metavar="NAME", help="With --judge-url: the model.")
@click.option(
    "--two-stage",
    is_flag=True,
    help="Let the judge read what the rules find doubtful and a random control, and estimate the "
    "rates of all.",
)
@click.option(
    "--control",
    type=click.IntRange(min=1),
    default=100,
    metavar="N",
    help="With --two-stage: units of the rest that the judge reads; default 100.",
)
@click.option(
    "--max-calls", type=click.IntRange(min=2), metavar="N", help="Most calls of the judge."
)
@click.option(
    "--max-cost",
    type=click.FloatRange(min=0, min_open=True),
    metavar="AMOUNT",
    help="Most that the judge may cost, at --call-cost a call.",
)
@click.option(
    "--call-cost",
    type=click.FloatRange(min=0, min_open=True),
    metavar="AMOUNT",
    help="With --max-cost: what a call costs at most.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=8,
    help="Calls of the judge side by side; default 8.",
)
@judge_timeout_option
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
    **judging: Any,
) -> None:
    """Give a verdict to every session in exported rows, by recorded facts, and print the rates.

    SOURCE is a file of span rows, one JSON object a line, a folder of such files, or a pattern such
    as 'spans-*.jsonl'.
    Traces that name no session are units of their own. What breaks is a row in errors.parquet.
    """
    from pathlib import Path

    from session_classify.cli.output import emit, say
    from session_classify.errors import UsageError
    from session_classify.report.sweep import sweep_summary
    from session_classify.sweeping.engine import ended, sweep
    from session_classify.sweeping.plan import RECORD, SUMMARY, Plan, read_record
    from session_classify.sweeping.sources import sources_of

    folder = Path(out)
    if since is not None and not since:
        raise UsageError("--since names no directory; leave it out at the first sweep")
    if by and sample is None:
        raise UsageError("--by makes strata of a sample; add --sample N")
    seen = read_record(Path(since) / RECORD).seen if since else ()
    plan = Plan(sources_of(sources), most_rows, sample or 0, by, seed, seen)
    judge = _judge_plan(judging, seed, is_sample=sample is not None)
    done = sweep(plan, folder, engine, say, judge, resume=resume)
    text = sweep_summary(done, out)
    emit(text, str(folder / SUMMARY), quiet=True)
    ended(folder)
    emit(text, None)


def _judge_plan(words: "Mapping[str, Any]", seed: int, *, is_sample: bool) -> "JudgePlan | None":
    from session_classify.errors import UsageError
    from session_classify.sweeping.judging import JudgePlan
    from session_classify.verdict.judge import judge_of

    url, model, spec = words["judge_url"], words["model"], words["judge"]
    if bool(url) != bool(model) or (url and spec):
        raise UsageError("a judge is --judge, or --judge-url with --model")
    spec = f"openai:{model}@{url}" if url else spec
    limits = ("two_stage", "max_calls", "max_cost")
    if spec is None:
        if named := [name for name in limits if words[name]]:
            raise UsageError(f"--{named[0].replace('_', '-')} is for a judge; add --judge")
        return None
    if words["two_stage"] and is_sample:
        raise UsageError("--two-stage draws samples of its own; leave --sample out")
    if bool(words["max_cost"]) != bool(words["call_cost"]):
        raise UsageError("--max-cost and --call-cost belong together")
    calls = [words["max_calls"]] if words["max_calls"] else []
    calls += [int(words["max_cost"] / words["call_cost"])] if words["max_cost"] else []
    return JudgePlan(
        judge_of(spec, words["judge_timeout"]),
        words["two_stage"],
        words["control"],
        min(calls, default=None),
        words["jobs"],
        seed,
    )
