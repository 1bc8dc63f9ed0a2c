"""Rows of a session in which one thing is different, everywhere it is recorded.

A change reaches the answer of the model, the history of later calls, the tool's span and later
results. The rows are those of an export whose model spans hold messages.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from session_classify.occurrences import occurrences

Rows = list[dict[str, Any]]
_UNTOLD = ("order_id", "user_id", "reservation_id", "reason")


def attributes(row: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a row."""
    found: dict[str, Any] = row["attributes"]
    return found


def messages_of(row: dict[str, Any], side: str) -> list[dict[str, Any]]:
    """Return the messages of a span's input or output, which may be changed; none without any."""
    found: list[dict[str, Any]] = (attributes(row).get(side) or {}).get("messages") or []
    return found


def messages(rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield every message of every model span."""
    for row in rows:
        for side in ("input", "output"):
            yield from messages_of(row, side)


def calls_of(rows: Rows, tool_id: str) -> Iterator[dict[str, Any]]:
    """Yield the copies of a call in the messages of model spans."""
    for message in messages(rows):
        yield from (c for c in message.get("tool_calls") or () if c.get("tool_id") == tool_id)


def named(rows: Rows) -> Rows:
    """Return rows in which each recorded result has the id of its call: by order, as they came."""
    rows = deepcopy(rows)
    for row in rows:
        open_calls: list[dict[str, Any]] = []
        for message in messages_of(row, "input"):
            for result in message.get("tool_results") or ():
                call = next((c for c in open_calls if c["name"] == result["name"]), None)
                if call is not None:
                    open_calls.remove(call)
                    result["tool_id"] = result.get("tool_id") or call["tool_id"]
            open_calls += message.get("tool_calls") or ()
    return rows


def results_of(rows: Rows, tool_id: str) -> Iterator[dict[str, Any]]:
    """Yield the copies of a call's result in the messages of model spans."""
    for message in messages(rows):
        yield from (r for r in message.get("tool_results") or () if r.get("tool_id") == tool_id)


def tool_row(rows: Rows, tool_id: str) -> dict[str, Any]:
    """Return the row of the tool's span: the first of its name and arguments after the call."""
    call = next(calls_of(rows, tool_id))
    at = next(
        i
        for i, row in enumerate(rows)
        if any(
            c.get("tool_id") == tool_id
            for m in messages_of(row, "output")
            for c in m.get("tool_calls") or ()
        )
    )
    return next(
        row
        for row in rows[at:]
        if attributes(row)["span_kind"] == "tool"
        and attributes(row)["name"] == call["name"]
        and json.loads(attributes(row)["input"]["value"]) == call["arguments"]
    )


def without(rows: Rows, tool_id: str) -> Rows:
    """Return rows in which a call was never made."""
    rows = deepcopy(rows)
    gone = {attributes(tool_row(rows, tool_id))["span_id"]}
    for row in rows:
        for side in ("input", "output"):
            kept = []
            for message in messages_of(row, side):
                for part in ("tool_calls", "tool_results"):
                    if part in message:
                        message[part] = [p for p in message[part] if p.get("tool_id") != tool_id]
                        if not message[part]:
                            del message[part]
                if message.get("content") or "tool_calls" in message or "tool_results" in message:
                    kept.append(message)
            if messages_of(row, side):
                attributes(row)[side]["messages"] = kept
                if side == "output" and not kept:
                    gone.add(attributes(row)["span_id"])
    return [row for row in rows if attributes(row)["span_id"] not in gone]


def with_result(rows: Rows, tool_id: str, result: str, *, is_error: bool = False) -> Rows:
    """Return rows in which a call got another result."""
    rows = deepcopy(rows)
    row = tool_row(rows, tool_id)
    attributes(row)["output"] = {"value": result}
    if is_error:
        attributes(row)["status"] = "error"
    for found in results_of(rows, tool_id):
        found["result"] = result
    return rows


def with_value(rows: Rows, tool_id: str, old: str, new: str) -> Rows:
    """Return rows in which a call was made with another value, which its record and reads show."""
    rows = deepcopy(rows)
    row = tool_row(rows, tool_id)
    at = rows.index(row)
    later = {r["tool_id"] for m in messages(rows[at:]) for r in m.get("tool_results") or ()}
    before = {r["tool_id"] for m in messages(rows[:at]) for r in m.get("tool_results") or ()}
    touched = (later - before) | {tool_id}
    for call in calls_of(rows, tool_id):
        call["arguments"] = replaced(call["arguments"], old, new)
    given = json.loads(attributes(row)["input"]["value"])
    attributes(row)["input"]["value"] = json.dumps(replaced(given, old, new))
    for name in touched:
        for found in results_of(rows, name):
            found["result"] = exchanged(str(found["result"]), old, new)
    for one in rows[at:]:
        if attributes(one)["span_kind"] == "tool":
            output = attributes(one).get("output") or {}
            if isinstance(output.get("value"), str):
                output["value"] = exchanged(output["value"], old, new)
    return rows


def exchanged(text: str, old: str, new: str) -> str:
    """Return a text in which `old` is `new` where it stands as a whole value: 500, not in 1500."""
    parts, end = [], 0
    for at in occurrences(text, old):
        after = at + len(old)
        if (
            at < end
            or _goes_on(text[max(at - 2, 0) : at][::-1])
            or _goes_on(text[after : after + 2])
        ):
            continue
        parts += [text[end:at], new]
        end = after
    return "".join((*parts, text[end:]))


def _goes_on(beside: str) -> bool:
    """Return whether a word or a number goes on in the two characters beside it."""
    first, second = beside[:1], beside[1:]
    return first.isalnum() or first == "_" or (first in (".", ",") and second.isdigit())


def replaced(value: Any, old: str, new: str) -> Any:
    """Return a value in which every text or number that reads `old` is `new`."""
    if isinstance(value, dict):
        return {key: replaced(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, old, new) for inner in value]
    if str(value) == old:
        return type(value)(new)
    return value


def scalars(value: Any, key: str = "", *, ids: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the values that a person could tell: numbers, dates, codes and words, but no flags.

    With `ids` also those of orders, users and reservations, and reasons.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from scalars(inner, name, ids=ids)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner, key, ids=ids)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value)
        if len(text) > 2 and (ids or not key.endswith(_UNTOLD)):
            yield key, text


