"""Join a call that waited for a person with what became of it.

In go the readings of a session's calls in order, out come the same with their approval: one effect
is one call, whichever of its two records has the result (references/sources/approvals.md#joins).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from session_classify.evidence.conversation.approvals import (
    Approval,
    Decision,
    asks,
    decisions_in,
    is_pause,
    refused,
)
from session_classify.evidence.conversation.records import record_id
from session_classify.evidence.results.text import short
from session_classify.model import JsonValue, Session, ToolCall
from session_classify.vocabulary import Outcome

if TYPE_CHECKING:
    from session_classify.evidence.conversation.tool_results import ToolResult


def without_pause(call: ToolCall) -> ToolCall:
    """Return a call without the error and the answer that only say that a person is asked."""
    if asks(call):
        return replace(call, error=None, result=None)
    return replace(call, error=None) if is_pause(call.error) else call


def with_approvals(readings: Sequence["ToolResult"], session: Session) -> tuple["ToolResult", ...]:
    """Return the readings with the decisions of the people who were asked.

    Each is the reading of a call as `without_pause` gives it. A call that paused has the result
    that it was given later, else it went on as a later call, else a person's answer decides, else
    it still waits.
    """
    found = list(readings)
    paused = [
        place
        for place, (call, reading) in enumerate(zip(session.tool_calls, found, strict=True))
        if reading.call is not call
    ]
    taken: set[int] = set()
    for place in paused:
        later = _went_on(found, place, taken)
        if later is not None:
            taken.add(later)
            found[place], found[later] = _joined(found[place], found[later])
        else:
            found[place] = _alone(found[place], _answer(place, paused, found, session))
    for place, reading in enumerate(found):
        if reading.approval is None and refused(reading.call, reading.data):
            own = Approval(Decision.REJECTED, reading.call.id, reading.turn)
            found[place] = _rejected(reading, own)
    return tuple(found)


def _went_on(found: list["ToolResult"], place: int, taken: set[int]) -> int | None:
    """Return the place of the later call that a paused one went on as; None where there is none."""
    first = found[place].call
    for at in range(place + 1, len(found)):
        call = found[at].call
        if at in taken or call.name != first.name:
            continue
        both = bool(call.tool_id and first.tool_id)
        if both and call.tool_id == first.tool_id:
            return at
        if call.arguments == first.arguments:
            return at  # the model asked again, under an id of its own, after the person's answer
        if not both and _same_target(first.arguments, call.arguments):
            return at
    return None


def _same_target(asked: JsonValue, done: JsonValue) -> bool:
    """Tell whether two calls are about the same: on the same ids, or equal in part."""
    if not (isinstance(asked, dict) and isinstance(done, dict)):
        return False
    ids = [{k: v for k, v in one.items() if record_id({k: v})} for one in (asked, done)]
    if any(ids):
        return ids[0] == ids[1]
    return any(key in done and done[key] == value for key, value in asked.items())


def _joined(first: "ToolResult", later: "ToolResult") -> tuple["ToolResult", "ToolResult"]:
    edited = _changed(first.call.arguments, later.call.arguments)
    decision = Decision.EDITED if edited else Decision.APPROVED
    approval = Approval(decision, first.call.id, first.turn, later.call.id)
    is_refused = later.outcome is Outcome.REJECTED or refused(later.call, later.data)
    if is_refused:
        approval = replace(approval, decision=Decision.REJECTED)
        later = _rejected(later, approval)
    why = f"asked a person; went on as {later.call.id}"
    paused = replace(first, outcome=Outcome.WAITING, why=why, data=None, approval=approval)
    return paused, replace(later, approval=approval)


def _changed(asked: JsonValue, done: JsonValue) -> bool:
    """Tell whether an argument came out as another; a span may record more of them."""
    if not (isinstance(asked, dict) and isinstance(done, dict)):
        return bool(asked != done)
    return any(key in done and done[key] != value for key, value in asked.items())


def _alone(reading: "ToolResult", answer: Decision | None) -> "ToolResult":
    """Return the reading of a paused call that no later call went on with."""
    approval = Approval(Decision.APPROVED, reading.call.id, reading.turn)
    if refused(reading.call, reading.data) or (
        answer is Decision.REJECTED and reading.call.result is None
    ):
        return _rejected(reading, replace(approval, decision=Decision.REJECTED))
    if reading.call.result is not None:
        if answer is Decision.EDITED:
            approval = replace(approval, decision=Decision.EDITED)
        return replace(reading, approval=approval)
    if answer is None:
        waiting = replace(approval, decision=Decision.WAITING)
        why = "asked a person, who has not answered"
        return replace(reading, outcome=Outcome.WAITING, why=why, approval=waiting)
    why = f"a person's answer was {answer.value}, and no result is recorded"
    decided = replace(approval, decision=answer)
    return replace(reading, outcome=Outcome.UNKNOWN, why=why, approval=decided)


def _rejected(reading: "ToolResult", approval: Approval) -> "ToolResult":
    answer = f": {short(reading.call.result)}" if reading.call.result else ""
    said = reading.why if reading.outcome is Outcome.REJECTED else f"a person refused it{answer}"
    return replace(reading, outcome=Outcome.REJECTED, why=said, approval=approval)


def _answer(
    place: int, paused: list[int], found: list["ToolResult"], session: Session
) -> Decision | None:
    """Return the decision with which the next turn resumed the run that a call paused."""
    turn = found[place].turn
    typed = next((t.user_text for t in session.turns if t.number == turn + 1), None)
    decisions = decisions_in(typed)
    together = [one for one in paused if found[one].turn == turn]
    if not decisions:
        return None
    order = together.index(place)
    return decisions[order] if order < len(decisions) else decisions[-1]
