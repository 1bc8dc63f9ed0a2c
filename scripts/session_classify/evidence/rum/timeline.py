"""The timeline: the user's events by time, with phase and profile rule."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

import msgspec

from session_classify.events import RumEvent, Times
from session_classify.model import Session, Turn
from session_classify.profiles.patterns import fits
from session_classify.profiles.profile import ActionRule, Profile
from session_classify.vocabulary import ActionCategory, ActionCondition, Direction, Phase, Tier

_SENT_WITHIN, _SKEWED, _LOOKED_AT = 120.0, 5.0, 20
"""Seconds that a message may be away from its turn; seconds that are too far; turns examined."""
_WITH_FEEDBACK = timedelta(seconds=2)
_FORM = (ActionCategory.FEEDBACK_DETAILS, ActionCategory.FEEDBACK_SUBMIT)
_AGREE = timedelta(seconds=2)
"""Share of the turns' messages that must agree on a skew."""

FEEDBACK = frozenset(
    {
        ActionCategory.FEEDBACK_POSITIVE,
        ActionCategory.FEEDBACK_NEGATIVE,
        ActionCategory.FEEDBACK_REASON,
    }
)
"""Categories that are feedback on their own; a submit or a text field may belong to any form."""


class TimelineEvent(msgspec.Struct, frozen=True):
    """One event with its phase and the profile's rule for it, None where there is no rule."""

    event: RumEvent
    phase: Phase
    rule: ActionRule | None = None

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.event.at

    @property
    def category(self) -> ActionCategory:
        """The kind of action; `other` for views and for actions without a rule."""
        return self.rule.category if self.rule else ActionCategory.OTHER

    @property
    def tier(self) -> Tier | None:
        """The tier of the action; ambiguous without a rule. Views have no tier."""
        if self.event.type == "view":
            return None
        return self.rule.tier if self.rule else Tier.AMBIGUOUS

    @property
    def direction(self) -> Direction:
        """The direction of the action, if it counts."""
        return self.rule.direction if self.rule else Direction.NEUTRAL


class Timeline(msgspec.Struct, frozen=True):
    """The events of a session's user by time, and counts of what was left out."""

    times: Times
    events: tuple[TimelineEvent, ...] = ()
    noise: tuple[tuple[str, int], ...] = ()
    """Actions that a framework sends by itself, counted by name."""
    other_types: tuple[tuple[str, int], ...] = ()
    """Resources, errors and the like, counted by type."""
    errors: tuple[TimelineEvent, ...] = ()
    """Errors of the browser, in order; they are no acts of the user."""

    def of(self, *categories: ActionCategory) -> tuple[TimelineEvent, ...]:
        """Return the actions of these categories, in order."""
        return tuple(e for e in self.events if e.rule and e.rule.category in categories)

    @property
    def views(self) -> tuple[TimelineEvent, ...]:
        """The page views, in order."""
        return tuple(e for e in self.events if e.event.type == "view")


def timeline(events: Iterable[RumEvent], times: Times, profile: Profile) -> Timeline:
    """Return the timeline of a session with these times.

    Without a given time of feedback, the first feedback after the session's end is used.
    """
    known: list[tuple[RumEvent, ActionRule | None]] = []
    noise: Counter[str] = Counter()
    types: Counter[str] = Counter()
    errors: list[RumEvent] = []
    seen: dict[str, tuple[bool, tuple[ActionRule, ...]]] = {}
    for event in sorted(events, key=attrgetter("at")):
        if event.type == "view":
            known.append((event, None))
            continue
        if event.type != "action":
            types[event.type or "unknown"] += 1
            errors += [event] if event.type == "error" else []
            continue
        if event.name not in seen:
            is_noise = any(fits(event.name, pattern) for pattern in profile.noise)
            seen[event.name] = is_noise, action_rules(event.name, profile)
        is_noise, rules = seen[event.name]
        rule = _fitting(rules, event)
        if rule is not None and rule.when is ActionCondition.NO_FEEDBACK_BEFORE:
            rule = _of_feedback(known, event) or rule
        if is_noise:
            noise[event.name] += 1
        else:
            known.append((event, rule))
    if times.feedback is None:
        after = (e.at for e, r in known if r and r.category in FEEDBACK and e.at >= times.end)
        times = Times(times.start, times.end, next(after, None))
    placed = tuple(TimelineEvent(e, times.phase(e.at), rule) for e, rule in known)
    shown = tuple(TimelineEvent(e, times.phase(e.at)) for e in errors)
    return Timeline(times, placed, _counted(noise), _counted(types), shown)