def cut_before(rows: Rows, tool_id: str) -> Rows:
    """Return rows that end with the request of the turn in which a call was made."""
    rows = deepcopy(rows)
    trace = attributes(tool_row(rows, tool_id))["trace_id"]
    roots = [row for row in rows if attributes(row)["parent_id"] == "undefined"]
    at = next(i for i, row in enumerate(roots) if attributes(row)["trace_id"] == trace)
    kept = {attributes(row)["trace_id"] for row in roots[:at]}
    last = deepcopy(roots[at])
    attributes(last)["output"] = {}
    return [*(row for row in rows if attributes(row)["trace_id"] in kept), last]


def with_attempt(rows: Rows, tool_id: str, key: str, mistyped: str) -> Rows:
    """Return rows in which a call was made once before, on a mistyped id, and failed."""
    rows = deepcopy(rows)
    row = tool_row(rows, tool_id)
    call = deepcopy(next(calls_of(rows, tool_id)))
    wrong = {**call, "tool_id": f"{tool_id}_before"}
    wrong["arguments"] = {**call["arguments"], key: mistyped}
    result = {
        "name": call["name"],
        "tool_id": wrong["tool_id"],
        "result": f"Error: {key} not found",
    }
    asks = {"role": "assistant", "content": "", "tool_calls": [wrong]}
    answers = {"role": "user", "content": "", "tool_results": [result]}
    at = next(
        i
        for i, one in enumerate(rows)
        if any(
            c.get("tool_id") == tool_id
            for m in messages_of(one, "output")
            for c in m.get("tool_calls") or ()
        )
    )
    model, tool = deepcopy(rows[at]), deepcopy(row)
    for number, one in enumerate((model, tool)):
        attributes(one)["span_id"] = f"9{number}{attributes(one)['span_id']}"[:19]
        attributes(one)["start_ns"] = attributes(rows[at])["start_ns"] - 20 + number * 10
        attributes(one)["duration"] = 5
        one["id"] = attributes(one)["span_id"]
    attributes(model)["output"]["messages"] = [asks]
    attributes(tool)["input"]["value"] = json.dumps(wrong["arguments"])
    attributes(tool)["output"] = {"value": result["result"]}
    for later in rows[at:]:
        given = messages_of(later, "input")
        found = (
            place
            for place, one in enumerate(given)
            if any(c["tool_id"] == tool_id for c in one.get("tool_calls") or ())
        )
        # Where the history has no such call, as that of later turns may not, it has no attempt.
        at_end = len(given) if later is rows[at] else None
        place = next(found, at_end)
        if place is not None:
            given[place:place] = [deepcopy(asks), deepcopy(answers)]
    return [*rows[:at], model, tool, *rows[at:]]


def with_goodbye(rows: Rows, text: str) -> Rows:
    """Return rows with one more request, to which nothing was said."""
    last = deepcopy([row for row in rows if attributes(row)["parent_id"] == "undefined"][-1])
    fields = attributes(last)
    fields["start_ns"] += 60 * 10**9
    fields["span_id"], fields["trace_id"] = "9" * 18, "9" * 32
    fields["input"], fields["output"] = {"value": text}, {}
    fields["metadata"] = {**fields.get("metadata", {}), "query_string": text}
    last["id"] = fields["span_id"]
    return [*deepcopy(rows), last]


def with_text(rows: Rows, old: str, new: str) -> Rows:
    """Return rows in which an answer reads otherwise, in the root, the model and the history."""
    rows = deepcopy(rows)
    for message in messages(rows):
        if message.get("content") == old:
            message["content"] = new
    for row in rows:
        output = attributes(row).get("output") or {}
        if output.get("value") == old:
            output["value"] = new
    return rows
