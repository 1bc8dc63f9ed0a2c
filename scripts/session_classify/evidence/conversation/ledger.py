"""The ledger: every call that changes something, what came back, and what it changed."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from session_classify.evidence.conversation.approvals import Approval, Decision
from session_classify.evidence.conversation.records import (
    FieldChange,
    changes,
    find_records,
    mentioned_ids,
    record_id,
)
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.model import Finding, JsonValue, ToolCall
from session_classify.profiles.kinds import name_words
from session_classify.vocabulary import FAILED_OUTCOMES, LEDGER_KINDS, Direction, Outcome, Tier


class ResolvedId(msgspec.Struct, frozen=True):
    """An id in a write's arguments with the record that was read about it before."""

    id: str
    record: dict[str, JsonValue]
    source: str
    """The tool call whose result showed the record."""
    own: bool = False
    """The record is the thing itself, not another one that refers to it."""


class Amount(msgspec.Struct, frozen=True):
    """A sum of money: the field's path and the number."""

    path: str
    value: float


class Write(msgspec.Struct, frozen=True):
    """One entry of the ledger."""

    id: str
    call: ToolCall
    turn: int
    outcome: Outcome
    why: str
    data: JsonValue
    compared_with: str
    """The earlier call whose record the changes are counted from; empty when none was seen."""
    changes: tuple[FieldChange, ...]
    resolved: tuple[ResolvedId, ...]
    charged: tuple[Amount, ...]
    """Sums in what the write added to the record or changed in it."""
    asked: tuple[Amount, ...]
    """Sums in the write's arguments."""
    differs: tuple[FieldChange, ...]
    """Arguments whose field came back with another value: asked, returned."""
    approval: Approval | None = None
    """What a person decided about it; None where nobody is known to have been asked."""
    rest: str = ""
    """The text behind the returned value, where the result goes on."""

    @property
    def failed(self) -> bool:
        """The write is known not to have happened."""
        return self.outcome in FAILED_OUTCOMES

    @property
    def decided(self) -> str:
        """What a person decided, as it follows an outcome; empty where the outcome says it."""
        made = self.approval
        if made is None or made.decision not in (Decision.APPROVED, Decision.EDITED):
            return ""
        where = f", asked in {made.asked}" if made.asked != self.call.id else ""
        return f"; {made.decision.value} by a person{where}"


def ledger(readings: tuple[ToolResult, ...]) -> tuple[Write, ...]:
    """Return the session's writes in order, each held against what was read before it.

    A call that asked a person and went on as a later one is that later write.
    """
    writes: list[Write] = []
    records: dict[str, tuple[str, dict[str, JsonValue]]] = {}
    described: dict[str, ResolvedId] = {}
    asked = {
        key
        for reading in readings
        if reading.call.kind in LEDGER_KINDS
        for key in mentioned_ids(reading.call.arguments)
    }
    for reading in readings:
        if reading.call.kind in LEDGER_KINDS and not went_on(reading):
            writes.append(_entry(f"write{len(writes) + 1}", reading, records, described))
        for named in find_records(reading.data, asked):
            earlier = described.get(named.id)
            if earlier is None or named.own or not earlier.own:
                described[named.id] = ResolvedId(named.id, named.record, reading.call.id, named.own)
        if (
            reading.outcome is Outcome.CONFIRMED
            and isinstance(reading.data, dict)
            and (key := _identity(reading.call.arguments, reading.data))
        ):
            _, known = records.get(key, ("", {}))
            # An answer that names some fields of a record says nothing about the others.
            records[key] = (reading.call.id, {**known, **reading.data})
    return tuple(writes)


def ledger_findings(writes: Iterable[Write]) -> list[Finding]:
    """Return one finding a write; a failed one is negative."""
    return [
        Finding(
            id=write.id,
            rule=f"write-{write.outcome.value.replace(' ', '-')}",
            tier=Tier.FACT,
            direction=Direction.NEGATIVE if write.failed else Direction.NEUTRAL,
            summary=f"{write.call.name} ({write.call.id}): {write.outcome.value}, {write.why}"
            + write.decided,
            turn=write.turn,
            instant=write.call.start,
            calls=(write.call.id,),
            outcome=write.outcome,
        )
        for write in writes
    ]


def went_on(reading: ToolResult) -> bool:
    """Tell whether a call asked a person and went on as another one."""
    return reading.approval is not None and reading.approval.went_on not in ("", reading.call.id)


