"""Collect what happened around a session: RUM, audit trail, other sessions of the user."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from session_classify.events import Events
from session_classify.evidence.audit.context import AuditContext, context_of
from session_classify.evidence.audit.questions import audit_need
from session_classify.evidence.findings import Evidence
from session_classify.evidence.rum.findings import Observed, naming
from session_classify.gathering.asking import Ask, Recorded
from session_classify.gathering.audit import AuditSeen, audit_recorded, audit_seen
from session_classify.gathering.neighbours import near_sessions
from session_classify.gathering.rum import BehaviourSeen, behaviour_asked, behaviour_recorded
from session_classify.model import Coverage
from session_classify.profiles.profile import Profile
from session_classify.queries import rum as rum_queries
from session_classify.queries.call import Call, Received
from session_classify.vocabulary import NOT_ASKED, RumIdentity, Unit
from session_classify.wire.rum.next_calls import rum_plan
from session_classify.wire.rum.owner import times_known


class Surroundings(msgspec.Struct, frozen=True):
    """The evidence with the findings around its session, and their coverage."""

    evidence: Evidence
    rum: str = NOT_ASKED
    rum_by: str = ""
    audit: str = NOT_ASKED
    events: Events = msgspec.field(default_factory=Events)
    notes: tuple[str, ...] = ()

    def told(self, coverage: Coverage) -> Coverage:
        """Return a case's coverage with that of the surroundings."""
        notes = (*coverage.notes, *self.notes)
        return replace(coverage, rum=self.rum, rum_by=self.rum_by, audit=self.audit, notes=notes)


def gather_surroundings(
    evidence: Evidence, profile: Profile, recorded: Recorded, ask: Ask | None, now: datetime
) -> Surroundings:
    """Return the evidence with the findings on RUM, audit trail and neighbours.

    `ask` is None without a live backend: then only recorded rows count. A single trace gets none of
    these findings (`references/sources/rum.md#rum-windows`), nor does a session without times.
    """
    session = evidence.session
    if session.unit is Unit.TRACE:
        left = "not looked at: a trace is judged by itself"
        return Surroundings(evidence, rum=left, audit=left)
    ask = ask if times_known(session) else None
    if ask is None and not (recorded.rum or recorded.audit):
        return _around(evidence, None, None, recorded, ())
    setting = context_of(session, profile, evidence.readings, evidence.writes)
    need = audit_need(setting, evidence.writes, profile)
    if ask is None:
        seen = behaviour_recorded(evidence, profile, recorded.rum) if recorded.rum else None
        rows, setting = recorded.audit, _with_feedback(setting, seen)
        audit = audit_recorded(setting, need, profile, rows, now) if rows else None
        return _around(evidence, seen, audit, recorded, ())
    # The first calls are independent and made in parallel; later ones depend on the answers.
    rum, near = rum_plan(session, {}, naming(profile)).call, rum_queries.neighbours(session)
    calls = [call for call in (rum, near, *need.calls) if call is not None]
    answers = ask(tuple(calls))
    seen = behaviour_asked(evidence, profile, ask, _to((rum,), answers))
    setting = _with_feedback(setting, seen)
    audit = audit_seen(setting, need, profile, ask, _to(need.calls, answers), now)
    return _around(evidence, seen, audit, recorded, _to((near,), answers))


def _with_feedback(setting: AuditContext, seen: BehaviourSeen | None) -> AuditContext:
    """Return the audit context with the time of the feedback in RUM, if any."""
    at = seen.observed.behaviour.timeline.times.feedback if seen else None
    return replace(setting, times=replace(setting.times, feedback=at)) if at else setting


def _to(calls: Sequence[Call | None], answers: Sequence[Received]) -> tuple[Received, ...]:
    """Return the answers to these calls, in their order."""
    return tuple(one for call in calls for one in answers if call and one.about == call)


def _sessions(observed: Observed | None) -> str:
    """Return how many RUM sessions the events are of, where a browser renewed or had several."""
    events = observed.owned.events if observed else ()
    count = len({event.rum_session for event in events} - {""})
    return f"; {count} RUM sessions of the same user" if count > 1 else ""


def _around(
    evidence: Evidence,
    seen: BehaviourSeen | None,
    audit: AuditSeen | None,
    recorded: Recorded,
    listed: Sequence[Received],
) -> Surroundings:
    near, lost = near_sessions(evidence.session, recorded.spans, listed)
    observed = seen.observed if seen else None
    found = [*(observed.findings if observed else evidence.findings)]
    found += [*(audit.findings if audit else ()), *near]
    by = observed.owned.by if observed else RumIdentity.NOBODY
    return Surroundings(
        replace(evidence, findings=tuple(found)),
        rum=observed.coverage if observed else NOT_ASKED,
        rum_by="" if by is RumIdentity.NOBODY else f"{by}{_sessions(observed)}",
        audit=audit.coverage if audit else NOT_ASKED,
        events=Events(observed.owned.events if observed else (), audit.events if audit else ()),
        notes=(*(seen.notes if seen else ()), *lost),
    )
