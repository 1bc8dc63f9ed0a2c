"""What the user did around a session, as the tables of a report."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from session_classify.evidence.rum.signals import address
from session_classify.evidence.rum.timeline import Timeline, TimelineEvent
from session_classify.instants import stamp
from session_classify.model import Finding, kind_of
from session_classify.profiles.patterns import fits
from session_classify.profiles.profile import Profile
from session_classify.report.rum import Row, timeline_rows
from session_classify.verdicts import Verdict
from session_classify.vocabulary import RECONCILIATION_KINDS, Direction, Phase, Satisfaction, Tier

_STRONG = (Tier.A, Tier.EXPLICIT)
_AFTER = (Phase.TO_FEEDBACK, Phase.POST)


class PanelAction(msgspec.Struct, frozen=True):
    """One row of the panel actions: an action, or several similar consecutive ones."""

    time: str
    action: str
    page: str
    rank: int
    """Priority when space is short."""


class Visit(msgspec.Struct, frozen=True):
    """One row of the navigation after the session."""

    time: str
    url: str
    dwell: str


def panel_actions(seen: Timeline, profile: Profile) -> tuple[PanelAction, ...]:
    """Return what the user did in the assistant's panel before, during and after the session.

    These are the actions with a rule in the profile, or with a name pattern of the app's own.
    """
    known = tuple(event for event in _actions(seen) if _is_panels(event, profile))
    return tuple(_panel_action(row) for row in timeline_rows(known))


def other_actions(seen: Timeline, profile: Profile) -> tuple[str, ...]:
    """Return the names of the user's other actions with counts, the most frequent first."""
    names = Counter(e.event.name for e in _actions(seen) if not _is_panels(e, profile))
    return tuple(f"{name} ×{count}" for name, count in names.most_common())


def _actions(seen: Timeline) -> Iterator[TimelineEvent]:
    return (event for event in seen.events if event.event.type == "action")


def _is_panels(event: TimelineEvent, profile: Profile) -> bool:
    return bool(event.rule) or any(fits(event.event.name, name) for name in profile.assistant)


def _panel_action(row: Row) -> PanelAction:
    event = row.event
    means = f" ({event.category})" if event.rule else ""
    times = f" ×{row.count}" if row.count > 1 else ""
    action = f"{event.event.name}{means}{times}"
    return PanelAction(stamp(event.at), action, _page(event), row.rank)


def visits_after(seen: Timeline) -> tuple[Visit, ...]:
    """Return the pages that the user opened after the session, with their durations.

    Addresses are without queries, which may contain secrets.
    """
    return tuple(
        Visit(
            stamp(view.at),
            _page(view),
            "" if view.event.dwell is None else f"{view.event.dwell:.1f} s",
        )
        for view in seen.views
        if view.phase in _AFTER
    )


def _page(event: TimelineEvent) -> str:
    return address(event.event.url) if event.event.url else ""


def behaviour_says(verdict: Verdict, findings: tuple[Finding, ...], seen: Timeline) -> str:
    """Return in one sentence how behaviour affects the verdict, by the rules.

    Where nothing is known the sentence says only that: absence is never evidence.
    """
    own = [f for f in findings if _is_behaviour(f) and f.id not in verdict.dismissed]
    moved = [m for m in verdict.moves if any(f.id in m.findings for f in own)]
    if moved:
        named = "; ".join(f"{m.sentence} ({', '.join(m.findings)})" for m in moved)
        lifts = moved[0].after is Satisfaction.YES
        effect = "raises" if lifts else "contradicts"
        return f"It {effect} the verdict on the conversation: {named}."
    strong = [f for f in own if f.tier in _STRONG and not _is_open(f, verdict)]
    ids = {d: ", ".join(f.id for f in strong if f.direction is d) for d in Direction}
    good, bad = ids[Direction.POSITIVE], ids[Direction.NEGATIVE]
    if good and bad:
        return f"Its signals contradict each other and move nothing: {good} for, {bad} against."
    agreeing = {Satisfaction.YES: good, Satisfaction.NO: bad}.get(verdict.trace_verdict)
    if agreeing:
        return f"It supports the verdict on the conversation ({agreeing})."
    if good or bad:
        way = "better" if good else "worse"
        return f"It suggests a {way} verdict ({good or bad}), but no rule moves it."
    waiting = ", ".join(f.id for f in own if f.tier in _STRONG and _is_open(f, verdict))
    if waiting:
        return f"It is undecided: {waiting} must be read before it counts."
    if seen.events or own:
        return "It neither supports nor contradicts the verdict: no signal in it is strong enough."
    return "RUM has no events of the user, which is not evidence either way."


def signals(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings on the user's behaviour and feedback, in their order."""
    return tuple(filter(_is_behaviour, findings))


def _is_behaviour(finding: Finding) -> bool:
    return kind_of(finding.id) in {*RECONCILIATION_KINDS - {"audit"}, "feedback"}


def _is_open(finding: Finding, verdict: Verdict) -> bool:
    """Return whether a finding still has to be read: until then it does not count."""
    return finding.needs_reading and finding.id not in verdict.confirmed
