"""A made-up session of two turns: model spans right below the root, and below a workflow span."""

from datetime import UTC, datetime
from typing import Any

from datadog_standin.bundles import Row
from datadog_standin.recording import Recording, recorded

NOW = 1_795_200_000_000
MINUTE = 60_000
SESSION = "s-1"
LONG = "word " * 100


def a_span(span: str, trace: str, parent: str, kind: str, minutes: float, **more: Any) -> Row:
    """Return an exported row that began so many minutes before NOW."""
    attributes = {
        "span_id": span,
        "trace_id": trace,
        "parent_id": parent,
        "name": more.pop("name", kind),
        "span_kind": kind,
        "status": "ok",
        "start_ns": int(NOW - minutes * MINUTE) * 1_000_000,
        "duration": 1_500_000_000,
        "ml_app": "shop",
        "tags": [f"session_id:{SESSION}", "env:test"],
        "input": {},
        "output": {},
    }
    return {"id": span, "type": "span", "attributes": {**attributes, **more}}


def an_event(kind: str, number: int, minutes: float, **attributes: Any) -> Row:
    """Return a row of a RUM or audit search."""
    stamp = (NOW - minutes * MINUTE) / 1000
    moment = datetime.fromtimestamp(stamp, UTC).isoformat().replace("+00:00", "Z")
    outer = {"service": "web", "tags": ["team:a"], "timestamp": moment, "attributes": attributes}
    return {"id": f"{kind}{number}", "type": kind, "attributes": outer}


CALL = {"name": "get_order", "arguments": {"id": 7}, "tool_id": "c1", "type": "tool_use"}
RULES = {"role": "system", "content": "Be kind."}
ASKED = {"role": "user", "content": LONG}
CALLED = {"role": "assistant", "content": "", "tool_calls": [CALL]}
TOLD = {"role": "tool", "content": "", "tool_results": [{"tool_id": "c1", "result": "order 7"}]}

SPANS = [
    a_span(
        "r1", "t1", "undefined", "agent", 30, input={"value": LONG}, output={"value": "Order 7."},
        metadata={"query_string": "order"},
        evaluation={"goal": {"value": "pass", "assessment": "pass", "status": "OK"}},
    ),
    a_span(
        "m1", "t1", "r1", "llm", 29.9, metrics={"input_tokens": 9, "output_tokens": 2},
        input={"messages": [RULES, ASKED]}, output={"messages": [CALLED]},
    ),
    a_span(
        "x1", "t1", "r1", "tool", 29.8, name="get_order",
        input={"value": '{"id":7}'}, output={"value": "order 7, as recorded"},
    ),
    a_span(
        "m2", "t1", "r1", "llm", 29.7, input={"messages": [RULES, ASKED, CALLED, TOLD]},
        output={"messages": [{"role": "assistant", "content": "Order 7."}]},
    ),
    a_span("r2", "t2", "undefined", "agent", 10, input={"value": "Cancel"}, output={"value": "No"}),
    a_span("w2", "t2", "r2", "workflow", 9.9),
    a_span(
        "m3", "t2", "w2", "llm", 9.8, input={"messages": [ASKED]},
        output={"messages": [{"role": "assistant", "content": "No"}]},
    ),
    a_span(
        "x2", "t2", "w2", "tool", 9.7, name="cancel", status="error",
        tags=[f"session_id:{SESSION}", "error:1", "error_type:PermissionError"],
    ),
    a_span("lost", "t2", "gone", "llm", 9.6, input={"value": "an orphan"}),
    a_span("old", "t3", "undefined", "agent", 200, ml_app="other", tags=["session_id:s-2"]),
]  # fmt: skip
RUM = [
    an_event("rum", 1, 12, type="view", session={"id": "a"}, usr={"email": "ana@example.com"}),
    an_event("rum", 2, 11, type="action", session={"id": "a"}, action={"name": "click on Save"}),
    an_event("rum", 3, 10, type="action", session={"id": "b"}, action={"name": "click on Save"}),
    an_event("rum", 4, 9, type="action", session={"id": "b"}, action={"name": "rage"}),
]
AUDIT = [
    an_event("audit", n, n / 10, action="modified", http={"status_code": 200 + n})
    for n in range(1, 26)
]


def a_recording() -> Recording:
    """Return all of it."""
    return recorded(SPANS, RUM, AUDIT)
