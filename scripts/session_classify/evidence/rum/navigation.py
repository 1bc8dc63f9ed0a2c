"""Where the user went afterwards: links of answers, help pages, related pages."""

from datetime import datetime

from session_classify.evidence.asset_paths import Page, asset_of, host, page, segments, urls_named
from session_classify.evidence.rum.signals import Behaviour, address, named_by, place, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding
from session_classify.profiles.patterns import fits
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier

_WORD = lazy_pattern(r"[a-z]{4,}")
_LISTED = 3
"""Pages that a finding lists."""
_AFTERWARDS = frozenset({Phase.TO_FEEDBACK, Phase.POST})


def link_clicked(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for the links of answers that the user followed.

    Tier B, positive (`references/sources/rules.md#tiers`). Opening a page whose URL an answer gave
    counts as following it, also for documentation pages. A page of the exact asset is reported by
    `exact_asset_used` alone.
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
    """Return one finding for help pages that the user opened after the session.

    Tier B, negative (`references/sources/rules.md#tiers`). The hosts come from the profile. A page
    whose URL an answer gave does not count.
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

    Tier B, positive (`references/sources/rules.md#tiers`). Whether a page is related to the topic
    is for a reader to decide.
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
    more = f" and {len(pages) - _LISTED} more" if len(pages) > _LISTED else ""
    return [
        signal(
            "rum-topic-adjacent",
            views,
            f"the user went to {', '.join(pages[:_LISTED])}{more}, which shares "
            f"{', '.join(shared[:_LISTED])} with the request",
            tier=Tier.B,
            direction=Direction.POSITIVE,
            turn=answered(behaviour.session, views[0].at),
            needs_reading=True,
        )
    ]


def _afterwards(behaviour: Behaviour) -> list[TimelineEvent]:
    return [view for view in behaviour.timeline.views if view.phase in _AFTERWARDS]


def _is_help(behaviour: Behaviour, view: TimelineEvent) -> bool:
    """Return whether a page's host matches a help host or pattern of the profile."""
    at = host(view.event.url)
    return bool(at) and any(fits(at, known) for known in behaviour.profile.help)


def _given(behaviour: Behaviour) -> dict[Page, datetime]:
    """Return the pages whose URLs answers gave, with the end of the first such answer."""
    found: dict[Page, datetime] = {}
    for turn in behaviour.session.turns:
        for url in urls_named(turn.final_text or ""):
            found.setdefault(page(url), turn.end)
    return found


def _is_given(given: dict[Page, datetime], view: TimelineEvent) -> bool:
    """Return whether an answer that ended before the view gave this page's URL."""
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
