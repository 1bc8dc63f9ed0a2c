"""The output of `rum-signals`: timeline, signals, and what was left out."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.evidence.rum.frustration import frustration_words
from session_classify.evidence.rum.signals import Behaviour, address, place
from session_classify.evidence.rum.timeline import Timeline, TimelineEvent
from session_classify.instants import stamp
from session_classify.model import Finding
from session_classify.printing.fitting import fitted
from session_classify.printing.render import render
from session_classify.printing.text import clip, one_line
from session_classify.vocabulary import DIGEST_LIMIT, ActionCondition, Phase, Tier

_WHAT, _WHERE = 52, 44
"""Characters of a name and of an address on a line of the timeline."""
_ALWAYS = ActionCondition.ALWAYS
_NAMES = 12
"""Names of noise that are listed one by one."""


class RumOrigin(msgspec.Struct, frozen=True):
    """The behaviour with its origin: what was read, and how it was found."""

    behaviour: Behaviour
    findings: tuple[Finding, ...]
    coverage: str
    by: str = ""
    """How the events were matched to the user."""
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    others: int = 0
    """Events of other users or at other times."""
    repeated: int = 0
    counts: tuple[tuple[str, int], ...] = ()


class Row(msgspec.Struct, frozen=True):
    """One line of the timeline: an event, or several similar consecutive ones."""

    event: TimelineEvent
    count: int = 1

    @property
    def day(self) -> str:
        """The UTC date, printed where it changes."""
        return stamp(self.event.at)[:10]

    @property
    def text(self) -> str:
        """Time, phase, action, page, tier and direction, in columns."""
        event = self.event
        what = event.event.name or "view"
        if event.rule:
            what = f"{what} ({event.category})"
        if event.event.dwell is not None:
            what = f"{what}, {event.event.dwell:.1f} s"
        if event.event.frustrations:
            what = f"{what}, {frustration_words(event.event.frustrations)}"
        if self.count > 1:
            what = f"{what} ×{self.count}"
        where = address(event.event.url) if event.event.url else "-"
        cells = (
            stamp(event.at)[11:23],
            f"{event.phase:<21}",
            f"{clip(one_line(what), _WHAT):<{_WHAT}}",
            f"{clip(one_line(where), _WHERE):<{_WHERE}}",
            f"{event.tier or '-':<9}",
            _points(event),
        )
        return "  ".join(cells).rstrip()

    @property
    def rank(self) -> int:
        """Priority when space is short: signals first, then views."""
        if self.event.tier in (Tier.A, Tier.EXPLICIT, Tier.B):
            return 0
        return 1 if self.event.event.type == "view" else 2 if self.event.rule else 3


def behaviour_text(seen: RumOrigin, limit: int = DIGEST_LIMIT) -> str:
    """Return timeline, signals and what was left out in at most `limit` characters.

    Of a long timeline the most relevant lines are kept and the others counted, and so are signals.
    """
    rows = list(timeline_rows(seen.behaviour.timeline.events))
    order = sorted(range(len(rows)), key=lambda place: rows[place].rank)

    def printed(lines: int, signals: int) -> str:
        kept = [rows[place] for place in sorted(order[:lines])]
        return render(
            "rum.txt.j2",
            seen=seen,
            times=seen.behaviour.timeline.times,
            days=list(_by_day(kept)),
            findings=seen.findings[:signals],
            left_rows=sum(row.count for row in rows) - sum(row.count for row in kept),
            left_signals=len(seen.findings) - signals,
            noise=_counts_text(seen.behaviour.timeline.noise),
            types=_counts_text(seen.behaviour.timeline.other_types),
            counts=_counts_text(seen.counts),
            flags=feature_flags(seen.behaviour.timeline),
        )

    return fitted(printed, (len(rows), len(seen.findings)), limit, (_NAMES, 0))[:limit]


def behaviour_data(seen: RumOrigin) -> dict[str, Any]:
    """Return everything as plain data, with every event."""
    timeline = seen.behaviour.timeline
    return {
        "session": timeline.times,
        "coverage": seen.coverage,
        "found_by": seen.by,
        "events": [_data(event) for event in timeline.events],
        "findings": seen.findings,
        "dropped": {
            "noise": dict(timeline.noise),
            "other_types": dict(timeline.other_types),
            "others": seen.others,
            "repeated": seen.repeated,
        },
        "counts": dict(seen.counts),
        "feature_flags": feature_flags(timeline),
        "clock_skew_seconds": seen.behaviour.skew,
        "notes": seen.notes,
        "unreadable": seen.unreadable,
    }


def _data(event: TimelineEvent) -> dict[str, Any]:
    return {
        "phase": event.phase,
        "category": event.category,
        "tier": event.tier,
        "direction": event.direction,
        "event": event.event,
    }


def timeline_rows(events: Sequence[TimelineEvent]) -> Iterator[Row]:
    """Yield the lines of a timeline; repeated equal actions are one line."""
    last: Row | None = None
    for event in events:
        if last is not None and _alike(last.event, event):
            last = replace(last, count=last.count + 1)
            continue
        if last is not None:
            yield last
        last = Row(event)
    if last is not None:
        yield last


def _alike(one: TimelineEvent, other: TimelineEvent) -> bool:
    return (
        one.event.type == other.event.type == "action"
        and one.event.name == other.event.name
        and place(one.event.url) == place(other.event.url)
        and one.event.frustrations == other.event.frustrations
        and one.phase is other.phase
        and stamp(one.at)[:10] == stamp(other.at)[:10]
    )


def _by_day(rows: Sequence[Row]) -> Iterator[tuple[str, list[str]]]:
    day = ""
    lines: list[str] = []
    for row in rows:
        if row.day != day:
            if lines:
                yield day, lines
            day, lines = row.day, []
        lines.append(row.text)
    if lines:
        yield day, lines


def _points(event: TimelineEvent) -> str:
    """Return the direction and its condition; the signals show whether the condition was met."""
    if event.tier is None:
        return "-"
    if event.rule and event.tier in (Tier.A, Tier.B) and event.rule.when is not _ALWAYS:
        return f"{event.direction}, if {event.rule.when}"
    return str(event.direction)


def feature_flags(timeline: Timeline) -> dict[str, Any]:
    """Return the feature flags of the pages that were open during the session.

    They can explain a wrong answer: the assistant may not know which features the user had.
    """
    found: dict[str, Any] = {}
    for event in timeline.events:
        until = event.at + timedelta(seconds=event.event.dwell or 0.0)
        if event.phase is Phase.DURING or event.at < timeline.times.start <= until:
            found.update(event.event.feature_flags)
    return found


def _counts_text(counts: Sequence[tuple[str, int]]) -> str:
    """Return counted names on one line, the most frequent first."""
    shown = [f"{clip(one_line(name), 60)} ×{count:,}" for name, count in counts[:_NAMES]]
    rest = counts[_NAMES:]
    if rest:
        shown.append(f"{len(rest):,} more names ×{sum(count for _, count in rest):,}")
    return ", ".join(shown)
