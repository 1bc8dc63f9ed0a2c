"""Other sessions of the same user, from the root spans in a search or an export.

Source: `references/sources/rum.md#neighbours`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from session_classify.instants import instant
from session_classify.model import Session
from session_classify.queries.rum import NEAR, Window, user_tags
from session_classify.queries.unit_ids import session_tag
from session_classify.wire.session.turn_io import user_text
from session_classify.wire.trace.sessions import put_together
from session_classify.wire.trace.span_listing import Node
from session_classify.wire.trace.spans import Span, tag


class Neighbour(msgspec.Struct, frozen=True):
    """Another session of the same user, as far as its root spans show."""

    id: str
    ml_app: str
    start: datetime
    """The start of its first known turn."""
    end: datetime
    turns: int
    first_text: str
    """The user's first message; a search shows about 200 characters of it."""


class _Root(msgspec.Struct, frozen=True):
    session: str
    ml_app: str
    start: datetime
    end: datetime
    text: str


def read_neighbours(spans: Iterable[Span | Node], session: Session) -> tuple[Neighbour, ...]:
    """Return the user's other sessions that began near this one, by time.

    Near is from 15 min before the first turn to 15 min after the last. The user is identified by
    the spans' tag; sessions of other users are skipped.
    """
    wanted = user_tags(session.identity)
    if not wanted or not session.turns:
        return ()
    (key, value), *_ = wanted.items()
    start, end = session.turns[0].start, max(turn.end for turn in session.turns)
    window = Window(start - NEAR, end + NEAR)
    by_session: dict[str, list[_Root]] = {}
    for span in put_together(spans, session_tag(session.id)[0]):
        same = tag(span.tags, key).casefold() == value.casefold()
        other = span.session_id and span.session_id.casefold() != session.id.casefold()
        if same and other and not span.parent_id and span.start > 0:
            root = _root(span)
            by_session.setdefault(root.session, []).append(root)
    found = [_neighbour(sorted(roots, key=lambda r: r.start)) for roots in by_session.values()]
    near = [one for one in found if window.holds(one.start)]
    return tuple(sorted(near, key=lambda one: (one.start, one.id)))


def _neighbour(roots: list[_Root]) -> Neighbour:
    first = roots[0]
    return Neighbour(
        first.session,
        first.ml_app,
        first.start,
        max(root.end for root in roots),
        len(roots),
        next((root.text for root in roots if root.text), ""),
    )


def _root(span: Span | Node) -> _Root:
    begin = instant(span.start)
    text = span.asked if isinstance(span, Node) else user_text(span, None, None)[0] or ""
    stay = timedelta(microseconds=max(span.duration, 0) // 1000)
    return _Root(span.session_id, span.ml_app, begin, begin + stay, text)
