"""What the user did with the assets that the assistant named or made."""

from session_classify.evidence.asset_paths import asset_of, ids_named, segments, urls_named
from session_classify.evidence.rum.signals import (
    Behaviour,
    address,
    ids_of_page,
    named_by,
    place,
    signal,
    unsure,
)
from session_classify.evidence.rum.timeline import TimelineEvent, answered
from session_classify.model import Finding, Turn
from session_classify.vocabulary import ActionCategory, ActionCondition, Direction, Phase, Tier

SOON = 60.0
"""Seconds around a session's end within which an action is about its result."""


def exact_asset_used(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each asset that an answer named and the user then opened.

    Tier A, positive (`references/sources/rules.md#tiers`). The id must be a whole segment of the
    page's path. A user who was on that page before the answer may only have returned to it; such a
    finding needs reading.
    """
    found: dict[str, tuple[Turn, list[TimelineEvent]]] = {}
    named = [(turn, _ids_given(behaviour, turn)) for turn in behaviour.session.turns]
    events = (*behaviour.timeline.views, *behaviour.timeline.of(ActionCategory.LINK))
    for view in sorted(events, key=lambda event: event.at):
        parts = frozenset(segments(_target(view)))
        for turn, ids in reversed(named):
            if turn.end <= view.at and parts & ids:
                found.setdefault(min(parts & ids), (turn, []))[1].append(view)
                break
    findings = []
    for asset, (turn, views) in found.items():
        doubt = unsure(behaviour, turn)
        if _was_on(behaviour, asset, turn):
            doubt += "; the user had been on this page before the answer"
        findings.append(
            signal(
                "rum-exact-asset-used",
                views,
                f"the user went to {place(_target(views[0]))}, which the answer of turn "
                f"{turn.number} had named{doubt}",
                tier=Tier.A,
                direction=Direction.POSITIVE,
                turn=turn,
                quote=address(_target(views[0])),
                needs_reading=bool(doubt),
            )
        )
    return findings


def _target(event: TimelineEvent) -> str:
    """Return the page of a view, or where a followed link leads by its payload."""
    if event.event.type == "view":
        return event.event.url
    path, at = (event.event.context.get(name) for name in ("path", "host"))
    if not isinstance(path, str):
        return ""
    is_here = not isinstance(at, str) or at == "relative"
    return path if is_here else f"https://{at}/{path.lstrip('/')}"


def artifact_action(behaviour: Behaviour) -> list[Finding]:
    """Return one finding for what the user did with the agent's output around the end.

    Tier A, positive (`references/sources/rules.md#tiers`): export, save, modify or share within 60
    s of the end. The action is on the output when its page or context has an id that an answer
    named or a confirmed write returned. An action without any id needs reading; one with other ids
    is about something else and is skipped.
    """
    on_output, unknown = [], []
    for event in behaviour.timeline.of(ActionCategory.ARTIFACT):
        gap = abs((event.at - behaviour.timeline.times.end).total_seconds())
        soon = gap <= SOON and answered(behaviour.session, event.at) is not None
        if not soon or event.rule is None or event.rule.when is not ActionCondition.SOON_ON_OUTPUT:
            continue
        ids = ids_of_page(event)
        if ids & behaviour.output:
            on_output.append(event)
        elif not ids:
            unknown.append(event)
    events = on_output or unknown
    if not events or events[0].rule is None:
        return []
    turn = answered(behaviour.session, events[0].at)
    doubt = unsure(behaviour, turn)
    if not on_output:
        doubt += "; what it was done to is not recorded"
    seconds = (events[0].at - behaviour.timeline.times.end).total_seconds()
    return [
        signal(
            "rum-artifact-action",
            events,
            f"{named_by(events[0])} on the agent's output, {seconds:+.0f} s from the end{doubt}",
            tier=events[0].rule.tier,
            direction=events[0].direction,
            turn=turn,
            needs_reading=bool(doubt),
        )
    ]


def _ids_given(behaviour: Behaviour, turn: Turn) -> frozenset[str]:
    """Return the ids that an answer named: by their look, or as what a write returned, in a URL."""
    text = turn.final_text or ""
    in_urls = {part for url in urls_named(text) for part in segments(url)}
    return ids_named(text) | (in_urls & behaviour.output)


def _was_on(behaviour: Behaviour, asset: str, turn: Turn) -> bool:
    return any(
        asset_of(view.event.url, (asset,))
        for view in behaviour.timeline.views
        if view.at < turn.end and view.phase in (Phase.PRE, Phase.DURING)
    )
