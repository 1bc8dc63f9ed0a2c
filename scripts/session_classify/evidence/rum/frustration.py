"""Context of a session's pages: clicks that show frustration, and errors of the browser.

Both say how the page behaved, not what the assistant did, so they touch the confidence at most
(references/sources/rum.md#frustration).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from session_classify.evidence.asset_paths import Page, page
from session_classify.evidence.rum.signals import Behaviour, named_by, place, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.model import Finding, Turn
from session_classify.vocabulary import Direction, Phase, Tier

_NAMED = 3
"""Actions that a finding names."""


def frustrated(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for rage, dead and error clicks on the session's pages."""
    events = [e for e in _on_pages(behaviour, behaviour.timeline.events) if e.event.frustrations]
    if not events:
        return []
    types = [kind for event in events for kind in event.event.frustrations]
    names = list(dict.fromkeys(named_by(event) for event in events))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [
        signal(
            "rum-frustration",
            events,
            f"{frustration_words(types)}: {', '.join(names[:_NAMED])}{more}, at "
            f"{place(events[0].event.url)}",
            tier=Tier.B,
            direction=Direction.NEGATIVE,
            turn=_turn(behaviour, events[0]),
        )
    ]


def errors_shown(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for the errors that the browser met on the session's pages.

    Pages meet errors that nobody sees, so they point nowhere.
    """
    events = _on_pages(behaviour, behaviour.timeline.errors)
    if not events:
        return []
    sources = Counter(event.event.error_source or "unknown source" for event in events)
    told = ", ".join(f"{count} of {source}" for source, count in sources.most_common())
    return [
        signal(
            "rum-page-error",
            events,
            f"errors of the browser on the session's pages ({told}), the first at "
            f"{place(events[0].event.url)}",
            tier=Tier.AMBIGUOUS,
            direction=Direction.NEUTRAL,
            turn=_turn(behaviour, events[0]),
            quote=events[0].event.error,
        )
    ]


def frustration_words(types: Iterable[str]) -> str:
    """Return types of frustration in words, each once: `rage click ×2, dead click`."""
    count = Counter(kind.replace("_", " ") for kind in types)
    return ", ".join(f"{kind} ×{n}" if n > 1 else kind for kind, n in count.items())


def _on_pages(behaviour: Behaviour, events: Iterable[TimelineEvent]) -> list[TimelineEvent]:
    """Return the events since the session began on pages that were open during it."""
    pages = _pages(behaviour)
    return [
        event
        for event in events
        if event.phase is not Phase.PRE
        and (event.phase is Phase.DURING or page(event.event.url) in pages)
    ]


def _pages(behaviour: Behaviour) -> frozenset[Page]:
    """Return the pages that the user was on during the session."""
    times = behaviour.timeline.times
    open_then = [
        view
        for view in behaviour.timeline.views
        if view.at < times.end and view.at + timedelta(seconds=view.event.dwell or 0) > times.start
    ]
    acted = [event for event in behaviour.timeline.events if event.phase is Phase.DURING]
    return frozenset(page(event.event.url) for event in (*open_then, *acted) if event.event.url)


def _turn(behaviour: Behaviour, event: TimelineEvent) -> Turn | None:
    return running(behaviour.session, event.at) or answered(behaviour.session, event.at)
