"""The input of the rules on behaviour, and the constructor of their findings."""

from collections.abc import Sequence

import msgspec

from session_classify.evidence.asset_paths import host, ids_named, segments
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.records import is_id, mentioned_ids, record_id
from session_classify.evidence.rum.timeline import Timeline, TimelineEvent, clock_skew
from session_classify.model import Finding, Session, Turn
from session_classify.page_urls import page_url
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import Direction, Outcome, Tier

_NAME, _PLACE = 80, 200
"""Characters of an action's name and of an address that a finding shows."""


class Behaviour(msgspec.Struct, frozen=True):
    """A session, what its user did around it, and the app's profile."""

    session: Session
    timeline: Timeline
    profile: Profile
    output: frozenset[str] = frozenset()
    """Ids of what the assistant named or made."""
    writes: tuple[Write, ...] = ()
    """The session's ledger."""
    skew: float = 0.0
    """Seconds by which the browser's clock is ahead of the spans'."""


def behaviour_of(
    session: Session, seen: Timeline, profile: Profile, writes: Sequence[Write] = ()
) -> Behaviour:
    """Return the input of the rules; `writes` tell which assets the assistant made."""
    named = [ids_named(turn.final_text or "") for turn in session.turns]
    made = [
        frozenset({record_id(write.data)})
        for write in writes
        if write.outcome is Outcome.CONFIRMED and isinstance(write.data, dict)
    ]
    output = frozenset().union(*named, *made) - {""}
    return Behaviour(session, seen, profile, output, tuple(writes), clock_skew(seen, session))


def signal(
    rule: str,
    events: Sequence[TimelineEvent],
    summary: str,
    *,
    tier: Tier,
    direction: Direction,
    turn: Turn | None = None,
    quote: str = "",
    needs_reading: bool = False,
) -> Finding:
    """Return a finding about events, placed at the first of them; its number is assigned later.

    A turn that is known only from a session's times, not from spans, has no number.
    """
    number = turn.number if turn is not None and turn.trace_id else None
    return Finding(
        id="",
        rule=rule,
        tier=tier,
        direction=direction,
        summary=summary + (f" (×{len(events)})" if len(events) > 1 else ""),
        turn=number,
        instant=events[0].at if events else None,
        quote=quote,
        rows=tuple(event.event.id for event in events),
        needs_reading=needs_reading,
    )


def unsure(behaviour: Behaviour, turn: Turn | None) -> str:
    """Return why a time within a turn is not exact; empty where it is."""
    if abs(behaviour.skew) > 0:
        return f"; the browser's clock seems {behaviour.skew:+.0f} s off, so read the times"
    if turn is not None and not turn.trace_id:
        return "; the times of the turns are not known"
    return ""


def named_by(event: TimelineEvent) -> str:
    """Return the name of an action as it is shown."""
    return _head(event.event.name or event.event.type, _NAME)


def place(url: str) -> str:
    """Return path and route of a page; its query and other fragments may hold anything."""
    found = page_url(url)
    return _head(url if found is None else found.shown, _PLACE)


def address(url: str) -> str:
    """Return host, path and route of a page; a query may hold what nobody should read."""
    return host(url) + place(url)


def _head(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def ids_of_page(event: TimelineEvent) -> frozenset[str]:
    """Return the ids that an action's page or context names."""
    in_path = {part for part in segments(event.event.url) if is_id(part)}
    return frozenset(in_path | set(mentioned_ids(event.event.context)))
