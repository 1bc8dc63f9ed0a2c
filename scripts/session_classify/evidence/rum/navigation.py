"""Where the user went afterwards: links that the answer gave, help elsewhere, related pages."""

import re
from datetime import datetime

from session_classify.evidence.asset_paths import Page, asset_of, host, page, segments, urls_named
from session_classify.evidence.rum.signals import Behaviour, address, named_by, place, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.model import Finding
from session_classify.profiles.patterns import fits
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier

_WORD = re.compile(r"[a-z]{4,}")
_TOLD = 3
"""Pages that a finding names."""
_AFTERWARDS = frozenset({Phase.TO_FEEDBACK, Phase.POST})


def link_clicked(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for the links of answers that the user followed.

    Seed 002, tier B: "click on a markdown link the agent rendered". A page that an answer gave as a
    URL and that was opened afterwards is the same, documentation included: it is engagement, not
    flight (issue 7). A page that is the exact asset is told by `exact_asset_used` alone.
    """
    given = _given(behaviour)
    clicks = [e for e in behaviour.timeline.of(ActionCategory.LINK) if e.phase is not Phase.PRE]
    opened = [
        view
        for view in behaviour.timeline.views
        if _is_given(given, view) and not asset_of(view.event.url, behaviour.output)
    ]
    events = sorted((*clicks, *opened), key=lambda event: event.at)
    if not events:
        return []
    first = events[0]
    did = f"{named_by(first)}: the user clicked a link" if first.rule else "the user opened a page"
    return [
        signal(
            "rum-link-click",
            events,
            f"{did} of an answer, at {place(first.event.url)}",
            tier=Tier.B if opened else clicks[0].tier or Tier.B,
            direction=Direction.POSITIVE,
            turn=running(behaviour.session, first.at) or answered(behaviour.session, first.at),
        )
    ]


def external_help(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for help that the user looked for elsewhere after the session.

    Seed 002, tier B: "post-session navigation to external help (docs, support, community)", by the
    hosts of the profile. A page that an answer gave is none.
    """
    given = _given(behaviour)
    views = [
        view
        for view in _afterwards(behaviour)
        if _is_help(behaviour, view) and not _is_given(given, view)
    ]
    if not views:
        return []
    return [
        signal(
            "rum-external-help",
            views,
            f"the user went to {host(views[0].event.url)} after the session",
            tier=Tier.B,
            direction=Direction.NEGATIVE,
            turn=answered(behaviour.session, views[0].at),
            quote=address(views[0].event.url),
        )
    ]


def topic_adjacent(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for pages that were new afterwards and share a word with the request.

    Seed 002, tier B: "post-session navigation to a topic-adjacent resource (not exact-asset
    match)". Whether a page is near the topic is for a reader to say.
    """
    words = _topic(behaviour)
    given = _given(behaviour)
    seen = {page(v.event.url) for v in behaviour.timeline.views if v.phase not in _AFTERWARDS}
    views = [
        view
        for view in _afterwards(behaviour)
        if page(view.event.url) not in seen
        and not _is_help(behaviour, view)
        and not _is_given(given, view)
        and not asset_of(view.event.url, behaviour.output)
        and words & _path_words(view)
    ]
    if not views:
        return []
    shared = sorted(set().union(*(words & _path_words(view) for view in views)))
    pages = list(dict.fromkeys(place(view.event.url) for view in views))
    more = f" and {len(pages) - _TOLD} more" if len(pages) > _TOLD else ""
    return [
        signal(
            "rum-topic-adjacent",
            views,
            f"the user went to {', '.join(pages[:_TOLD])}{more}, which shares "
            f"{', '.join(shared[:_TOLD])} with the request",
            tier=Tier.B,
            direction=Direction.POSITIVE,
            turn=answered(behaviour.session, views[0].at),
            needs_reading=True,
        )
    ]


def _afterwards(behaviour: Behaviour) -> list[TimelineEvent]:
    return [view for view in behaviour.timeline.views if view.phase in _AFTERWARDS]


def _is_help(behaviour: Behaviour, view: TimelineEvent) -> bool:
    """Tell whether a page is on a host that the profile names or has a pattern for."""
    at = host(view.event.url)
    return bool(at) and any(fits(at, known) for known in behaviour.profile.help)


def _given(behaviour: Behaviour) -> dict[Page, datetime]:
    """Return the pages that answers gave as URLs, with the end of the first such answer."""
    found: dict[Page, datetime] = {}
    for turn in behaviour.session.turns:
        for url in urls_named(turn.final_text or ""):
            found.setdefault(page(url), turn.end)
    return found


def _is_given(given: dict[Page, datetime], view: TimelineEvent) -> bool:
    """Tell whether an answer that had ended by then gave this very page as a URL."""
    since = given.get(page(view.event.url))
    return since is not None and since <= view.at


def _topic(behaviour: Behaviour) -> frozenset[str]:
    texts = [turn.user_text or "" for turn in behaviour.session.turns]
    texts.append(behaviour.session.product_area)
    return _words(" ".join(texts))


def _path_words(view: TimelineEvent) -> frozenset[str]:
    return _words(" ".join(segments(view.event.url)))


def _words(text: str) -> frozenset[str]:
    """Return the words of a text, plurals as singulars."""
    return frozenset(word.removesuffix("s") for word in _WORD.findall(text.casefold()))
