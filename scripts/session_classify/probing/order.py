"""Two reads in the other order, where the second did not need what the first found."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

from session_classify.evidence.findings import Evidence
from session_classify.jsontext import compact_json
from session_classify.model import ToolCall
from session_classify.probing.rows import (
    Rows,
    attributes,
    calls_of,
    messages,
    results_of,
    scalars,
    tool_row,
)
from session_classify.vocabulary import FAILED_OUTCOMES

_OF_THE_CALL = ("name", "input", "output", "status", "metadata")
"""What a tool's span says of its call; the rest says when and where it ran."""


def reordered(rows: Rows, evidence: Evidence, known: set[Any]) -> Iterator[tuple[str, Rows]]:
    """Yield each change of the order of two reads, with what was exchanged.

    They follow each other in a turn, both worked, and every value that the second was asked with
    was known before the first, so that nothing but the order differs.
    """
    written = {write.call.id for write in evidence.writes}
    before = " ".join(prompt.text for prompt in evidence.session.system_prompts)
    for turn in evidence.session.turns:
        before += f" {turn.user_text or ''}"
        calls = [call for call in turn.tool_calls if call.tool_id in known]
        for first, second in pairwise(calls):
            if not written & {first.id, second.id} and _may_change(first, second, before, evidence):
                changed = swapped(rows, str(first.tool_id), str(second.tool_id))
                if changed is not None:
                    yield f"{_told(second)} before {_told(first)}", changed
            before += f" {first.result or ''}"
        before += f" {calls[-1].result or ''} " if calls else ""


def _told(call: ToolCall) -> str:
    return f"{call.name} {compact_json(call.arguments)}"


def _may_change(first: ToolCall, second: ToolCall, before: str, evidence: Evidence) -> bool:
    failed = {r.call.id for r in evidence.readings if r.outcome in FAILED_OUTCOMES}
    if failed & {first.id, second.id} or not isinstance(first.result, str):
        return False
    if (first.name, first.arguments) == (second.name, second.arguments):
        return False
    values = [value for _, value in scalars(second.arguments, ids=True)]
    return bool(values) and all(value in before for value in values)


def swapped(rows: Rows, first: str, second: str) -> Rows | None:
    """Return rows in which two calls were made in the other order; None where a text is between.

    Every copy of a call and of its result stands where the other stood. The spans keep their times.
    """
    calls = {name: deepcopy(next(calls_of(rows, name))) for name in (first, second)}
    results = {name: deepcopy(next(results_of(rows, name), None)) for name in (first, second)}
    said = [m for m in messages(rows) if m.get("tool_calls") and m.get("content")]
    asking = [c["tool_id"] for m in said for c in m["tool_calls"]]
    if {first, second} & set(asking) or None in results.values():
        return None
    rows = deepcopy(rows)
    other = {first: second, second: first}
    ones = [attributes(tool_row(rows, name)) for name in (first, second)]
    for message in messages(rows):
        for part, parts in (("tool_calls", calls), ("tool_results", results)):
            if part in message:
                message[part] = [
                    deepcopy(parts[other[one["tool_id"]]]) if one.get("tool_id") in other else one
                    for one in message[part]
                ]
    for key in _OF_THE_CALL:
        kept = [one.pop(key, None) for one in ones]
        for one, value in zip(ones, reversed(kept), strict=True):
            if value is not None:
                one[key] = value
    return rows
