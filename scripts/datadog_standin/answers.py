"""Answers of the llm-obs-mcp endpoints about a trace, as JSON.

Every function takes the recording, the request's body and the time in milliseconds since 1970, and
raises RequestError for what the endpoint refuses. A span outside the window is not in the answer,
as with the hosted endpoints; an unknown id is 404. Source:
`references/sources/spans.md#trace-tool-endpoints` and the sections after it.
"""

from collections import defaultdict
from collections.abc import Iterable

from datadog_standin.bodies import (
    Body,
    RequestError,
    count_of,
    list_of,
    text_of,
    tool_window,
)
from datadog_standin.bundles import Row
from datadog_standin.nodes import details, error, node
from datadog_standin.recording import RecordedSpan, Recording

_DEEPEST = 100
"""Most levels of a tree: a client's JSON decoder has a limit, too."""
_IDS = 20
"""Most spans of one details call."""

Children = dict[str, list[RecordedSpan]]


def get_trace(recording: Recording, body: Body, now: int) -> Row:
    """Answer `get-trace`: the roots with their children, all levels with `include_tree`.

    A span whose parent is not in the trace is missing.
    """
    spans = _trace(recording, body, now)
    below = _children(spans)
    depth = _DEEPEST if body.get("include_tree") else 1
    start = min((span.start_ns for span in spans), default=0)
    end = max((span.start_ns + max(span.duration, 0) for span in spans), default=0)
    trace_id = text_of(body, "trace_id")
    return {
        "trace_id": trace_id,
        "trace_url": f"https://app.datadoghq.com/llm/traces?query=trace_id:{trace_id}",
        "total_duration_ms": (end - start) / 1_000_000,
        "spans": [_tree(root, below, depth, "") for root in spans if not root.parent_id],
    }


def span_details(recording: Recording, body: Body, now: int) -> Row:
    """Answer `span-details`: without trace ids, and without spans that no root leads to."""
    ids = [str(item) for item in list_of(body, "span_ids")]
    if not ids:
        raise RequestError(400, "span_ids is required")
    if len(ids) > _IDS:
        raise RequestError(400, f"span_ids must hold at most {_IDS} ids")
    spans = _trace(recording, body, now)
    if not any(recording.span(text_of(body, "trace_id"), span_id) for span_id in ids):
        raise _unknown_span(ids[0], body)
    below = _children(spans)
    placed = {span.span_id: span for span in _placed(spans, below)}
    return {
        "spans": [
            details(placed[span_id], below.get(span_id, []))
            for span_id in dict.fromkeys(ids)
            if span_id in placed
        ]
    }


def expand_spans(recording: Recording, body: Body, now: int) -> Row:
    """Answer `expand-spans`: each span with its children inside it, down to `max_depth`.

    Without `from` the window is a day. `filter_kind` omits spans of other kinds below a span; their
    matching descendants move up.
    """
    ids = [str(item) for item in list_of(body, "span_ids")]
    if not ids:
        raise RequestError(400, "span_ids is required")
    for span_id in ids:
        if recording.span(text_of(body, "trace_id", needed=True), span_id) is None:
            raise _unknown_span(span_id, body)
    depth = min(count_of(body, "max_depth", 1), _DEEPEST)
    spans = _trace(recording, body, now, "now-1d")
    below = _children(spans)
    kind = text_of(body, "filter_kind")
    by_id = {span.span_id: span for span in spans}
    found = [by_id[span_id] for span_id in dict.fromkeys(ids) if span_id in by_id]
    return {"spans": [_tree(span, below, depth, kind) for span in found]}


def find_error_spans(recording: Recording, body: Body, now: int) -> Row:
    """Answer `find-error-spans`: spans with the status error, without soft errors."""
    spans = _trace(recording, body, now)
    return {
        "error_spans": [
            {
                "span_id": span.span_id,
                "name": span.name,
                "span_kind": span.kind,
                "parent_id": span.parent_id or "undefined",
                "error": error(span),
            }
            for span in spans
            if span.attributes.get("status") == "error"
        ]
    }


def one_span(
    recording: Recording, body: Body, now: int
) -> tuple[RecordedSpan | None, list[RecordedSpan]]:
    """Return the requested span and the spans of its trace; None where it is outside the window.

    Without `span_id` it is the first root. Raises RequestError 404 for an unknown trace or span.
    """
    spans = _trace(recording, body, now)
    span_id = text_of(body, "span_id")
    if not span_id:
        return next((span for span in spans if not span.parent_id), None), spans
    if recording.span(text_of(body, "trace_id"), span_id) is None:
        raise _unknown_span(span_id, body)
    return next((span for span in spans if span.span_id == span_id), None), spans


def _trace(
    recording: Recording, body: Body, now: int, default: str = "now-1h"
) -> list[RecordedSpan]:
    """Return the spans of the trace in the window; raises RequestError 404 for an unknown trace."""
    window = tool_window(body, now, default)
    trace_id = text_of(body, "trace_id", needed=True)
    spans = recording.trace(trace_id)
    if not spans:
        raise RequestError(404, f"404 Not Found: trace {trace_id}")
    return [span for span in spans if window.holds(span.start)]


def _unknown_span(span_id: str, body: Body) -> RequestError:
    return RequestError(404, f"404 Not Found: span {span_id} in trace {text_of(body, 'trace_id')}")


def _children(spans: Iterable[RecordedSpan]) -> Children:
    below: Children = defaultdict(list)
    for span in spans:
        below[span.parent_id].append(span)
    return below


def _placed(spans: Iterable[RecordedSpan], below: Children) -> list[RecordedSpan]:
    """Return the spans that a root leads to."""
    found: list[RecordedSpan] = []
    waiting = [span for span in spans if not span.parent_id]
    while waiting:
        span = waiting.pop()
        found.append(span)
        waiting += below.get(span.span_id, [])
    return found


def _tree(top: RecordedSpan, below: Children, depth: int, kind: str) -> Row:
    """Return a span with its descendants; a cycle of parents ends where it began."""

    def inner(span: RecordedSpan, levels: int) -> list[Row]:
        found: list[Row] = []
        for child in below.get(span.span_id, []) if levels else []:
            if child is top:
                continue
            lower = inner(child, levels - 1)
            is_left_out = kind and child.kind != kind
            found += lower if is_left_out else [{**node(child), "children": lower}]
        return found

    return {**node(top), "children": inner(top, depth)}
