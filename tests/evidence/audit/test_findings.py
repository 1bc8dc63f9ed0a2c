"""What the audit trail says of a session, rule by rule, each with its near miss."""

from functools import cache
from typing import Any

import pytest

from session_classify.evidence.audit.detection_rules import RULES
from session_classify.evidence.audit.findings import audit_findings
from session_classify.model import Finding
from session_classify.verdict.reconcile import Answers, reconcile
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.vocabulary import Satisfaction, Tier
from tests.evidence.audit_rows import a_trail
from tests.situations import samples, situations


def said(finding: Finding) -> str:
    """Return a finding's rule, with what is not as the rule usually is."""
    rule = RULES[finding.rule]
    other = [str(finding.tier)] * (finding.tier is not rule.tier)
    other += [str(finding.direction)] * bool(other or finding.direction is not rule.direction)
    return " ".join([finding.rule, *other, *["read"] * finding.needs_reading])


@pytest.mark.parametrize("sample", samples("audit"))
def test_rows_give_the_findings_that_they_show(sample: dict[str, Any]) -> None:
    """Each sample names every finding in order of time; a near miss lacks the one it is near to."""
    trail, profile = a_trail(sample)

    findings = audit_findings(trail, profile)

    assert [said(finding) for finding in findings] == sample["expect"]
    assert [f.id for f in findings] == [f"audit{n}" for n in range(1, len(findings) + 1)]
    if "phases" in sample:
        counts = {phase.value: len(events) for phase, events in trail.phases.items() if events}
        assert counts == sample["phases"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("trace", list(Satisfaction))
def test_a_rule_moves_a_verdict_as_the_reconciliation_says(rule: str, trace: Satisfaction) -> None:
    """The user's own deletion makes it a no, undoing and overriding partial; nothing else moves."""
    (finding, *_) = (f for f in _one_of_each() if f.rule == rule)
    answers = Answers(confirmed=frozenset({finding.id}))

    done = reconcile(trace, (finding,), answers, load_rules(), 1)

    moved = {
        "audit-deleted-by-user": {"yes": "no", "partial": "no"},
        "audit-undone-by-user": {"yes": "partial"},
        "audit-overridden-by-user": {"yes": "partial"},
    }.get(rule, {})
    assert done.final == moved.get(trace, trace)
    assert (finding.tier is Tier.A) is (rule in (*_MOVING, "audit-extended-by-user"))
    assert [move.rule for move in done.moves] == ([_MOVING[rule]] if trace in moved else [])


_MOVING = {
    "audit-deleted-by-user": "deleted-by-user",
    "audit-undone-by-user": "undone-by-user",
    "audit-overridden-by-user": "undone-by-user",
}


@cache
def _one_of_each() -> list[Finding]:
    """Return the findings of every sample, those of a rule's usual weight first."""
    found = [
        finding
        for param in samples("audit")
        for finding in audit_findings(*a_trail(param.values[0]))
    ]
    return sorted(found, key=lambda finding: len(said(finding)))


def test_what_needs_reading_moves_nothing_unread() -> None:
    """Taking out what was there before counts once a reader says that it undid the answer."""
    rows = [
        "the assistant adds w-3",
        {"end": 60, "action": "modified", "widgets": [[1, 2, 3], [3]]},
    ]
    findings = tuple(audit_findings(*a_trail({"rows": rows})))
    undone = findings[-1]

    def final(*confirmed: str) -> Satisfaction:
        answers = Answers(confirmed=frozenset(confirmed))
        return reconcile(Satisfaction.YES, findings, answers, load_rules(), 1).final

    assert undone.needs_reading
    assert (final(), final(undone.id)) == (Satisfaction.YES, Satisfaction.PARTIAL)


def test_a_finding_says_what_when_and_in_which_turn() -> None:
    """The asset, what changed with the labels of its items, how long after, after which turn."""
    rows = [
        "the assistant adds w-3",
        {"end": 300, "action": "modified", "widgets": [[1, 2, 3], [1]]},
    ]

    undone = audit_findings(*a_trail({"rows": rows}))[-1]

    assert undone.summary == (
        "dashboard abc-123: 1 edit by the user 5 min after the end: "
        "2 removed (timeseries w-2, timeseries w-3)"
    )
    assert (undone.turn, undone.instant and undone.instant.minute) == (1, 6)


def test_the_order_of_rows_changes_nothing() -> None:
    """Answers come newest first, and windows overlap."""
    for param in samples("audit"):
        sample = param.values[0]
        forwards = audit_findings(*a_trail(sample))
        assert audit_findings(*a_trail(sample, backwards=True)) == forwards


def test_every_rule_has_a_situation_and_a_near_miss() -> None:
    """A rule that no sample shows, or that nothing narrowly misses, is not known to work."""
    listed = [param.values[0] for param in samples("audit")]
    shown = {word.split()[0] for sample in listed for word in sample["expect"]}
    near = {sample["near"] for sample in listed if "near" in sample}

    assert shown == set(RULES)
    assert near == set(RULES)
    for sample in listed:
        assert sample.get("near") not in sample["expect"]
    assert len(list(situations("audit"))) >= 25
