"""The audit trail as it is printed."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from session_classify.events import AuditEvent, Times
from session_classify.evidence.audit.context import AuditContext
from session_classify.evidence.audit.findings import audit_findings
from session_classify.evidence.audit.phases import audit_trail
from session_classify.instants import parsed_instant
from session_classify.model import Identity
from session_classify.printing.text import visible
from session_classify.profiles.load import generic_profile
from session_classify.report.audit import audit_data, audit_text
from session_classify.wire.audit import AuditRead

START = parsed_instant("2026-11-01T12:00:00Z")


def an_event(number: int, name: str, at: datetime) -> AuditEvent:
    return AuditEvent(
        id=str(number),
        at=at,
        action="modified",
        user_email="ana@example.com",
        asset_type=name[:9].lower(),
        asset_id=name or "x",
        asset_name=name,
        prev_value={"widgets": [{"id": name, "title": name}]},
        new_value={name: name},
    )


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8), st.integers(400, 3_000))
def test_nothing_of_a_row_leaves_its_line_or_the_limit(names: list[str], limit: int) -> None:
    """Names out of rows are visible, on one line, and what is left out is counted."""
    events = [an_event(n, name, START + timedelta(minutes=1 + n)) for n, name in enumerate(names)]
    context = AuditContext(
        Times(START, START + timedelta(minutes=1)), Identity(user_handle="ana@example.com")
    )
    trail = audit_trail(events, context, generic_profile())
    findings = audit_findings(trail, generic_profile())
    read = AuditRead(tuple(events), rows=len(events))

    text = audit_text(trail, findings, read, "covered", limit)
    data = audit_data(trail, findings, read, "covered")

    assert len(text) <= limit
    assert visible(text) == text
    assert not any(line.lstrip().startswith("verdict") for line in text.split("\n"))
    head = "phase who landed refused".split()
    left = len(trail.assets) - sum(line.split() == head for line in text.split("\n"))
    assert (f"… {left} asset" in text) is (left > 0)
    assert len(data["assets"]) == len(trail.assets)
    assert data["signals"] == findings
