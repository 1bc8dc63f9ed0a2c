"""Fetch a user's RUM events: one call after the other, as the plan requires."""

from collections.abc import Iterable

import msgspec

from session_classify.evidence.findings import Evidence
from session_classify.evidence.rum.findings import Observed, naming, observe
from session_classify.gathering.asking import Ask
from session_classify.profiles.profile import Profile
from session_classify.queries.call import Received
from session_classify.redaction import redacted
from session_classify.wire.rum.next_calls import RumPlan, rum_plan
from session_classify.wire.rum.received import RumReceived, read_received


class BehaviourSeen(msgspec.Struct, frozen=True):
    """The user's behaviour, and error messages for unreadable answers."""

    observed: Observed
    notes: tuple[str, ...]


def behaviour_asked(
    evidence: Evidence, profile: Profile, ask: Ask, first: Iterable[Received]
) -> BehaviourSeen:
    """Return the behaviour from RUM, starting with the answer to the plan's first call."""
    received = list(first)
    while True:
        read = read_received(received)
        plan = rum_plan(evidence.session, read.asked, naming(profile))
        came = ask((plan.call,)) if plan.call else ()
        if not came:
            return _seen(evidence, profile, read, plan)
        received += came


def behaviour_recorded(
    evidence: Evidence, profile: Profile, rows: Iterable[Received]
) -> BehaviourSeen:
    """Return the behaviour from RUM rows that came with the session."""
    return _seen(evidence, profile, read_received(rows), None)


def _seen(
    evidence: Evidence, profile: Profile, read: RumReceived, plan: RumPlan | None
) -> BehaviourSeen:
    """Apply the rules, after masking secrets in the events."""
    rows = redacted(read.rows)
    observed = observe(
        evidence.session,
        rows,
        profile,
        evidence.findings,
        evidence.writes,
        plan=plan,
        denied=read.denied,
    )
    return BehaviourSeen(observed, (*rows.notes, *rows.unreadable, *read.refused))
