"""The lanes of a session's chart: what happened when, each with a shape besides a colour."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from session_classify.events import AuditEvent
from session_classify.evidence.findings import Evidence
from session_classify.evidence.rum.timeline import Timeline
from session_classify.model import Turn
from session_classify.pages.axis import Axis, Tick, axis_of
from session_classify.printing.text import clip, one_line
from session_classify.vocabulary import FAILED_OUTCOMES, LEDGER_KINDS, Direction, Outcome

_TITLE = 160
_MANY = 400
"""Marks of one lane; more could not be told apart, and the tables have them all."""
_TALL, _TOP = 46, 30
"""Pixels of a lane, and above the first one."""

GOOD, BAD, DOUBT, PLAIN = "good", "bad", "doubt", "plain"


class Mark(msgspec.Struct, frozen=True):
    """One thing on a lane: a bar from `x` to `x + width`, or a shape where it took no time."""

    x: float
    title: str
    target: str
    """The id of the element that tells more."""
    look: str = PLAIN
    width: float = 0.0
    label: str = ""


class Lane(msgspec.Struct, frozen=True):
    """A row of the chart."""

    name: str
    y: int
    marks: tuple[Mark, ...]
    left_out: int = 0
    """Marks beyond the most that are drawn."""


class Chart(msgspec.Struct, frozen=True):
    """A chart; positions are percent of the width across, and pixels down."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    height: int
    start: datetime
    untimed: int
    """Calls without a time, which only the list has."""


class _Act(msgspec.Struct, frozen=True):
    at: datetime
    title: str
    target: str
    look: str = PLAIN
    end: datetime | None = None
    label: str = ""


def look_of(outcome: Outcome) -> str:
    """Return how an outcome looks: good, bad, in doubt or plain."""
    if outcome in FAILED_OUTCOMES:
        return BAD
    if outcome in (Outcome.CONFIRMED, Outcome.DELEGATED):
        return GOOD
    return PLAIN if outcome is Outcome.EMPTY else DOUBT


def chart(evidence: Evidence, seen: Timeline, audit: tuple[AuditEvent, ...]) -> Chart:
    """Return the chart of a session whose times are known."""
    turns = evidence.session.turns
    rows = [
        (name, acts)
        for name, acts in (
            ("Turns", [_turn(turn) for turn in turns]),
            ("LLM calls", list(_llm_calls(turns))),
            ("Tool calls", list(_tool_calls(evidence, writes=False))),
            ("Writes", list(_tool_calls(evidence, writes=True))),
            ("User activity (RUM)", list(_rum(seen))),
            ("Audit events", list(_audit(audit))),
            ("Other sessions", list(_neighbours(evidence))),
        )
        if acts
    ]
    axis = axis_of(_instants(rows), _longest_pause(turns))
    lanes = tuple(
        Lane(name, _TOP + n * _TALL, tuple(_mark(a, axis) for a in acts[:_MANY]), len(acts[_MANY:]))
        for n, (name, acts) in enumerate(rows)
    )
    untimed = sum(call.start is None for call in evidence.session.tool_calls)
    ticks = (*axis.ticks(turn.start for turn in turns), *axis.pauses)
    return Chart(lanes, ticks, _TOP + len(rows) * _TALL + 6, axis.instants[0], untimed)


def _longest_pause(turns: tuple[Turn, ...]) -> float:
    """Return the seconds that a pause may take, so that all of them take no more than the turns.

    There are as many as turns and one, before and after them included.
    """
    busy = sum((turn.end - turn.start for turn in turns), timedelta())
    return max(busy.total_seconds() / max(3, len(turns) + 1), 0.1)


def _instants(rows: list[tuple[str, list[_Act]]]) -> Iterator[datetime]:
    for _, acts in rows:
        for act in acts:
            yield act.at
            if act.end is not None:
                yield act.end


def _mark(act: _Act, axis: Axis) -> Mark:
    x = axis.x(act.at)
    width = round(axis.x(act.end) - x, 3) if act.end is not None else 0.0
    return Mark(x, clip(one_line(act.title), _TITLE), act.target, act.look, width, act.label)


def _turn(turn: Turn) -> _Act:
    said = turn.user_text or "no user text recorded"
    look = BAD if turn.status == "error" else PLAIN
    name = f"turn{turn.number}"
    return _Act(turn.start, f"{name}: {said}", name, look, turn.end, str(turn.number))


def _llm_calls(turns: tuple[Turn, ...]) -> Iterator[_Act]:
    for turn in turns:
        for step in turn.iterations:
            if step.span_id and step.start is not None:
                look = BAD if step.status == "error" else PLAIN
                title = f"LLM call {step.number} of turn {turn.number}: {step.model or 'no model'}"
                yield _Act(step.start, title, f"turn{turn.number}", look, step.end or step.start)


def _tool_calls(evidence: Evidence, *, writes: bool) -> Iterator[_Act]:
    for reading in evidence.readings:
        call = reading.call
        if call.start is not None and (call.kind in LEDGER_KINDS) is writes:
            title = f"{call.id}: {call.name}, {reading.outcome.value}"
            yield _Act(call.start, title, call.id, look_of(reading.outcome))


_LOOKS = {Direction.POSITIVE: GOOD, Direction.NEGATIVE: BAD, Direction.NEUTRAL: PLAIN}


def _rum(seen: Timeline) -> Iterator[_Act]:
    for number, event in enumerate(seen.events, 1):
        name = event.event.name or event.event.url.partition("?")[0]
        title = f"{event.phase.value}: {event.event.type} {name}"
        yield _Act(event.at, title, f"event{number}", _LOOKS[event.direction])


def _audit(events: Iterable[AuditEvent]) -> Iterator[_Act]:
    for number, event in enumerate(events, 1):
        title = f"{event.action or event.method} {event.asset_type} {event.asset_id}"
        yield _Act(event.at, title, f"change{number}")


def _neighbours(evidence: Evidence) -> Iterator[_Act]:
    for finding in evidence.findings:
        if finding.id.startswith("near") and finding.instant is not None:
            look = _LOOKS[finding.direction]
            yield _Act(finding.instant, f"{finding.id}: {finding.summary}", finding.id, look)
