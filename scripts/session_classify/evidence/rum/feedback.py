"""Explicit feedback: thumbs, reasons, details and submit, merged to one entry per turn."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec
from msgspec.structs import replace

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import FEEDBACK, TimelineEvent, answered, running
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, JsonValue, Turn, kind_of
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier

REASON_CODES = {
    "incorrect result": "wrong_answer",
    "correct but incomplete": "incomplete_answer",
}
"""Failure codes of the reasons in feedback forms (`references/sources/rules.md#feedback`)."""
_PARTS = FEEDBACK | {ActionCategory.FEEDBACK_DETAILS, ActionCategory.FEEDBACK_SUBMIT}
TEXT_KEYS = ("feedback", "details", "comment", "text", "message")
_TYPED = 1_000
"""Characters of the typed details that a finding shows."""
_FORM_OPEN = timedelta(minutes=5)
"""How long after a thumb or a reason a submit still belongs to the feedback: every form has one."""
_CLICK = lazy_pattern(r"^click on ", re.IGNORECASE)
_SIDES = {
    ActionCategory.FEEDBACK_POSITIVE: Direction.POSITIVE,
    ActionCategory.FEEDBACK_NEGATIVE: Direction.NEGATIVE,
}


class Feedback(msgspec.Struct, frozen=True):
    """The feedback of a user on one turn, whatever the actions are called."""

    turn: Turn
    events: tuple[TimelineEvent, ...]

    @property
    def direction(self) -> Direction:
        """The direction of the last thumb, as users correct themselves; else of the reason."""
        thumbs = [_SIDES[event.category] for event in self.events if event.category in _SIDES]
        reasons = [event.direction for event in self.events if event.category in FEEDBACK]
        return (thumbs or reasons)[-1]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The chosen reasons in words, each once."""
        chosen = (e for e in self.events if e.category is ActionCategory.FEEDBACK_REASON)
        return tuple(dict.fromkeys(_CLICK.sub("", named_by(event)) for event in chosen))

    @property
    def details(self) -> str:
        """What the user typed, where it was recorded."""
        texts = (_typed(event.event.context) for event in self.events)
        return next((text for text in texts if text), "")


def feedback_given(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each turn that the user gave feedback on.

    An action belongs to the turn whose ids its context names, else to the last turn that was
    answered before it. Two names of one click, and a reason after a thumb, are one feedback.
    Feedback before the session is ignored. Feedback after a message that began another session may
    be about that session, so it needs reading. Source: `references/sources/rules.md#feedback`.
    """
    return [_finding(behaviour, one) for one in _by_turn(behaviour)]


def joined_feedback(known: Sequence[Finding], more: Sequence[Finding]) -> list[Finding]:
    """Return all feedback with new numbers: first that of the spans, then that of the browser.

    Feedback on one turn in one direction is merged, whatever recorded it; both texts are kept.
    """
    found = list(known)
    for finding in more:
        same = [
            place
            for place, known in enumerate(found)
            if (known.turn, known.direction) == (finding.turn, finding.direction)
        ]
        if same:
            found[same[0]] = _merged(found[same[0]], finding)
        else:
            found.append(finding)
    return [replace(f, id=f"feedback{number}") for number, f in enumerate(found, start=1)]


def is_feedback(finding: Finding) -> bool:
    """Return whether a finding is explicit feedback."""
    return kind_of(finding.id) == "feedback"


def _merged(known: Finding, seen: Finding) -> Finding:
    quotes = dict.fromkeys(quote for quote in (seen.quote, known.quote) if quote)
    return replace(
        known,
        summary=f"{known.summary}; also in the browser: {seen.summary}",
        quote="; ".join(quotes),
        needs_reading=known.needs_reading and seen.needs_reading,
    )


def _by_turn(behaviour: Behaviour) -> Iterator[Feedback]:
    parts: dict[int, list[TimelineEvent]] = {}
    turns = {turn.number: turn for turn in behaviour.session.turns}
    for event in behaviour.timeline.of(*_PARTS):
        turn = None if event.phase is Phase.PRE else _meant(behaviour, event)
        if turn is not None:
            parts.setdefault(turn.number, []).append(event)
    for number, events in parts.items():
        instants = [event.at for event in events if event.category in FEEDBACK]
        if instants:
            near = (e for e in events if e.at >= instants[0] and e.at - instants[-1] <= _FORM_OPEN)
            yield Feedback(turns[number], tuple(near))


def _meant(behaviour: Behaviour, event: TimelineEvent) -> Turn | None:
    """Return the turn that an action is about: by the ids in its context, else by time."""
    named = set(_strings(event.event.context))
    for turn in behaviour.session.turns:
        ids = {turn.trace_id, turn.root.id, *_message_ids(turn)} - {""}
        if ids & named:
            return turn
    at = event.at - timedelta(seconds=behaviour.skew)
    return (
        answered(behaviour.session, at)
        or running(behaviour.session, at)
        or answered(behaviour.session, event.at)
    )


def _message_ids(turn: Turn) -> list[str]:
    return [tag.partition(":")[2] for tag in turn.tags if tag.startswith("message_id:")]


def _finding(behaviour: Behaviour, feedback: Feedback) -> Finding:
    turn, direction = feedback.turn, feedback.direction
    first = next(event for event in feedback.events if event.category in FEEDBACK)
    elsewhere = _after_another_message(behaviour, first)
    parts = [f"{direction} feedback in the browser ({named_by(first)}), {_delay(turn, first)}"]
    for reason in feedback.reasons:
        code = REASON_CODES.get(_plain(reason))
        parts.append(f"reason {reason}" + (f" ({code})" if code else ""))
    if any(e.category is ActionCategory.FEEDBACK_DETAILS for e in feedback.events):
        parts.append("details were typed")
    if any(e.category is ActionCategory.FEEDBACK_SUBMIT for e in feedback.events):
        parts.append("submitted")
    if elsewhere:
        parts.append("another message was sent before it, so it may be about that")
    found = signal(
        f"feedback-{direction}",
        [first],
        "; ".join(parts),
        tier=Tier.EXPLICIT,
        direction=direction,
        turn=turn,
        quote=_quote(feedback),
        needs_reading=elsewhere,
    )
    return replace(found, id="feedback0")


def _quote(feedback: Feedback) -> str:
    """Return the reasons and the typed text, without typed words that match another reason.

    The reconciliation searches this quote for reasons, and a chosen reason counts more than a typed
    one.
    """
    typed = feedback.details[:_TYPED]
    others = [reason for reason in REASON_CODES if reason in _plain(typed)]
    if feedback.reasons and others:
        typed = ""
    return "; ".join(part for part in (*feedback.reasons, typed) if part)


def _delay(turn: Turn, event: TimelineEvent) -> str:
    seconds = (event.at - turn.end).total_seconds()
    return f"{seconds:.0f} s after the answer" if seconds >= 0 else "while it was being answered"


def _after_another_message(behaviour: Behaviour, event: TimelineEvent) -> bool:
    end = behaviour.timeline.times.end
    return any(end < sent.at < event.at for sent in behaviour.timeline.of(ActionCategory.SEND))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[_\W]+", " ", text).split()).casefold()


def _typed(context: JsonValue) -> str:
    """Return the form text in an action's context; empty where there is none."""
    if not isinstance(context, dict):
        return ""
    own = next((context[key] for key in TEXT_KEYS if isinstance(context.get(key), str)), "")
    return own or next((text for value in context.values() if (text := _typed(value))), "")


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value
