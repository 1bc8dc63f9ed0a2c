"""How each tool call ended: status fields first, then phrases at the result's head.

A word inside a result proves nothing: `{"errors": []}`, `latency_ms: 1500` and a dashboard called
`abc-404` are successes. So an object speaks through the fields of `results.rows`, a text through
how it begins, and both without the wrappers that stand around them. Sources:
references/sources/outcomes.md.
"""

from collections.abc import Iterator

import msgspec

from session_classify.evidence.conversation.approval_joins import with_approvals, without_pause
from session_classify.evidence.conversation.approvals import Approval
from session_classify.evidence.conversation.confirmation import asked_by, by_record
from session_classify.evidence.results.decoding import Lines
from session_classify.evidence.results.fields import (
    Told,
    is_bad,
    judge_fields,
    only_words,
)
from session_classify.evidence.results.signs import Asked
from session_classify.evidence.results.text import (
    denied_text,
    judge_text,
    refine,
    short,
)
from session_classify.evidence.results.wrappers import (
    Fields,
    Shell,
    Unwrapped,
    plain,
    unwrapped,
)
from session_classify.masks import Missing, placeholder
from session_classify.model import JsonValue, Session, ToolCall
from session_classify.vocabulary import BAD_OUTCOMES, LEDGER_KINDS, Outcome, ToolKind

_NOBODY = Asked()


class ToolResult(msgspec.Struct, frozen=True):
    """A tool call with its result decoded once and its outcome."""

    call: ToolCall
    turn: int
    data: JsonValue
    """The result without its wrappers, as JSON where it is an object or list, else its text; None
    when there is none."""
    outcome: Outcome
    why: str
    """What in the result told the outcome, in a few words."""
    rest: str = ""
    """The text behind a result that begins with a value and goes on."""
    approval: Approval | None = None
    """What a person decided about the call; None where nobody is known to have been asked."""


def read_results(session: Session) -> tuple[ToolResult, ...]:
    """Return one reading for every tool call of the session, in order."""
    readings = [
        _read(without_pause(call), turn.number)
        for turn in session.turns
        for call in turn.tool_calls
    ]
    return with_approvals(readings, session)


def _read(call: ToolCall, turn: int) -> ToolResult:
    if call.result is None:
        outcome, why = judge_result(None, call.error)
        return ToolResult(call, turn, None, outcome, why)
    found = unwrapped(call.result)
    inner = found.data if isinstance(found.data, str) else None
    if lost := placeholder(call.result) or placeholder(inner):
        outcome, why = Outcome.UNKNOWN, f"the result is {_LOST[lost]}"
        if call.error is not None:
            outcome, why = judge_result(None, call.error)
        return ToolResult(call, turn, None, outcome, why)
    outcome, why = judge_result(found, call.error, asked_by(call))
    if call.kind in LEDGER_KINDS and outcome is Outcome.EMPTY:
        outcome, why = Outcome.UNKNOWN, "an empty answer confirms nothing"
    if call.kind is ToolKind.READ and outcome is Outcome.UNKNOWN and not _is_unseen(found):
        outcome, why = Outcome.CONFIRMED, "returned text" if isinstance(found.data, str) else why
    return ToolResult(call, turn, found.data, outcome, why, found.rest)


_LOST = {
    Missing.MASKED: "masked",
    Missing.DROPPED: "dropped by a size limit",
    Missing.UNSERIALIZABLE: "an object that was not serialized",
}


def judge_result(found: Unwrapped | None, error: str | None = None, asked: Asked = _NOBODY) -> Told:
    """Return the outcome that a result and the span's error speak of, and what told it."""
    if error is not None:
        return _of_error(error, found, asked)
    if found is None:
        return Outcome.UNKNOWN, "no answer in the trace"
    text = found.data if isinstance(found.data, str) else ""
    shells = [(shell, judge_fields(shell.fields, asked, text)) for shell in found.shells]
    inner = _judge(found, asked)
    told = [told for _, told in shells if is_bad(told)]
    if told and told[0] is not None:
        return told[0]
    words = [_of_words(shell.fields, asked) for shell in found.shells]
    told = [one for one in words if is_bad(one)]
    if is_bad(inner) or not (told or _well(shells, words)):
        return inner
    outer = (told or _well(shells, words))[0]
    return inner if outer is None or (inner[0] is Outcome.EMPTY and not asked.strict) else outer


