"""Rebuild timeline and audit trail from the events of a case."""

import msgspec

from session_classify.events import Events
from session_classify.evidence.audit.context import context_of
from session_classify.evidence.audit.phases import AuditTrail, audit_trail
from session_classify.evidence.findings import Evidence
from session_classify.evidence.rum.timeline import Timeline, session_times, timeline
from session_classify.profiles.profile import Profile


class RecalledSurroundings(msgspec.Struct, frozen=True):
    """Timeline and audit trail as they were when the case was gathered."""

    timeline: Timeline
    trail: AuditTrail


def recall(evidence: Evidence, events: Events, profile: Profile) -> RecalledSurroundings:
    """Return timeline and trail of a case's events; without events both are empty."""
    session = evidence.session
    seen = timeline(events.rum, session_times(session), profile)
    context = context_of(session, profile, evidence.readings, evidence.writes, seen.times.feedback)
    return RecalledSurroundings(seen, audit_trail(events.audit, context, profile))
