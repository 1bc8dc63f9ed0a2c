"""Abandonment: cancelled answers, closed panels and rejected plans."""

from datetime import datetime, timedelta

from session_classify.evidence.rum.signals import Behaviour, named_by, signal, unsure
from session_classify.evidence.rum.timeline import (
    TimelineEvent,
    answered,
    any_within,
    is_last,
    running,
)
from session_classify.model import Finding, Turn
from session_classify.vocabulary import (
    ActionCategory,
    ActionCondition,
    Direction,
    Outcome,
    Phase,
    Tier,
)

REOPENED_WITHIN = timedelta(seconds=1)
"""A panel that is reopened within this time was not left."""


def stream_aborted(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each turn whose answer the user cancelled before it was complete.

    Tier A, negative (`references/sources/rules.md#tiers`). A cancel while no answer was in progress
    is ignored. If the user went on to another turn, the rule is `…-earlier`, which moves the
    verdict by one step at most.
    """
    found: dict[int, list[TimelineEvent]] = {}
    turns = {turn.number: turn for turn in behaviour.session.turns}
    for event in behaviour.timeline.of(ActionCategory.ABORT):
        turn = running(behaviour.session, event.at)
        if turn and _when(event) is ActionCondition.BEFORE_RESPONSE:
            found.setdefault(turn.number, []).append(event)
    return [
        _broken_off(behaviour, "rum-stream-aborted", turns[number], events, "cancelled the answer")
        for number, events in found.items()
    ]


def closed_mid_stream(behaviour: Behaviour) -> list[Finding]:
    """Return a finding when the user closed the panel while the last answer was in progress.

    Tier A, negative (`references/sources/rules.md#tiers`): closed mid-stream and not reopened
    within 1 s. Mid-stream means that a model span was active. If the spans have no such times, the
    turn's times are used and the finding needs reading. A user who went on to another turn did not
    abandon.
    """
    events = _left(behaviour)
    if not events:
        return []
    turn = running(behaviour.session, events[0].at)
    doubt = unsure(behaviour, turn)
    if not doubt and not _model_times(turn):
        doubt = "; when the model was answering is not known"
    if not any(rule.category is ActionCategory.OPEN for rule in behaviour.profile.actions):
        doubt += "; the profile does not say what opening it again is called"
    if made := _made_before(behaviour, events[0], turn):
        doubt += f"; by then {made} was confirmed, and only words were still to come"
    return [
        signal(
            "rum-closed-mid-stream",
            events,
            f"{named_by(events[0])}: the panel was closed while the answer was being made and not "
            f"opened again within {REOPENED_WITHIN.seconds} s{doubt}",
            tier=events[0].tier or Tier.A,
            direction=events[0].direction,
            turn=turn,
            needs_reading=bool(doubt),
        )
    ]


def closed(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for all other times that the panel was closed and stayed closed.

    Ambiguous (`references/sources/rules.md#tiers`): a finished and an abandoned session look the
    same here.
    """
    known = {id(event) for event in _left(behaviour)}
    opened = _openings(behaviour)
    rest = [
        event
        for event in behaviour.timeline.of(ActionCategory.CLOSE)
        if event.phase is not Phase.PRE
        and id(event) not in known
        and not any_within(opened, event.at, REOPENED_WITHIN)
    ]
    if not rest:
        return []
    return [
        signal(
            "rum-closed",
            rest,
            f"{named_by(rest[0])}: the panel was closed, not in the middle of the last answer",
            tier=Tier.AMBIGUOUS,
            direction=Direction.NEUTRAL,
            turn=answered(behaviour.session, rest[0].at),
        )
    ]


def plan_rejected(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each turn whose whole plan the user rejected.

    Tier A, negative (`references/sources/rules.md#tiers`). If part of the plan was accepted later,
    but before the next turn, it was not rejected as a whole.
    """
    found: dict[int, list[TimelineEvent]] = {}
    turns = {turn.number: turn for turn in behaviour.session.turns}
    for event in behaviour.timeline.of(ActionCategory.REJECT_ALL):
        turn = running(behaviour.session, event.at) or answered(behaviour.session, event.at)
        if turn and _when(event) is ActionCondition.WHOLE_PLAN and not _accepted(behaviour, event):
            found.setdefault(turn.number, []).append(event)
    return [
        _broken_off(
            behaviour, "rum-plan-rejected", turns[number], events, "rejected the whole plan"
        )
        for number, events in found.items()
    ]


def _broken_off(
    behaviour: Behaviour, rule: str, turn: Turn, events: list[TimelineEvent], did: str
) -> Finding:
    last = is_last(behaviour.session, turn)
    doubt = unsure(behaviour, turn)
    return signal(
        rule if last else f"{rule}-earlier",
        events,
        f"{named_by(events[0])}: the user {did}{'' if last else ' and went on'}{doubt}",
        tier=events[0].tier or Tier.A,
        direction=events[0].direction,
        turn=turn,
        needs_reading=bool(doubt),
    )


def _made_before(behaviour: Behaviour, event: TimelineEvent, turn: Turn | None) -> str:
    """Return the last write confirmed in a turn before an event; empty for none.

    A user who sees the result may leave before the assistant has reported it.
    """
    made = [
        write.id
        for write in behaviour.writes
        if turn is not None
        and write.turn == turn.number
        and write.outcome is Outcome.CONFIRMED
        and write.call.start is not None
        and write.call.start < event.at
    ]
    return made[-1] if made else ""


def _when(event: TimelineEvent) -> ActionCondition:
    return event.rule.when if event.rule else ActionCondition.ALWAYS


def _left(behaviour: Behaviour) -> list[TimelineEvent]:
    """Return the closes during the last answer after which the panel stayed closed."""
    found = []
    opened = _openings(behaviour)
    for event in behaviour.timeline.of(ActionCategory.CLOSE):
        turn = running(behaviour.session, event.at)
        if turn is None or _when(event) is not ActionCondition.MID_STREAM:
            continue
        active = _model_times(turn)
        streaming = any(start <= event.at < end for start, end in active) or not active
        stayed = any_within(opened, event.at, REOPENED_WITHIN)
        if streaming and is_last(behaviour.session, turn) and not stayed:
            found.append(event)
    return found


def _model_times(turn: Turn | None) -> list[tuple[datetime, datetime]]:
    steps = turn.iterations if turn else ()
    return [(step.start, step.end) for step in steps if step.start and step.end]


def _openings(behaviour: Behaviour) -> list[datetime]:
    """Return the times at which the panel was opened, in any tab."""
    return [event.at for event in behaviour.timeline.of(ActionCategory.OPEN)]


def _accepted(behaviour: Behaviour, event: TimelineEvent) -> bool:
    later = [turn.start for turn in behaviour.session.turns if turn.start > event.at]
    return any(
        other.at > event.at and not (later and other.at >= min(later))
        for other in behaviour.timeline.of(ActionCategory.ACCEPT)
    )
