"""Single decisions on proposals, and opened details: weak signals on their own."""

from collections.abc import Sequence
from datetime import timedelta

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.model import Finding
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier


def accepted(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for the proposals that the user accepted.

    Ambiguous (`references/sources/rules.md#tiers`): users accept mediocre proposals too, so this is
    weakly positive and never primary evidence.
    """
    events = _in_session(behaviour, ActionCategory.ACCEPT)
    if not events:
        return []
    return [
        signal(
            "rum-accept",
            events,
            f"{named_by(events[0])}: the user accepted a proposal",
            tier=Tier.AMBIGUOUS,
            direction=Direction.POSITIVE,
            turn=running(behaviour.session, events[0].at),
        )
    ]


def rejected(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for the single proposals that the user rejected.

    Ambiguous (`references/sources/rules.md#tiers`). It is negative only when the user sent nothing
    afterwards or rejected every later proposal; otherwise the user may have preferred an
    alternative. Whether something was sent is known from later turns in the spans, or from recorded
    actions.
    """
    events = _in_session(behaviour, ActionCategory.REJECT)
    if not events:
        return []
    why = _stopped(behaviour, events) or _all_rejected(behaviour, events)
    return [
        signal(
            "rum-reject",
            events,
            f"{named_by(events[0])}: the user rejected a single proposal"
            + (f" and {why}" if why else ""),
            tier=Tier.AMBIGUOUS,
            direction=Direction.NEGATIVE if why else Direction.NEUTRAL,
            turn=running(behaviour.session, events[0].at),
        )
    ]


def revealed(behaviour: Behaviour, others: Sequence[Finding]) -> list[Finding]:
    """Return one finding for the times that the user opened intermediate steps or tool results.

    Ambiguous (`references/sources/rules.md#tiers`): interest and distrust produce the same clicks.
    It gets a direction only when all tier A and B findings in `others` have the same one.
    """
    events = _in_session(behaviour, ActionCategory.REVEAL)
    if not events:
        return []
    sides = {f.direction for f in others if f.tier in (Tier.A, Tier.B) and not f.needs_reading}
    sides -= {Direction.NEUTRAL}
    return [
        signal(
            "rum-reveal",
            events,
            f"{named_by(events[0])}: the user opened steps or tool results",
            tier=Tier.AMBIGUOUS,
            direction=sides.pop() if len(sides) == 1 else Direction.NEUTRAL,
            turn=running(behaviour.session, events[0].at)
            or answered(behaviour.session, events[0].at),
        )
    ]


def _in_session(behaviour: Behaviour, category: ActionCategory) -> list[TimelineEvent]:
    """Return the actions of a category; two names of one act at one moment count once."""
    found: list[TimelineEvent] = []
    for event in behaviour.timeline.of(category):
        is_double = bool(found) and (
            event.at - found[-1].at <= _ONE_MOMENT and event.event.name != found[-1].event.name
        )
        if event.phase is not Phase.PRE and not is_double:
            found.append(event)
    return found


_ONE_MOMENT = timedelta(seconds=1)


def _stopped(behaviour: Behaviour, events: list[TimelineEvent]) -> str:
    last = events[-1].at
    sent = behaviour.timeline.of(ActionCategory.SEND)
    known = bool(sent) or any(turn.trace_id for turn in behaviour.session.turns)
    went_on = any(turn.start > last for turn in behaviour.session.turns) or any(
        event.at > last for event in sent
    )
    return "sent nothing after that" if known and not went_on else ""


def _all_rejected(behaviour: Behaviour, events: list[TimelineEvent]) -> str:
    """Return whether there were further proposals and every one was rejected."""
    first = events[0].at
    taken = [e for e in _in_session(behaviour, ActionCategory.ACCEPT) if e.at > first]
    return "rejected every later one too" if len(events) > 1 and not taken else ""
