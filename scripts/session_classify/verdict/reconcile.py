"""Move a verdict on the conversation by the user's behaviour.

Source: `references/sources/rules.md#reconciliation`.
"""

import re

import msgspec

from session_classify.model import Finding, kind_of
from session_classify.verdict.reconcile_rules import MOVING_TIERS, RANK, Rule
from session_classify.verdicts import Failure, Move
from session_classify.vocabulary import Confidence, Direction, Satisfaction, Tier

BREACH = "app-rules-broken"
"""The rule of a finding on an act that the app's rules forbid."""


class Reconciliation(msgspec.Struct, frozen=True):
    """The verdict after the rules, with the reasons."""

    final: Satisfaction
    confidence: Confidence
    moves: tuple[Move, ...] = ()
    """The moves, in order; empty when nothing moved it."""
    notes: tuple[str, ...] = ()
    """Other findings considered: conflicts, weaker moves, confirmations."""
    failures: tuple[Failure, ...] = ()
    """Failure codes of the moves, for a verdict that had none."""


class Answers(msgspec.Struct, frozen=True):
    """The reader's decisions on findings that need reading."""

    confirmed: frozenset[str] = frozenset()
    dismissed: frozenset[str] = frozenset()


def reconcile(
    trace: Satisfaction,
    findings: tuple[Finding, ...],
    answers: Answers,
    rules: tuple[Rule, ...],
    last_turn: int,
    confidence: Confidence = Confidence.HIGH,
) -> Reconciliation:
    """Return the final verdict; order and repetition of findings do not matter.

    `trace` is the verdict on conversation and ledger alone, and `confidence` its confidence.
    `last_turn` is the turn of the last request: feedback on it or later is about the outcome.
    """
    counted = sorted({f.id: f for f in findings if _counts(f, answers)}.values(), key=_by_id)
    clash = _clash(counted)
    moving = {Tier.EXPLICIT} if clash else MOVING_TIERS
    fired = _fired([f for f in counted if f.tier in moving], rules, last_turn)
    final = _final(trace, [one.rule for one in fired])
    deciding = [one for one in fired if one.rule.move.get(trace) is final is not trace]
    notes = [clash] if clash else []
    notes += [f"{one.weight}: {one.named}" for one in fired if one not in deciding]
    return Reconciliation(
        final,
        Confidence.LOW if clash else _lowered(confidence, final, counted),
        tuple(Move(one.rule.name, trace, final, one.rule.sentence, one.ids) for one in deciding),
        tuple(notes),
        tuple(Failure(one.rule.failure, one.rule.sentence) for one in deciding if one.rule.failure),
    )


class _Fired(msgspec.Struct, frozen=True):
    """A rule and the findings that triggered it."""

    rule: Rule
    ids: tuple[str, ...]

    @property
    def weight(self) -> str:
        """Whether it was weighed, or is a breach that a team does not let count."""
        told_only = self.rule.when.rule == (BREACH,) and not self.rule.move
        return "told beside the verdict" if told_only else "also counted"

    @property
    def named(self) -> str:
        """The rule's sentence with its name and findings."""
        return f"{self.rule.sentence} ({self.rule.name}: {', '.join(self.ids)})"


def _counts(finding: Finding, answers: Answers) -> bool:
    if finding.id in answers.dismissed:
        return False
    return not finding.needs_reading or finding.id in answers.confirmed


def _by_id(finding: Finding) -> tuple[str, int]:
    kind = kind_of(finding.id)
    return kind, int(finding.id.removeprefix(kind) or 0)


def _fired(findings: list[Finding], rules: tuple[Rule, ...], last_turn: int) -> list[_Fired]:
    """Return the rules that fire, in order; a finding triggers only the first rule that matches."""
    ids: dict[str, list[str]] = {}
    for finding in findings:
        rule = next((rule for rule in rules if _fits(rule, finding, last_turn)), None)
        if rule and rule.is_upward and finding.direction is not Direction.POSITIVE:
            continue  # only positive findings may raise a verdict, whatever a rule says
        if rule is not None:
            ids.setdefault(rule.name, []).append(finding.id)
    return [_Fired(rule, tuple(ids[rule.name])) for rule in rules if rule.name in ids]


def _fits(rule: Rule, finding: Finding, last_turn: int) -> bool:
    when = rule.when
    on_last = finding.turn is None or finding.turn >= last_turn
    words = _words(f"{finding.summary} {finding.quote}")
    return (
        (when.tier is None or finding.tier is when.tier)
        and (when.direction is None or finding.direction is when.direction)
        and (not when.rule or finding.rule in when.rule)
        and (when.on is None or (when.on == "last") is on_last)
        and (not when.says or f" {_words(when.says)} " in f" {words} ")
    )


def _words(text: str) -> str:
    """Return the words of a text in lower case, with single blanks between them."""
    return re.sub(r"[_\W]+", " ", text).strip().lower()


def _clash(counted: list[Finding]) -> str:
    """Return the conflicting tier A findings; empty when there are none."""
    sides = {
        direction: [f.id for f in counted if f.tier is Tier.A and f.direction is direction]
        for direction in (Direction.POSITIVE, Direction.NEGATIVE)
    }
    if not all(sides.values()):
        return ""
    good, bad = (", ".join(ids) for ids in sides.values())
    return f"tier A findings against each other, so none moves it: {good} for, {bad} against"


def _final(trace: Satisfaction, fired: list[Rule]) -> Satisfaction:
    """Return the lowest target; a raise counts only when no rule lowers the verdict."""
    targets = [rule.move.get(trace, trace) for rule in fired]
    lowest = min(targets, key=RANK.__getitem__, default=trace)
    if RANK[lowest] < RANK[trace]:
        return lowest
    if any(rule.is_downward for rule in fired):
        return trace
    return max(targets, key=RANK.__getitem__, default=trace)


def _lowered(level: Confidence, final: Satisfaction, counted: list[Finding]) -> Confidence:
    """Return at most medium when weaker findings, or evaluations, contradict the verdict."""
    against = Direction.NEGATIVE if final is Satisfaction.YES else Direction.POSITIVE
    weak = (Tier.B, Tier.AMBIGUOUS)
    doubted = any(f.tier in weak and f.direction is against for f in counted)
    return Confidence.MEDIUM if doubted and level is Confidence.HIGH else level
