"""The timeline: what the user did, when seen from the session, and what a profile says of it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from statistics import median

from session_classify.events import RumEvent, Times
from session_classify.model import Session, Turn
from session_classify.profiles.profile import ActionRule, Profile
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier

_SENT_WITHIN, _AGREE, _SKEWED = 120.0, 2.0, 5.0
"""Seconds: how far a message may lie from its turn, how well all agree, what is too far."""

FEEDBACK = frozenset(
    {
        ActionCategory.FEEDBACK_POSITIVE,
        ActionCategory.FEEDBACK_NEGATIVE,
        ActionCategory.FEEDBACK_REASON,
    }
)
"""Categories that are feedback by themselves; a submit or a text field may be of any form."""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event in its phase, with the profile's rule for it; None where the profile has none."""

    event: RumEvent
    phase: Phase
    rule: ActionRule | None = None

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.event.at

    @property
    def category(self) -> ActionCategory:
        """What kind of action it is; `other` for views and for what no profile knows."""
        return self.rule.category if self.rule else ActionCategory.OTHER

    @property
    def tier(self) -> Tier | None:
        """How much it may weigh; unknown actions are ambiguous, views have no tier of their own."""
        if self.event.type == "view":
            return None
        return self.rule.tier if self.rule else Tier.AMBIGUOUS

    @property
    def direction(self) -> Direction:
        """Which way it points, if it counts."""
        return self.rule.direction if self.rule else Direction.NEUTRAL


@dataclass(frozen=True, slots=True)
class Timeline:
    """The events of a session's user in the order of time, and what was left out of them."""

    times: Times
    events: tuple[TimelineEvent, ...] = ()
    noise: tuple[tuple[str, int], ...] = ()
    """Actions that a framework sends by itself, counted by name."""
    other_types: tuple[tuple[str, int], ...] = ()
    """Resources, errors and the like, counted by type."""

    def of(self, *categories: ActionCategory) -> tuple[TimelineEvent, ...]:
        """Return the actions of these categories, in order."""
        return tuple(e for e in self.events if e.rule and e.rule.category in categories)

    @property
    def views(self) -> tuple[TimelineEvent, ...]:
        """The page views, in order."""
        return tuple(e for e in self.events if e.event.type == "view")


def timeline(events: Iterable[RumEvent], times: Times, profile: Profile) -> Timeline:
    """Return the timeline of a session with these times.

    Where no time of feedback is given, the first feedback after the session's end is one.
    """
    known: list[tuple[RumEvent, ActionRule | None]] = []
    noise: Counter[str] = Counter()
    types: Counter[str] = Counter()
    told: dict[str, tuple[bool, ActionRule | None]] = {}
    for event in sorted(events, key=lambda event: event.at):
        if event.type == "view":
            known.append((event, None))
            continue
        if event.type != "action":
            types[event.type or "unknown"] += 1
            continue
        if event.name not in told:
            is_noise = any(_fits(event.name, pattern) for pattern in profile.noise)
            told[event.name] = is_noise, action_rule(event.name, profile)
        is_noise, rule = told[event.name]
        if is_noise:
            noise[event.name] += 1
        else:
            known.append((event, rule))
    if times.feedback is None:
        after = (e.at for e, r in known if r and r.category in FEEDBACK and e.at >= times.end)
        times = Times(times.start, times.end, next(after, None))
    placed = tuple(TimelineEvent(e, times.phase(e.at), rule) for e, rule in known)
    return Timeline(times, placed, _counted(noise), _counted(types))


def session_times(session: Session, feedback: datetime | None = None) -> Times:
    """Return when a session began and ended, by its turns."""
    start = min(turn.start for turn in session.turns)
    return Times(start, max(turn.end for turn in session.turns), feedback)


def action_rule(name: str, profile: Profile) -> ActionRule | None:
    """Return the first rule of a profile whose pattern fits an action's name, in any case."""
    return next((rule for rule in profile.actions if _fits(name, rule.name)), None)


def running(session: Session, at: datetime) -> Turn | None:
    """Return the turn that had begun and had not ended at an instant."""
    return next((turn for turn in session.turns if turn.start <= at < turn.end), None)


def answered(session: Session, at: datetime) -> Turn | None:
    """Return the last turn that had ended at an instant."""
    ended = [turn for turn in session.turns if turn.end <= at]
    return max(ended, key=lambda turn: turn.end, default=None)


def any_within(times: Sequence[datetime], since: datetime, seconds: float) -> bool:
    """Tell whether one of the times, in order, is within so many seconds from `since` on."""
    place = bisect_left(times, since)
    return place < len(times) and times[place] <= since + timedelta(seconds=seconds)


def is_last(session: Session, turn: Turn) -> bool:
    """Tell whether no turn began after this one."""
    return not any(other.start > turn.start for other in session.turns)


def clock_skew(told: Timeline, session: Session) -> float:
    """Return how many seconds the browser's clock is ahead of the spans'; 0 where it is not.

    A message is sent just before its turn begins. Where the nearest one lies much further away, and
    by the same time for every turn, the two clocks differ.
    """
    sent = [event.at for event in told.of(ActionCategory.SEND)]
    gaps = []
    for turn in session.turns:
        near = min(((at - turn.start).total_seconds() for at in sent), key=abs, default=None)
        if near is not None and abs(near) <= _SENT_WITHIN:
            gaps.append(near)
    if not gaps or max(gaps) - min(gaps) > 2 * _AGREE:
        return 0.0
    middle = median(gaps)
    return middle if abs(middle) > _SKEWED else 0.0


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())


def _counted(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(counts.most_common())