def _entry(
    number: str,
    reading: ToolResult,
    records: dict[str, tuple[str, dict[str, JsonValue]]],
    described: dict[str, ResolvedId],
) -> Write:
    data = reading.data if isinstance(reading.data, dict) else {}
    key = _identity(reading.call.arguments, data)
    source, before = records.get(key, ("", None)) if key else ("", None)
    if before is not None and 2 * len(before.keys() & data.keys()) < min(len(before), len(data)):
        source, before = "", None  # another kind of record with the same id
    confirmed = reading.outcome is Outcome.CONFIRMED and bool(data)
    known = {key: value for key, value in (before or {}).items() if key in data}
    diff = changes(known, data) if confirmed and before is not None else []
    gained = _amounts(diff) if before is not None or not confirmed else _sums(data, "")
    asked = dict.fromkeys(mentioned_ids(reading.call.arguments))
    return Write(
        id=number,
        call=reading.call,
        turn=reading.turn,
        outcome=reading.outcome,
        why=reading.why,
        data=reading.data,
        compared_with=source if confirmed else "",
        changes=tuple(diff),
        resolved=tuple(described[key] for key in asked if key in described),
        charged=tuple(gained),
        asked=tuple(_sums(reading.call.arguments, "")),
        differs=tuple(_differing(reading.call.arguments, data)) if confirmed else (),
        approval=reading.approval,
        rest=reading.rest,
    )


# A unit price is no sum that changes hands; where it changes, the changes show it.
_MONEY = frozenset(
    """amount amounts total subtotal cost costs fee fees balance refund refunded refunds charge
    charged charges paid difference""".split()
)
_NO_MONEY = frozenset(
    """baggage baggages bag bags count counts items item number numbers tokens token pages page rows
    results hits score id ids users events points percent pct rate bytes size seconds minutes hours
    days ms duration time limit offset latency errors requests retries seats passengers quantity
    weight version index rank level records files lines""".split()
)
"""Words of field names; one of the second list makes a field no sum of money."""
_MOST = 10**15


def _identity(arguments: JsonValue, data: dict[str, JsonValue]) -> str:
    """Return the name of the record that an answer holds: the id it was asked for by, else its own.

    A record may hold other records' ids before its own (`customer_id`, `order_id`). One without any
    id is the record of the only id that it was asked for by, whichever tool was asked.
    """
    named = arguments.items() if isinstance(arguments, dict) else ()
    asked = {field: value for field, value in named if record_id({field: value})}
    for field, value in asked.items():
        if field in data and data[field] == value:
            return f"{field} {value}"
    own = record_id(data)
    field = next((field for field, value in data.items() if str(value) == own), "")
    if not own and len(asked) == 1:
        field, own = next((field, str(value)) for field, value in asked.items())
    return f"{field} {own}" if own else ""


def _amounts(diff: list[FieldChange]) -> list[Amount]:
    return [amount for change in diff for amount in _sums(change.after, change.path)]


@lru_cache(maxsize=1024)
def _is_money(name: str) -> bool:
    words = [word.lower() for word in name_words(name)]
    return not _MONEY.isdisjoint(words) and _NO_MONEY.isdisjoint(words)


def _sums(value: JsonValue, path: str) -> list[Amount]:
    """Return the amounts of money that a value holds: numbers in fields that name one."""
    if isinstance(value, dict):
        dot = f"{path}." if path else ""
        return [
            amount
            for key, item in value.items()
            if not isinstance(item, str)  # most fields, and a sum is a number
            for amount in _field_sums(item, key, dot + key)
        ]
    if isinstance(value, list):
        return [
            amount
            for position, item in enumerate(value)
            if isinstance(item, dict | list)
            for amount in _sums(item, f"{path}[{position}]")
        ]
    return _field_sums(value, path.rpartition(".")[2], path)


def _field_sums(value: JsonValue, name: str, path: str) -> list[Amount]:
    if isinstance(value, dict | list):
        return _sums(value, path)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and abs(value) < _MOST and _is_money(name):
        return [Amount(path, round(float(value), 2))]
    return []


def _differing(arguments: JsonValue, data: dict[str, JsonValue]) -> list[FieldChange]:
    """Compare what was asked with the fields of the same name that came back (scalars only)."""
    if not isinstance(arguments, dict):
        return []
    return [
        FieldChange(key, asked, data[key])
        for key, asked in arguments.items()
        if key in data
        and not isinstance(asked, dict | list)
        and not isinstance(data[key], dict | list)
        and not _is_same(asked, data[key])
    ]


def _is_same(asked: JsonValue, returned: JsonValue) -> bool:
    """Tell whether two scalars are the same value: 50 is 50.0, and case does not count."""
    if str(asked).casefold() == str(returned).casefold():
        return True
    try:
        return float(asked) == float(returned)
    except (TypeError, ValueError):
        return False
