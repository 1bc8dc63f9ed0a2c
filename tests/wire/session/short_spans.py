"""Spans in short form, as the `split` situations write them, made into rows of an export.

A span is `{id, kind}` and, where it differs, `under` (its parent's id), `trace`, `name`, `session`,
`at` (seconds; else one after the span before), `lasts` (seconds), `status`, `in` and `out`. A side
that is a list holds messages, any other is a value. A message is `role: text`, or a mapping with
`call` (its `id` and `with`) or `result` (its `id`).
"""

import json
from typing import Any

_START = 1_795_000_000


def rows(spans: list[dict[str, Any]]) -> list[bytes]:
    """Return the rows of an export, one span each."""
    at = 0.0
    made = []
    for span in spans:
        at = span.get("at", at + 1)
        made.append(json.dumps(_row(span, at)).encode())
    return made


def _row(span: dict[str, Any], at: float) -> dict[str, Any]:
    session = span.get("session")
    attributes = {
        "span_id": span["id"],
        "trace_id": span.get("trace", "t1"),
        "parent_id": span.get("under", "undefined"),
        "name": span.get("name", span["kind"]),
        "span_kind": span["kind"],
        "status": span.get("status", "ok"),
        "start_ns": round((_START + at) * 1_000_000_000),
        "duration": round(span.get("lasts", 0.5) * 1_000_000_000),
        "ml_app": "parcel-bot",
        "tags": [f"session_id:{session}"] if session else [],
        "metadata": {},
        "input": _side(span.get("in")),
        "output": _side(span.get("out")),
    }
    return {"id": span["id"], "type": "span", "attributes": attributes}


def _side(side: Any) -> dict[str, Any]:
    if side is None:
        return {}
    return (
        {"messages": [_message(one) for one in side]}
        if isinstance(side, list)
        else {"value": side if isinstance(side, str) else json.dumps(side)}
    )


def _message(one: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(one, str):
        role, _, text = one.partition(": ")
        return {"role": role, "content": text}
    if "call" in one:
        call = {"name": one["call"], "arguments": one.get("with", {}), "tool_id": one.get("id", "")}
        return {"role": "assistant", "content": one.get("text", ""), "tool_calls": [call]}
    told = {"name": one.get("name", ""), "result": one["result"], "tool_id": one.get("id", "")}
    return {"role": "tool", "content": "", "tool_results": [told]}
