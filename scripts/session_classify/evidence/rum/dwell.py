"""How long the user stayed on the assistant's view, and repeated opens before an answer."""

from datetime import datetime, timedelta

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import TimelineEvent, any_within
from session_classify.model import Finding
from session_classify.profiles.patterns import fits
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier

SHORT, LONG = 30.0, 60.0
"""Seconds on the agent's view: below `SHORT` and above `LONG` there is a signal."""
_OPENED_BEFORE = timedelta(minutes=2)
"""How long before the first turn an opening still belongs to it."""
_ANYWHERE = frozenset({ActionCategory.ARTIFACT, ActionCategory.OTHER})
"""Categories of actions that happen on other pages as well."""
_AGAIN = 1.0
"""Seconds: a reopen within them was not made by hand."""


def short_dwell(behaviour: Behaviour) -> list[Finding]:
    """Return a finding when the user stayed less than 30 s in total on the agent's view.

    Tier B, negative (`references/sources/rules.md#tiers`). No finding when a view has no recorded
    length, because it may have been long.
    """
    views = agent_views(behaviour)
    if not views or any(view.event.dwell is None for view in views):
        return []
    seconds = _stay(behaviour, views)
    if seconds >= SHORT:
        return []
    return [_dwell(behaviour, "rum-short-dwell", views, seconds, Direction.NEGATIVE)]


def long_dwell(behaviour: Behaviour) -> list[Finding]:
    """Return a finding when the user stayed more than 60 s on the agent's view.

    Tier B, positive (`references/sources/rules.md#tiers`).
    """
    views = agent_views(behaviour)
    seconds = _stay(behaviour, views)
    if seconds <= LONG:
        return []
    return [_dwell(behaviour, "rum-long-dwell", views, seconds, Direction.POSITIVE)]


def repeated_opens(behaviour: Behaviour) -> list[Finding]:
    """Return a finding when the panel was opened repeatedly before the first response.

    Tier B, negative (`references/sources/rules.md#tiers`). Openings within a second of each other
    count as one.
    """
    turns = behaviour.session.turns
    if not turns:
        return []
    first, answered_at = turns[0].start - _OPENED_BEFORE, turns[0].end
    opens: list[TimelineEvent] = []
    for event in behaviour.timeline.of(ActionCategory.OPEN):
        again = opens and (event.at - opens[-1].at).total_seconds() <= _AGAIN
        if first <= event.at < answered_at and not again:
            opens.append(event)
    if len(opens) < 2:
        return []
    return [
        signal(
            "rum-repeated-opens",
            opens,
            f"{named_by(opens[0])}: opened repeatedly before there was any response",
            tier=Tier.B,
            direction=Direction.NEGATIVE,
            turn=turns[0],
        )
    ]


def agent_views(behaviour: Behaviour) -> list[TimelineEvent]:
    """Return the views in which the assistant was used during the session.

    These are the views of the assistant's own actions, matched by view id, or else by URL and by
    the time that the view was open.
    """
    used = [
        event
        for event in behaviour.timeline.events
        if event.phase is Phase.DURING and _is_assistants(behaviour, event)
    ]
    ids = {event.event.view_id for event in used} - {""}
    by_url: dict[str, list[datetime]] = {}
    for event in used:
        if not event.event.view_id:
            by_url.setdefault(event.event.url, []).append(event.at)
    return [
        view
        for view in behaviour.timeline.views
        if view.event.view_id in ids
        or any_within(by_url.get(view.event.url, []), view.at, _open_for(view))
    ]


def _is_assistants(behaviour: Behaviour, event: TimelineEvent) -> bool:
    """Return whether an action is the assistant's: by category, else by the profile's names."""
    if event.event.type != "action":
        return False
    if event.rule is not None and event.category not in _ANYWHERE:
        return True
    return any(fits(event.event.name, pattern) for pattern in behaviour.profile.assistant)


def _open_for(view: TimelineEvent) -> timedelta:
    """Return how long a view was open; a view without a length may still be open."""
    stay = view.event.dwell
    return timedelta(days=1) if stay is None else timedelta(seconds=stay)


def _stay(behaviour: Behaviour, views: list[TimelineEvent]) -> float:
    """Return the seconds since the session began in which any of the views was open.

    Tabs that were open at the same time are counted once.
    """
    start = behaviour.timeline.times.start
    spans: list[tuple[datetime, datetime]] = sorted(
        (view.at, view.at + timedelta(seconds=view.event.dwell or 0)) for view in views
    )
    total, until = 0.0, start
    for begin, end in spans:
        since = max(begin, until)
        if end > since:
            total += (end - since).total_seconds()
            until = end
    return total


def _dwell(
    behaviour: Behaviour,
    rule: str,
    views: list[TimelineEvent],
    seconds: float,
    direction: Direction,
) -> Finding:
    turns = behaviour.session.turns
    return signal(
        rule,
        views[:1],
        f"the user stayed {seconds:.1f} s in all on the page with the assistant",
        tier=Tier.B,
        direction=direction,
        turn=turns[0] if turns else None,
    )
