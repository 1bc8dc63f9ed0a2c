"""Collect the findings of every kind into one ordered list with unique ids."""

from collections import Counter

import msgspec

from session_classify.evidence.conversation.claims.claim import NOTHING_SAID, Said
from session_classify.evidence.conversation.ledger import Write, ledger
from session_classify.evidence.conversation.made_good import made_good
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
    # Imported here: a case that is read again has its findings.
    from session_classify.evidence.conversation.findings import conversation_findings

    readings = read_results(session)
    writes = ledger(readings)
    stated = _said(session, readings, writes, profile)
    findings = conversation_findings(session, readings, writes, stated)
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
    # Imported here: a case that is read again needs no claims.
    from session_classify.evidence.conversation.claims.findings import said

    counted = [w for w in writes if not w.failed or not made_good(w, writes, session)]
    return said(session, readings, counted, profile)
