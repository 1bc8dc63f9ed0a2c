"""`demo`: classify a session that ships with the package."""

import click

from session_classify.cli.output import case_argument, emit, out_option
from session_classify.invocation import program

_SESSION = "5e551044-de30-4c1a-9551-000000000001"
_HEAD = 40
"""Lines of the digest that are printed; it has some twenty more."""


@click.command("demo")
@click.option("--case", "case", type=click.Path(), help="Directory for the demo's case.")
@out_option
def demo_cmd(case: str | None, out: str | None) -> None:
    """Classify a made-up session: a write is blocked, and the assistant claims that it succeeded.

    Prints the head of the digest, the verdict with its evidence, and commands to try next. It needs
    no network.
    """
    from pathlib import Path

    from session_classify.backends.bundle import open_bundle
    from session_classify.cli.digests import digest_of
    from session_classify.errors import UsageError
    from session_classify.gathering.case import default_path
    from session_classify.gathering.gather import gather
    from session_classify.printing.render import render
    from session_classify.report.verdicts import compact
    from session_classify.resources import resource
    from session_classify.verdict.reconcile_rules import load_rules
    from session_classify.verdict.rules_only import rules_only
    from session_classify.vocabulary import Direction, JudgedBy, Unit

    bundle = open_bundle(resource("demo_bundle"))
    path = Path(case) if case else default_path(Unit.SESSION, _SESSION)
    profile = resource("references", "apps", "bits-assistant.yaml")
    made, evidence = gather(bundle, Unit.SESSION, _SESSION, path, profile)
    shown = digest_of(made, evidence)
    made = made.mark_shown(shown.turns)
    try:
        made.keep_a_better_verdict(JudgedBy.RULES_ONLY)
    except UsageError:
        verdict = made.verdict()  # recorded by following the demo's last lines
    else:
        verdict = made.save_verdict(rules_only(evidence, load_rules()))
    lines = shown.text.splitlines()
    text = render(
        "demo.md.j2",
        head="\n".join(lines[:_HEAD]),
        left=len(lines) - _HEAD,
        verdict=verdict,
        short=compact(verdict, case_argument(path), made.info.coverage.rum).rstrip(),
        evidence=[f for f in evidence.findings if f.direction is Direction.NEGATIVE],
        coverage=made.info.coverage,
        program=program(),
        case=case_argument(path),
    )
    emit(text, out)