def session_times(session: Session, feedback: datetime | None = None) -> Times:
    """Return when a session began and ended, by its turns."""
    start = min(turn.start for turn in session.turns)
    return Times(start, max(turn.end for turn in session.turns), feedback)


def action_rules(name: str, profile: Profile) -> tuple[ActionRule, ...]:
    """Return the rules of a profile whose pattern matches an action's name, ignoring case."""
    return tuple(rule for rule in profile.actions if fits(name, rule.name))


def _fitting(rules: Sequence[ActionRule], event: RumEvent) -> ActionRule | None:
    """Return the first rule whose conditions on the payload hold."""
    return next((rule for rule in rules if _holds(rule, event)), None)


def _holds(rule: ActionRule, event: RumEvent) -> bool:
    return all(
        str(event.context.get(field, "")).casefold() in {value.casefold() for value in values}
        for field, values in rule.where.items()
    )


def _of_feedback(
    known: Sequence[tuple[RumEvent, ActionRule | None]], event: RumEvent
) -> ActionRule | None:
    """Return the rule of the feedback that a message is sent with, for a message right after it.

    Some apps send the same action for a message and for the submission of feedback. Source:
    `references/sources/rum.md#assistant-actions`.
    """
    before, rule = known[-1] if known else (event, None)
    is_form = rule is not None and rule.category in (*FEEDBACK, *_FORM)
    return rule if is_form and event.at - before.at <= _WITH_FEEDBACK else None


def running(session: Session, at: datetime) -> Turn | None:
    """Return the turn that had begun and had not ended at an instant."""
    return next((turn for turn in session.turns if turn.start <= at < turn.end), None)


def answered(session: Session, at: datetime) -> Turn | None:
    """Return the last turn that had ended at an instant."""
    ended = [turn for turn in session.turns if turn.end <= at]
    return max(ended, key=lambda turn: turn.end, default=None)


def any_within(times: Sequence[datetime], since: datetime, stay: timedelta) -> bool:
    """Return whether one of the sorted times lies between `since` and `since + stay`."""
    place = bisect_left(times, since)
    return place < len(times) and times[place] <= since + stay


def is_last(session: Session, turn: Turn) -> bool:
    """Return whether no turn began after this one."""
    return not any(other.start > turn.start for other in session.turns)


def clock_skew(seen: Timeline, session: Session) -> float:
    """Return by how many seconds the browser's clock is ahead of the spans'; 0 where unknown.

    A message is sent just before its turn begins. If the messages of several turns are all away
    from their turns by the same time, the clocks differ. A single message may belong to something
    else.
    """
    sent = [event.at for event in seen.of(ActionCategory.SEND)]
    starts = [turn.start for turn in session.turns[:_LOOKED_AT]]
    best, most = 0.0, 1
    for at in sent[:_LOOKED_AT]:
        for start in starts:
            gap = at - start
            if abs(gap.total_seconds()) > _SENT_WITHIN:
                continue
            agreed = sum(any_within(sent, other + gap - _AGREE, 2 * _AGREE) for other in starts)
            closer = agreed == most > 1 and abs(gap.total_seconds()) < abs(best)
            if agreed > most or closer:
                best, most = gap.total_seconds(), agreed
    return best if abs(best) > _SKEWED and 2 * most > len(starts) else 0.0


def _counted(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(counts.most_common())
