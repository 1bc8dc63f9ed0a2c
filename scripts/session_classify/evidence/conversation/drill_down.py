"""Drill-down: the calls of a session that a summary would hide.

Source: `references/sources/rules.md#outcomes`.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from session_classify.evidence.conversation.ledger import Write, ledger
from session_classify.evidence.conversation.records import FieldChange
from session_classify.evidence.conversation.tool_results import ToolResult, read_results
from session_classify.evidence.results.text import judge_text
from session_classify.model import Iteration, Session, Turn
from session_classify.vocabulary import (
    BAD_OUTCOMES,
    FAILED_OUTCOMES,
    Direction,
    Outcome,
    Tier,
    ToolKind,
)

_QUOTE = 300
_MANY = 5
"""Calls of one query tool above which it matters whether they found anything."""


class DrillDownItem(msgspec.Struct, frozen=True):
    """One observation about a call or an iteration."""

    rule: str
    turn: int
    iteration: int
    tool: str
    kind: ToolKind
    outcome: Outcome
    quote: str
    """The deciding part of the result, at most 300 characters."""
    tier: Tier
    direction: Direction
    calls: tuple[str, ...] = ()
    differs: tuple[FieldChange, ...] = ()
    """Arguments that were returned with another value: requested, returned."""


def drill(session: Session) -> tuple[DrillDownItem, ...]:
    """Return the client-rendered tools, writes, empty queries and error iterations of a session."""
    readings = read_results(session)
    places = {
        call.id: (turn.number, iteration.number)
        for turn in session.turns
        for iteration in turn.iterations
        for call in iteration.tool_calls
    }
    outcomes = {reading.call.id: reading.outcome for reading in readings}
    found = [
        *_writes(ledger(readings), session, places),
        *_empty(readings, places),
        *_failed_calls(readings, places),
        *(item for turn in session.turns for item in _error_iterations(turn, outcomes)),
    ]
    return tuple(sorted(found, key=lambda item: (item.turn, item.iteration, item.calls)))


def _writes(
    writes: tuple[Write, ...], session: Session, places: dict[str, tuple[int, int]]
) -> Iterator[DrillDownItem]:
    for write in writes:
        turn, iteration = places[write.call.id]
        outcome, rule, quote = write.outcome, f"write-{write.outcome}", write.why
        if write.call.kind is ToolKind.CLIENT:
            outcome, rule, quote = _rendered(write, session)
        bad = outcome in FAILED_OUTCOMES or rule == "rendering-unconfirmed"
        yield DrillDownItem(
            rule=rule.replace(" ", "-"),
            turn=turn,
            iteration=iteration,
            tool=write.call.name,
            kind=write.call.kind,
            outcome=outcome,
            quote=_quote(write.call.result or write.call.error or quote),
            tier=Tier.FACT,
            direction=Direction.NEGATIVE if bad else Direction.NEUTRAL,
            calls=(write.call.id,),
            differs=write.differs,
        )


def _rendered(write: Write, session: Session) -> tuple[Outcome, str, str]:
    """Return whether a client confirmed what it was asked to render.

    The confirmation is a `client_tool_response` in the input of the next turn; without one it is
    not known whether the user saw anything.
    """
    if write.outcome is not Outcome.DELEGATED:
        return write.outcome, f"client-tool-{write.outcome}", write.why
    later = [turn for turn in session.turns if turn.number == write.turn + 1]
    for turn in later:
        for text in (turn.user_text or "", *(block.text for block in turn.context)):
            place = text.find("client_tool_response")
            if place >= 0:
                response = text[place : place + _QUOTE]
                failed = "error" in response.lower() or judge_text(response)[0] in FAILED_OUTCOMES
                outcome = Outcome.FAILED if failed else Outcome.CONFIRMED
                return outcome, f"rendering-{outcome}", response
    return Outcome.DELEGATED, "rendering-unconfirmed", write.why


def _empty(
    readings: tuple[ToolResult, ...], places: dict[str, tuple[int, int]]
) -> Iterator[DrillDownItem]:
    """Yield query tools that were called often and mostly found nothing.

    An answer after that may be invented; only a reader can decide.
    """
    by_tool: dict[str, list[ToolResult]] = defaultdict(list)
    for reading in readings:
        if reading.call.kind is ToolKind.READ:
            by_tool[reading.call.name].append(reading)
    for name, calls in by_tool.items():
        empty = [reading for reading in calls if reading.outcome is Outcome.EMPTY]
        if len(calls) > _MANY and 2 * len(empty) > len(calls):
            turn, iteration = places[empty[-1].call.id]
            yield DrillDownItem(
                rule="mostly-empty-data",
                turn=turn,
                iteration=iteration,
                tool=name,
                kind=ToolKind.READ,
                outcome=Outcome.EMPTY,
                quote=f"{len(empty)} of {len(calls)} calls found nothing",
                tier=Tier.FACT,
                direction=Direction.NEGATIVE,
                calls=tuple(reading.call.id for reading in empty),
            )


def _failed_calls(
    readings: tuple[ToolResult, ...], places: dict[str, tuple[int, int]]
) -> Iterator[DrillDownItem]:
    """Yield reads and calls of unknown kind that failed; the ledger has the writes."""
    well = (Outcome.CONFIRMED, Outcome.EMPTY)
    last_well = {r.call.name: place for place, r in enumerate(readings) if r.outcome in well}
    for place, reading in enumerate(readings):
        kind = reading.call.kind
        if reading.outcome not in BAD_OUTCOMES or kind not in (ToolKind.READ, ToolKind.UNKNOWN):
            continue
        turn, iteration = places[reading.call.id]
        mended = last_well.get(reading.call.name, -1) > place
        yield DrillDownItem(
            rule="call-failed-then-worked" if mended else "call-failed",
            turn=turn,
            iteration=iteration,
            tool=reading.call.name,
            kind=kind,
            outcome=reading.outcome,
            quote=_quote(reading.call.result or reading.why),
            tier=Tier.FACT,
            direction=Direction.NEUTRAL if mended else Direction.NEGATIVE,
            calls=(reading.call.id,),
        )


def _error_iterations(turn: Turn, outcomes: dict[str, Outcome]) -> Iterator[DrillDownItem]:
    """Yield transient errors (a similar call succeeded later) and permanent or repeated ones."""
    failed = [item for item in turn.iterations if item.error]
    errors = [item.error for item in failed]
    for item in failed:
        tools = [call.name for call in item.tool_calls]
        later = [other for other in turn.iterations if other.number > item.number]
        if errors.count(item.error) > 1:
            rule, direction = "error-repeated", Direction.NEGATIVE
        elif any(_worked(other, tools, outcomes) for other in later):
            rule, direction = "error-transient", Direction.NEUTRAL
        else:
            rule, direction = "error-permanent", Direction.NEGATIVE
        yield DrillDownItem(
            rule=rule,
            turn=turn.number,
            iteration=item.number,
            tool=", ".join(tools),
            kind=ToolKind.UNKNOWN,
            outcome=Outcome.FAILED,
            quote=_quote(item.error or ""),
            tier=Tier.FACT,
            direction=direction,
            calls=tuple(call.id for call in item.tool_calls),
        )


def _worked(item: Iteration, tools: list[str], outcomes: dict[str, Outcome]) -> bool:
    """Return whether an iteration did what a failed one attempted; without tools, if it ended."""
    if item.error:
        return False
    same = [call for call in item.tool_calls if call.name in tools]
    return not tools or any(outcomes[call.id] not in BAD_OUTCOMES for call in same)


def _quote(text: str) -> str:
    return text if len(text) <= _QUOTE else text[: _QUOTE - 1] + "…"
