"""Judged cases for the tests of pages: the demo, and a long and a hostile session from it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.events import Events
from session_classify.evidence.findings import collect
from session_classify.gathering.case import open_case
from session_classify.gathering.protocols import TERMS
from session_classify.model import Finding, Session
from session_classify.profiles.load import recalled_profile
from session_classify.report.verbose import JudgedCase
from session_classify.verdicts import Verdict
from session_classify.vocabulary import Protocol
from tests.cli.run import run
from tests.pages.hostile import planted

_WORDS = frozenset(
    "id unit kind outcome tier direction status content_source start end at app_type number turn "
    "calls rows first_turn instant verdict trace_verdict reconciled before after confidence sure "
    "judged_by type trace_id span_id tool_id method why".split()
)
"""Fields of closed words, times and ids by which parts find each other."""


def demo(folder: Path) -> JudgedCase:
    """Return the demo's case, judged by the rules alone."""
    assert run("demo", "--case", folder / "demo").returncode == 0
    case = open_case(folder / "demo")
    session, profile = case.session(), recalled_profile(case.info.profile, case.session().ml_app)
    evidence = replace(collect(session, profile), findings=case.findings())
    coverage, terms = case.info.coverage, TERMS[Protocol.LLM_OBS]
    return JudgedCase(
        evidence, case.events(), coverage, profile, case.verdict(), terms, "sc report x"
    )


def long(case: JudgedCase, turns: int = 30) -> JudgedCase:
    """Return a case with the demo's turns many times, one after the other."""
    session = case.evidence.session
    made, calls = [], 0
    for number in range(1, turns + 1):
        turn = session.turns[number % len(session.turns)]
        later = timedelta(minutes=2 * number)
        steps = []
        for step in turn.iterations:
            renamed = []
            for call in step.tool_calls:
                calls += 1
                renamed.append(replace(call, id=f"tool{calls}", start=_later(call.start, later)))
            steps.append(
                replace(
                    step,
                    tool_calls=tuple(renamed),
                    start=_later(step.start, later),
                    end=_later(step.end, later),
                )
            )
        made.append(
            replace(
                turn,
                number=number,
                start=turn.start + later,
                end=turn.end + later,
                iterations=tuple(steps),
            )
        )
    evidence = collect(replace(session, turns=tuple(made)), case.profile)
    return replace(case, evidence=evidence)


def hostile(case: JudgedCase) -> JudgedCase:
    """Return a case with payloads in every text."""
    evidence = case.evidence
    session = _planted(evidence.session, Session)
    findings = tuple(_planted(one, Finding) for one in evidence.findings)
    return replace(
        case,
        evidence=replace(collect(session, case.profile), findings=findings),
        events=_planted(case.events, Events),
        verdict=_planted(case.verdict, Verdict),
        coverage=_planted(case.coverage, type(case.coverage)),
    )


def _later(at: Any, by: timedelta) -> Any:
    return None if at is None else at + by


def _planted(value: Any, kind: Any) -> Any:
    return msgspec.convert(planted(msgspec.to_builtins(value), _WORDS), kind)
