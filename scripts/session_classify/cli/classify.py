"""`classify`: gather and give the rules-only verdict."""

import click

from session_classify.cli.output import as_json, case_argument, emit, out_option
from session_classify.cli.unit import gather_unit, unit_options


@click.command("classify")
@unit_options
@click.option("--json", "json", is_flag=True, help="Print the recorded verdict as JSON.")
@out_option
def classify_cmd(
    words: tuple[str, ...],
    backend: str | None,
    case: str | None,
    profile: str | None,
    out: str | None,
    *,
    json: bool,
) -> None:
    """Gather a session or trace and give the rules-only verdict, without a reader.

    The verdict comes from explicit feedback, failed writes, claims without writes, errors and
    truncation. It does not understand the texts, says so, and has low confidence.
    """
    from session_classify.report.verdicts import compact
    from session_classify.verdict.rules import load_rules
    from session_classify.verdict.rules_only import rules_only

    made, evidence = gather_unit(words, backend, case, profile)
    made.keep_a_readers_verdict()
    verdict = rules_only(evidence, load_rules())
    made.save_verdict(verdict)
    emit(as_json(verdict) if json else compact(verdict, case_argument(made.path)), out)
