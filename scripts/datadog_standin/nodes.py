"""Spans as the llm-obs-mcp endpoints list them, and their single contents.

Source: `references/sources/spans.md#span-search` and the sections after it.
"""

import json
from collections.abc import Iterable
from typing import Any

from datadog_standin.bundles import Row, tag
from datadog_standin.query import Document
from datadog_standin.recording import RecordedSpan

PREVIEW = 200
"""Characters of a preview."""
FIELDS = ("input", "output", "expected_output", "messages", "documents", "metadata")
"""The fields of a span's content."""
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def hit(span: RecordedSpan) -> Row:
    """Return a span as `search-spans` lists it, with previews of input and output."""
    attributes = span.attributes
    return {
        **_base(span),
        "trace_id": str(attributes["trace_id"]),
        "apm_trace_id": str(attributes.get("apm_trace_id") or "0"),
        "service": str(attributes.get("service") or tag(span.tags, "service")),
        "input": {"preview": as_text(content(span, "input"))[:PREVIEW]},
        "output": {"preview": as_text(content(span, "output"))[:PREVIEW]},
    }


def node(span: RecordedSpan) -> Row:
    """Return a span as `expand-spans` and `get-trace` list it, without its children."""
    return {
        **_base(span),
        "trace_id": str(span.attributes["trace_id"]),
        "has_input": content(span, "input") is not None,
        "has_output": content(span, "output") is not None,
    }


def details(span: RecordedSpan, children: Iterable[RecordedSpan]) -> Row:
    """Return a span as `span-details` lists it, without a trace id."""
    found = {field: content(span, field) for field in FIELDS}
    return {
        **_base(span),
        "error": error(span),
        "children_ids": [child.span_id for child in children],
        "content_info": {
            field: {"type": _type(value), "size": len(as_text(value))}
            for field, value in found.items()
            if value is not None
        },
        "evaluations": span.attributes.get("evaluation") or {},
    }


def error(span: RecordedSpan) -> Row | None:
    """Return the error of a failed span; rows of the Export API have it in tags only."""
    recorded = span.attributes.get("error")
    if isinstance(recorded, dict):
        return {key: str(recorded.get(key) or "") for key in ("type", "message", "stack")}
    kind = tag(span.tags, "error_type")
    message = recorded if isinstance(recorded, str) else tag(span.tags, "error_message")
    if span.attributes.get("status") != "error" and not (kind or message):
        return None
    return {"type": kind, "message": message, "stack": ""}


def content(span: RecordedSpan, field: str) -> Any:
    """Return a field of a span as recorded, None where it has none."""
    attributes = span.attributes
    if field == "messages":
        found: Any = _both(span)
    elif field in ("input", "output"):
        side = _side(span, field)
        sides = [side.get(key) for key in ("value", "messages", "documents")]
        found = next((value for value in sides if value not in _EMPTY), None)
    elif field == "documents":
        found = _side(span, "input").get("documents") or _side(span, "output").get("documents")
    elif field == "expected_output":
        found = attributes.get(field)
        if isinstance(found, dict) and set(found) == {"value"}:
            found = found["value"]
    else:
        found = attributes.get(field)
    return None if found in _EMPTY else found


def messages(span: RecordedSpan, side: str) -> list[Row]:
    """Return the messages of one side of a span; a text in their place has no role."""
    found = _side(span, side).get("messages")
    if isinstance(found, str):
        return [{"role": "", "content": found}]
    return [item for item in found or [] if isinstance(item, dict)]


def as_text(value: Any) -> str:
    """Return a content as text: a string unchanged, empty for None, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def document(span: RecordedSpan) -> Document:
    """Return the document of a span that queries are applied to; evaluations are facets."""
    attributes = span.attributes
    judged = {"custom": attributes.get("evaluation") or {}}
    return Document({**attributes, "evaluations": judged}, attributes, span.tags)


def _base(span: RecordedSpan) -> Row:
    attributes = span.attributes
    metrics = attributes.get("metrics")
    return {
        "span_id": span.span_id,
        "parent_id": span.parent_id or "undefined",
        "name": span.name,
        "span_kind": span.kind,
        "ml_app": str(attributes.get("ml_app") or tag(span.tags, "ml_app")),
        "status": str(attributes.get("status") or "ok"),
        "start_ms": span.start,
        "duration_ms": max(span.duration, 0) / 1_000_000,
        "tags": list(span.tags),
        "llm_info": {
            "model_name": str(attributes.get("model_name") or ""),
            "model_provider": str(attributes.get("model_provider") or ""),
            **(metrics if isinstance(metrics, dict) else {}),
        },
    }


def _side(span: RecordedSpan, side: str) -> Row:
    found = span.attributes.get(side)
    if isinstance(found, dict):
        return found
    return {} if found is None else {"value": found}


def _both(span: RecordedSpan) -> Any:
    """Return the messages of both sides; if one is masked, the mask alone."""
    asked, answered = (_side(span, side).get("messages") or [] for side in ("input", "output"))
    if isinstance(asked, list) and isinstance(answered, list):
        return asked + answered
    return asked if isinstance(asked, str) else answered


def _type(value: Any) -> str:
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
