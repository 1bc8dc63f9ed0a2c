"""Select the session user's RUM events, and record by what they were matched.

Source: `references/sources/rum.md#rum-users`.
"""

from collections.abc import Iterable

import msgspec

from session_classify.events import RumEvent
from session_classify.model import Identity, Session
from session_classify.queries.rum import AROUND, Window, behaviour_window
from session_classify.vocabulary import RumIdentity

_EARLIEST_YEAR = 2000
"""Agent loops have no times; their turns are dated 1970."""


class UserEvents(msgspec.Struct, frozen=True):
    """The events of a session's user around it."""

    events: tuple[RumEvent, ...] = ()
    by: RumIdentity = RumIdentity.NOBODY
    elsewhere: bool | None = None
    """The user has events at other times; None where unknown."""
    others: int = 0
    """Events around the session of another user or another browser session."""


def times_known(session: Session) -> bool:
    """Return whether the session's turns have times: without them there are no phases."""
    return bool(session.turns) and session.turns[0].start.year > _EARLIEST_YEAR


def session_window(session: Session) -> Window:
    """Return the window of user behaviour for the session."""
    start = min(turn.start for turn in session.turns)
    return behaviour_window(start, max(turn.end for turn in session.turns))


def session_ids(session: Session) -> tuple[str, ...]:
    """Return the ids in the spans that may be RUM session ids; baggage is only a hint.

    Source: `references/sources/spans.md#rum-baggage`.
    """
    return tuple(dict.fromkeys((session.id, *session.identity.rum_session_ids)))


def own_events(
    session: Session, events: Iterable[RumEvent], by: RumIdentity | None = None
) -> UserEvents:
    """Return the events of the session's user around it.

    They are matched in this order: by the RUM session in the spans, by the user's RUM sessions
    around the first turn, by the user's id, by the e-mail. Events with neither user nor session
    came from a query with such a filter (`by`) and are accepted. A session without times has none.
    """
    known = list(events)
    if not times_known(session):
        return UserEvents(others=len(known))
    window = session_window(session)
    near = [event for event in known if _touches(event, window)]
    # A view without a URL is the row of a lookup: it has a user, but no page.
    near = [event for event in near if event.url or event.type != "view"]
    unnamed = [
        event for event in near if not (event.rum_session or event.user_id or event.user_email)
    ]
    named = [event for event in near if event.rum_session or event.user_id or event.user_email]
    chosen, found = _chosen(session, named, known)
    kept = set(map(id, (*chosen, *unnamed)))
    mine = [event for event in near if id(event) in kept]
    has_more = any(is_users(event, session.identity) for event in known) or None
    if by is not None and by is not RumIdentity.NOBODY:
        found = by
    return UserEvents(tuple(mine), found, has_more, len(named) - len(chosen))


def all_events(session: Session, events: Iterable[RumEvent]) -> UserEvents:
    """Return all users' events around a session."""
    known = list(events)
    window = session_window(session)
    near = tuple(event for event in known if _touches(event, window))
    return UserEvents(near, others=len(known) - len(near))


def around(events: Iterable[RumEvent], session: Session) -> tuple[str, ...]:
    """Return the RUM sessions that have an event around the first turn, in order of appearance."""
    first = min(turn.start for turn in session.turns)
    window = Window(first - AROUND, first + AROUND)
    found = (e.rum_session for e in events if e.rum_session and _touches(e, window))
    return tuple(dict.fromkeys(found))


def is_users(event: RumEvent, identity: Identity) -> bool:
    """Return whether an event has the spans' user, by id or by e-mail."""
    by_id = event.user_id and event.user_id in (identity.usr_id, identity.user_id)
    return bool(by_id) or _same_email(event, identity)


def is_anothers(event: RumEvent, identity: Identity) -> bool:
    """Return whether event and spans both name a user, and these differ."""
    ids = bool(event.user_id and identity.usr_id)
    emails = bool(event.user_email and "@" in identity.user_handle)
    return (ids or emails) and not is_users(event, identity)


def _chosen(
    session: Session, named: list[RumEvent], known: list[RumEvent]
) -> tuple[list[RumEvent], RumIdentity]:
    identity = session.identity
    ids = {name.casefold() for name in session_ids(session)}
    mine = [event for event in named if event.rum_session.casefold() in ids]
    if mine and not any(is_anothers(event, identity) for event in mine):
        return _with_renewed(mine, named, identity), RumIdentity.SESSION_ID
    sessions = around((event for event in known if is_users(event, identity)), session)
    mine = [event for event in named if event.rum_session in sessions]
    if mine:
        return _with_renewed(mine, named, identity), RumIdentity.AROUND
    mine = [event for event in named if event.user_id and event.user_id == identity.usr_id]
    if mine:
        return mine, RumIdentity.USER_ID
    mine = [event for event in named if is_users(event, identity)]
    return mine, RumIdentity.EMAIL if mine else RumIdentity.NOBODY


def _with_renewed(
    mine: list[RumEvent], named: list[RumEvent], identity: Identity
) -> list[RumEvent]:
    """Add the same user's events of other RUM sessions: a browser renews its session when idle.

    Source: `references/sources/rum.md#rum-users`.
    """
    users = {event.user_id for event in mine} | {event.user_email.casefold() for event in mine}
    users -= {""}
    sessions = {event.rum_session for event in mine}
    return [
        event
        for event in named
        if event.rum_session in sessions
        or is_users(event, identity)
        or users & {event.user_id, event.user_email.casefold()}
    ]


def _same_email(event: RumEvent, identity: Identity) -> bool:
    return bool(event.user_email) and event.user_email.casefold() == identity.user_handle.casefold()


def _touches(event: RumEvent, window: Window) -> bool:
    """Return whether an event is in a window; a view counts while it was open."""
    stay = event.dwell or 0.0
    return event.at <= window.end and event.at.timestamp() + stay >= window.start.timestamp()
