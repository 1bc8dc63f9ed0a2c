"""Merge several RUM answers: overlapping pages, repeated calls."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from session_classify.events import RumEvent
from session_classify.wire.rum.events import RumAnswer


class RumRows(msgspec.Struct, frozen=True):
    """The events of several answers, each once, by time."""

    events: tuple[RumEvent, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    rows: int = 0
    repeated: int = 0
    """Number of repeated rows."""
    truncated: tuple[str, ...] = ()
    """Types of events without a last page."""
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def joined(answers: Iterable[RumAnswer]) -> RumRows:
    """Merge the events of several answers, each once, by time.

    Pages overlap and calls are repeated: events are identified by id, views by view id, other rows
    by their whole content. Of two rows about one view, the one with the longer duration is later.
    Pages of one query hold the same types of events; the query is complete when one of them is the
    last.
    """
    events: dict[object, RumEvent] = {}
    counts: list[tuple[str, int]] = []
    notes: dict[str, None] = {}
    unreadable: list[str] = []
    whole: set[str] = set()
    cut: set[str] = set()
    rows = told = 0
    for answer in answers:
        rows += answer.rows
        told += len(answer.events)
        for event in answer.events:
            key = _key(event)
            known = events.get(key)
            if known is None or (event.dwell or 0) > (known.dwell or 0):
                events[key] = event
        counts += answer.counts
        notes.update(dict.fromkeys(answer.notes))
        unreadable += answer.unreadable
        (cut if answer.is_truncated else whole).update(answer.types)
    return RumRows(
        tuple(sorted(events.values(), key=lambda event: event.place)),
        tuple(counts),
        rows,
        told - len(events),
        tuple(sorted(cut - whole)),
        tuple(notes),
        tuple(unreadable),
    )


def with_end(answers: Iterable[RumAnswer]) -> tuple[RumAnswer, ...]:
    """Return saved pages of one search, complete where an empty page is among them."""
    pages = tuple(answers)
    if not any(page.is_end for page in pages):
        return pages
    return tuple(replace(page, is_truncated=False) for page in pages)


def _key(event: RumEvent) -> object:
    if event.type == "view" and event.view_id:
        return "view", event.view_id
    if event.id:
        return event.type, event.id
    return event.type, event.at, event.name, event.url, event.rum_session
