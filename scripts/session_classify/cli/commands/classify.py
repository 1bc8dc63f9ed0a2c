"""`classify`: gather and judge, by a command or by the recorded facts alone."""

from typing import Any

import click

from session_classify.cli.output import emit, out_option
from session_classify.cli.runs.options import app_options, judge_timeout_option
from session_classify.cli.unit import app_named, gather_unit, unit_options
from session_classify.errors import ClassifyError, UsageError


@click.command("classify")
@unit_options
@app_options
@click.option(
    "--until-width",
    type=click.FloatRange(0.02, 1),
    metavar="WIDTH",
    help="With app: sample more units until the 95 % interval of `yes` is as narrow, such as 0.1.",
)
@click.option(
    "--judge",
    metavar="COMMAND",
    help="A command that reads a prompt on stdin and answers JSON, such as 'claude -p'.",
)
@judge_timeout_option
@click.option(
    "--reconcile",
    type=click.Path(),
    metavar="FILE",
    help="Your team's reconciliation rules, which replace shipped ones of the same name.",
)
@click.option("--verbose", is_flag=True, help="Print the whole report, in Markdown.")
@click.option("--json", "json", is_flag=True, help="Print the recorded verdict as JSON.")
@out_option
def classify_cmd(
    words: tuple[str, ...],
    backend: str | None,
    case: str | None,
    profile: str | None,
    protocol: str | None,
    judge: str | None,
    judge_timeout: float,
    reconcile: str | None,
    out: str | None,
    until_width: float | None,
    typed: dict[str, Any],
    *,
    fresh: bool,
    verbose: bool,
    json: bool,
) -> None:
    """Gather a session or trace and record a verdict on it.

    With --judge, the command reads the digest and its answer is checked; it may correct the answer
    once. Without --judge, the verdict is derived from failed writes, claims without writes, errors,
    truncation and feedback; the texts are not understood, and the confidence is low.

    `app NAME` classifies a sample of an app's sessions or traces, a run, and prints its summary.
    """
    from pathlib import Path

    from session_classify.cli.reports import printed
    from session_classify.verdict.reconcile_rules import load_rules
    from session_classify.vocabulary import JudgedBy

    own = Path(reconcile) if reconcile else None
    rules = load_rules(own)
    if app := app_named(words, backend):
        from session_classify.cli.runs.choice import app_choice
        from session_classify.cli.runs.output import classified_app, judge_of

        if case or protocol == "eval" or verbose:
            raise UsageError(
                "--case, --protocol eval and --verbose are for one unit; use --run DIR"
            )
        judging = judge_of(judge, judge_timeout, rules)
        choice = app_choice(typed, until_width)
        emit(classified_app(*app, choice, backend, profile, judging, judge, json=json), out)
        return
    made, evidence = gather_unit(words, backend, case, profile, protocol, fresh=fresh)
    made.keep_a_better_verdict(JudgedBy.COMMAND if judge else JudgedBy.RULES_ONLY)
    if judge is not None:
        from session_classify.cli.judging import judged

        try:
            verdict = judged(made, evidence, judge, judge_timeout, rules)
        except ClassifyError:
            kept = f"session-classify: no verdict was recorded; the case is kept: {made.path}"
            click.echo(kept, err=True)
            raise
    else:
        from session_classify.verdict.rules_only import rules_only

        verdict = made.save_verdict(rules_only(evidence, rules))
    emit(printed(made, verdict, made.info.protocol, verbose=verbose, json=json), out)
