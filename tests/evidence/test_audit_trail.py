"""What the audit trail says of a session, rule by rule, each with its near miss."""

from typing import Any

import pytest

from session_classify.evidence.audit_rules import RULES
from session_classify.evidence.audit_trail import audit_findings
from session_classify.model import Finding
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
