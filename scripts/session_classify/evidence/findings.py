"""Collect the findings of every kind into one ordered list with unique ids."""

from collections import Counter

import msgspec
from msgspec.structs import replace

from session_classify.evidence.conversation.addressed import addressed_findings
from session_classify.evidence.conversation.app_clock import clock_findings
from session_classify.evidence.conversation.claims.findings import (
    NOTHING_SAID,
    Said,
    said,
    said_findings,
)
from session_classify.evidence.conversation.endings import ending_findings
from session_classify.evidence.conversation.experiments import expected_findings
from session_classify.evidence.conversation.gaps import evaluation_findings, gap_findings
from session_classify.evidence.conversation.grounding import (
    failure_findings,
    grounding_findings,
    repetition_findings,
)
from session_classify.evidence.conversation.ledger import Write, ledger, ledger_findings
from session_classify.evidence.conversation.made_good import made_good
from session_classify.evidence.conversation.origins import origin_findings
from session_classify.evidence.conversation.tool_results import ToolResult, read_results
from session_classify.model import Finding, Session, kind_of
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import FINDING_KINDS


class Evidence(msgspec.Struct, frozen=True):
    """A session with everything that was derived from it."""

    session: Session
    readings: tuple[ToolResult, ...]
    writes: tuple[Write, ...]
    findings: tuple[Finding, ...]
    said: Said = NOTHING_SAID
    """What the answers state, and what of the session backs it."""

    @property
    def ids(self) -> frozenset[str]:
        """Every id that a verdict may cite: findings, writes, calls and turns."""
        return frozenset(
            [finding.id for finding in self.findings]
            + [call.id for call in self.session.tool_calls]
            + [f"turn{turn.number}" for turn in self.session.turns]
        )

    def made_good(self, failed: Write) -> tuple[Write, ...]:
        """Return the later writes that did what a failed or waiting one was to do."""
        return made_good(failed, self.writes, self.session)

    @property
    def named_ids(self) -> str:
        """The ids as a sentence lists them: runs of one kind become `tool1 to tool7`."""
        kinds = Counter(map(kind_of, self.ids))
        runs = [
            f"{kind}1" if count == 1 else f"{kind}1 to {kind}{count}"
            for kind in ("turn", "tool", *FINDING_KINDS[:1], *FINDING_KINDS[2:])
            if (count := kinds[kind])
        ]
        return ", ".join(runs)


def collect(session: Session, profile: Profile | None = None) -> Evidence:
    """Decode every tool result once and return the session's findings, writes first.

    The profile has the app's words for effects; without one the generic words apply.
    """
    readings = read_results(session)
    writes = ledger(readings)
    stated = _said(session, readings, writes, profile)
    findings = [
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
    return Evidence(session, readings, writes, tuple(findings), stated)


def recalled(
    session: Session, findings: tuple[Finding, ...], profile: Profile | None = None
) -> Evidence:
    """Return the evidence of an existing case, with the findings that were stored in it.

    What the answers state is read again where the case's profile is given: few commands need it.
    """
    readings = read_results(session)
    writes = ledger(readings)
    stated = _said(session, readings, writes, profile) if profile else NOTHING_SAID
    return Evidence(session, readings, writes, findings, stated)


def _said(
    session: Session,
    readings: tuple[ToolResult, ...],
    writes: tuple[Write, ...],
    profile: Profile | None,
) -> Said:
    """Return what the answers state; a failed write that was made good is no part of "all"."""
    counted = [w for w in writes if not w.failed or not made_good(w, writes, session)]
    return said(session, readings, counted, profile)


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
