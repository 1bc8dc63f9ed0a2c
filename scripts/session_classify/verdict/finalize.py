"""From a reader's answer to the recorded verdict: check, then reconcile."""

import msgspec
from msgspec.structs import replace

from session_classify.evidence.findings import Evidence
from session_classify.model import Finding
from session_classify.printing.text import one_line
from session_classify.verdict.answer import Answer, recorded
from session_classify.verdict.check import check, check_final
from session_classify.verdict.intents import last_intent
from session_classify.verdict.reconcile import BREACH, Answers, reconcile
from session_classify.verdict.reconcile_rules import Rule
from session_classify.verdicts import Refusal, Verdict
from session_classify.vocabulary import Confidence, Direction, Satisfaction, Tier


class VerdictContext(msgspec.Struct, frozen=True):
    """The basis of a verdict: evidence, shown turns, confidence, and reconciliation rules."""

    evidence: Evidence
    shown: frozenset[int]
    confidence: Confidence
    rules: tuple[Rule, ...]


def finalize(answer: Answer, ground: VerdictContext) -> tuple[Verdict, tuple[Refusal, ...]]:
    """Return the verdict with its moves, and the reasons to refuse it (none: accepted)."""
    verdict = recorded(answer, ground.evidence.session, ground.confidence)
    refusals = check(verdict, ground.evidence, ground.shown)
    moved = moved_by_rules(verdict, ground)
    if answer.final is not None:
        refusals += check_final(verdict, moved, ground.evidence)
        moved = replace(moved, verdict=answer.final, failures=verdict.failures)
    return moved, refusals


def moved_by_rules(verdict: Verdict, ground: VerdictContext) -> Verdict:
    """Return the verdict after reconciliation; a downward move adds failure codes."""
    evidence = ground.evidence
    done = reconcile(
        verdict.trace_verdict,
        (*evidence.findings, *_breaches(verdict)),
        Answers(frozenset(verdict.confirmed), frozenset(verdict.dismissed)),
        ground.rules,
        last_intent(evidence.session),
        verdict.confidence,
    )
    return replace(
        verdict,
        verdict=done.final,
        reconciled=done.final,
        moves=done.moves,
        counted=done.notes,
        confidence=done.confidence,
        failures=() if done.final is Satisfaction.YES else verdict.failures or done.failures,
    )


def _breaches(verdict: Verdict) -> tuple[Finding, ...]:
    """Return the acts that the reader calls breaches as what a rule of a team may count."""
    return tuple(
        Finding(
            id=name,
            rule=BREACH,
            tier=Tier.A,
            direction=Direction.NEUTRAL,
            summary=why,
            turn=None,
        )
        for name, why in verdict.breaches.items()
    )


def refusal_lines(refusals: tuple[Refusal, ...]) -> list[str]:
    """Return each refusal of the check in one line: problem and fix."""
    return [f"refused, {r.id}: {one_line(r.message)}; {r.fix}" for r in refusals]
