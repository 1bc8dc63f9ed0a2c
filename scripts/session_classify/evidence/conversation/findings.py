"""All findings on a conversation, in the order of kinds."""

from collections.abc import Sequence

from msgspec.structs import replace

from session_classify.evidence.conversation.addressed import addressed_findings
from session_classify.evidence.conversation.app_clock import clock_findings
from session_classify.evidence.conversation.claims.claim import Said
from session_classify.evidence.conversation.claims.findings import said_findings
from session_classify.evidence.conversation.endings import ending_findings
from session_classify.evidence.conversation.experiments import expected_findings
from session_classify.evidence.conversation.gaps import evaluation_findings, gap_findings
from session_classify.evidence.conversation.grounding import (
    failure_findings,
    grounding_findings,
    repetition_findings,
)
from session_classify.evidence.conversation.ledger import Write, ledger_findings
from session_classify.evidence.conversation.origins import origin_findings
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.model import Finding, Session


def conversation_findings(
    session: Session, readings: tuple[ToolResult, ...], writes: Sequence[Write], stated: Said
) -> list[Finding]:
    """Return the findings on results, writes and texts of a session, writes first."""
    return [
        *ledger_findings(writes),
        *_joined([*failure_findings(readings), *repetition_findings(readings)]),
        *said_findings(session, stated),
        *ending_findings(session),
        *clock_findings(session, writes),
        *origin_findings(session, readings, writes),
        *addressed_findings(session),
        *grounding_findings(session),
        *expected_findings(session),
        *evaluation_findings(session),
        *gap_findings(session),
    ]


def _joined(findings: list[Finding]) -> list[Finding]:
    """Merge the two findings about one call that failed and was also repeated."""
    by_id: dict[str, Finding] = {}
    for finding in findings:
        first = by_id.get(finding.id)
        by_id[finding.id] = (
            replace(first, summary=f"{first.summary}; {finding.summary}", calls=finding.calls)
            if first
            else finding
        )
    return sorted(by_id.values(), key=lambda finding: int(finding.id.removeprefix("tool")))
