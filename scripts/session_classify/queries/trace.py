"""The calls that bring what a session is read from, as MCP arguments and as pup commands."""

from typing import Any

from session_classify.queries.call import Call
from session_classify.vocabulary import WINDOWS, Unit

_WHOLE = 100_000
"""Characters and tokens that no content is longer than: what is cut is cut when it is shown."""
_LEVELS = 4
"""Levels below a root in which model spans lie: seed 002 knows two, helpers of agents add some."""


def search(unit: Unit, unit_id: str, cursor: str = "") -> Call:
    """List the roots of a session's turns, or all spans of a trace (seed 002, steps 1 and T1).

    A session is looked for by its tag: as a query it is a search in the full text. `cursor` is
    where the next page begins.
    """
    more = {"cursor": cursor} if cursor else {}
    flag = ("--cursor", cursor) if cursor else ()
    if unit is Unit.SESSION:
        return _call(
            unit,
            "search_llmobs_spans",
            {"tags": {"session_id": unit_id}, "root_spans_only": True, "limit": 500, **more},
            (
                *("search", "--tags", f"session_id:{unit_id}", "--root-spans-only"),
                *("--limit", "500", *flag),
            ),
            f"Step 1: list the root spans of the turns of session {unit_id}",
        )
    return _call(
        unit,
        "search_llmobs_spans",
        {"query": f"trace_id:{unit_id}", "limit": 500, **more},
        ("search", "--trace-id", unit_id, "--limit", "500", *flag),
        f"Step T1: list the spans of trace {unit_id}",
    )


def export(unit: Unit, unit_id: str, cursor: str = "") -> Call:
    """Export all spans of a unit, page by page (datadog-wire 1.9); pup has no command for it.

    The filter is structured: a query would make the server ignore the rest of it.
    """
    named = {"tags": {"session_id": unit_id}} if unit is Unit.SESSION else {"trace_id": unit_id}
    more = {"cursor": cursor} if cursor else {}
    return _call(unit, "search_llm_obs_spans", {**named, "limit": 5_000, **more}, (), "")


def agent_loop(unit: Unit, trace_id: str, span_id: str) -> Call:
    """Fetch the loop of an agent span (C1)."""
    return _call(
        unit,
        "get_llmobs_agent_loop",
        {"trace_id": trace_id, "span_id": span_id, "max_content_length": _WHOLE},
        (
            "get-agent-loop",
            *("--trace-id", trace_id, "--span-id", span_id),
            *("--max-content-length", str(_WHOLE)),
        ),
        f"Step 3, C1: read the agent loop of span {span_id}",
    )


def expand(unit: Unit, trace_id: str, span_id: str) -> Call:
    """List what lies below a span: model and tool spans under a workflow (C2)."""
    return _call(
        unit,
        "expand_llmobs_spans",
        {"trace_id": trace_id, "span_ids": [span_id], "max_depth": _LEVELS},
        (
            "expand",
            *("--trace-id", trace_id, "--span-ids", span_id),
            *("--max-depth", str(_LEVELS)),
        ),
        f"Step 3, C2: find the model spans below span {span_id}",
    )


def content(unit: Unit, trace_id: str, span_id: str, field: str) -> Call:
    """Fetch one field of a span: the messages of a model span (C2), a root's two sides (C3)."""
    return _call(
        unit,
        "get_llmobs_span_content",
        {"trace_id": trace_id, "span_id": span_id, "field": field, "max_tokens": _WHOLE},
        (
            "get-content",
            *("--trace-id", trace_id, "--span-id", span_id, "--field", field),
            *("--max-tokens", str(_WHOLE)),
        ),
        f"Step 3: read the {field} of span {span_id}",
    )


def details(unit: Unit, trace_id: str, span_id: str) -> Call:
    """Fetch what judges said of a span, and which contents it has (steps 2 and T2)."""
    return _call(
        unit,
        "get_llmobs_span_details",
        {"trace_id": trace_id, "span_ids": [span_id]},
        ("get-details", "--trace-id", trace_id, "--span-ids", span_id),
        f"Step 2: read the evaluations of span {span_id}",
    )


def _call(unit: Unit, tool: str, arguments: dict[str, Any], pup: tuple[str, ...], why: str) -> Call:
    window = WINDOWS[unit]
    command = ("llm-obs", "spans", *pup, "--from", window) if pup else ()
    return Call(tool, {**arguments, "from": f"now-{window}", "to": "now"}, command, why)