def _of_error(error: str, found: Unwrapped | None, asked: Asked) -> Told:
    """Return the outcome of a call whose span has an error: a rejection is told as one, too."""
    if found is not None and (told := _judge(found, asked))[0] is Outcome.REJECTED:
        return told
    text = found.data if found is not None and isinstance(found.data, str) else ""
    said = f", {short(text)}" if text.strip() and short(text) not in short(error) else ""
    return refine(f"{error} {text}"), f"span error {short(error)}{said}"


def _well(shells: list[tuple[Shell, Told | None]], words: list[Told | None]) -> list[Told | None]:
    """Return what wrappers say of a success; those of a known form say so of every call."""
    of_fields = [told for shell, told in shells if told is not None and not shell.is_marked]
    of_words = [
        told for (shell, _), told in zip(shells, words, strict=True) if told and not shell.is_marked
    ]
    return [told for told in (*of_fields, *of_words) if told and told[0] is Outcome.CONFIRMED]


def _judge(found: Unwrapped, asked: Asked) -> Told:
    """Return the outcome that a result without its wrappers speaks of."""
    data = found.data
    if isinstance(data, str):
        if any(mark.startswith("<tool_use_error") for mark in found.marks):
            return refine(data), short(data)
        outcome, why = judge_text(data, strict=asked.strict, verbs=asked.verbs)
        if asked.strict and outcome in (Outcome.CONFIRMED, Outcome.UNKNOWN):
            return denied_text(data) or (outcome, why)
        return outcome, why
    if isinstance(data, dict):
        return _judge_object(data, asked)
    if isinstance(data, list):
        return _judge_list(data, asked)
    if data is None:
        return Outcome.EMPTY, "nothing in it"
    if data is False and asked.strict:
        return Outcome.FAILED, "false"
    if data == 0 and data is not False:
        return Outcome.EMPTY, "0"
    return (Outcome.CONFIRMED if data is True else Outcome.UNKNOWN), f"returned {short(str(data))}"


def _judge_object(data: Fields, asked: Asked) -> Told:
    if not data:
        return Outcome.EMPTY, "an empty object"
    told = judge_fields(data, asked)
    if told is not None and is_bad(told):
        return told
    if is_bad(said := _of_words(data, asked)) and said is not None:
        return said
    for inner in _parts(data, asked):
        nested = _judge(Unwrapped(inner), asked)
        if nested[0] in BAD_OUTCOMES:
            return nested
    recorded = by_record(data, asked)
    if recorded[0] is Outcome.CONFIRMED:
        return recorded
    if told is not None:
        return told
    if said is not None and said[0] is Outcome.CONFIRMED:
        return said
    values = [value for value in data.values() if isinstance(value, list | dict)]
    if len(values) == len(data) and not any(values):
        return Outcome.EMPTY, "nothing in it"
    return recorded


def _of_words(fields: Fields, asked: Asked) -> Told | None:
    """Return what the explanation says of an object that holds nothing else."""
    said = only_words(fields)
    return _judge(Unwrapped(said), asked) if said else None


_INSIDE = frozenset(
    """data result results response output content body payload items responses outcomes value
    operations entries""".split()
)
"""Fields, as `plain` writes them, that hold what a call returned beside fields of a record."""


def _parts(data: Fields, asked: Asked) -> Iterator[JsonValue]:
    """Yield the objects inside an object that may say how a change ended.

    Errors of a GraphQL mutation lie below its name; they count for every call.
    """
    for name, value in data.items():
        if not isinstance(value, dict | list) or not value:
            continue
        is_part = asked.strict and (len(data) == 1 or plain(name) in _INSIDE)
        if is_part or any(
            isinstance(key, str) and plain(key).endswith("usererrors") for key in value
        ):
            yield value


_MOST_ROWS = 200


def _judge_list(data: list[JsonValue], asked: Asked) -> Told:
    """Judge rows: a change has failed when each of them says so; a read may list failures."""
    if not data:
        return Outcome.EMPTY, "an empty list"
    if isinstance(data, Lines) and is_bad(first := judge_result(unwrapped(data[0]), None, asked)):
        return first
    rows = [item for item in data if isinstance(item, dict)]
    if asked.strict and len(rows) == len(data):
        told = [_judge_object(row, asked) for row in rows[:_MOST_ROWS]]
        if all(outcome in BAD_OUTCOMES for outcome, _ in told):
            return told[0]
    return by_record(data, asked)


def _is_unseen(found: Unwrapped) -> bool:
    """Tell whether an object that the SDK could not encode stands in place of the result."""
    return found.data is None or any(mark.startswith("[Unserializable") for mark in found.marks)
