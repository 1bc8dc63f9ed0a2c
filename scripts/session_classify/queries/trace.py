"""The calls for a session's spans and contents, as MCP arguments and pup commands."""

from typing import Any

from session_classify.queries.call import Call
from session_classify.queries.unit_ids import unit_tag
from session_classify.vocabulary import WINDOWS, Unit

EXPORT = "search_llm_obs_spans"
"""The export of the documented API, which MCP and pup do not have."""
EXPORTED = 5_000
"""Most rows of a page of the export. Source: `references/sources/spans.md#span-export`."""
_WHOLE = 100_000
"""A limit of characters and tokens that no content reaches: cutting happens only on display."""
_LEVELS = 4
"""Levels below a root that are searched for LLM spans.

Source: `references/sources/spans.md#span-trees-and-details`.
"""


def search(unit: Unit, unit_id: str, cursor: str = "") -> Call:
    """List the root spans of a session's turns, or all spans of a trace.

    A session is filtered by its tag, because a query is a full-text search. `cursor` is the
    position of the next page. Source: `references/sources/spans.md#span-search`.
    """
    more = {"cursor": cursor} if cursor else {}
    flag = ("--cursor", cursor) if cursor else ()
    key, value = unit_tag(unit, unit_id)
    if unit is Unit.SESSION:
        return _call(
            unit,
            "search_llmobs_spans",
            {"tags": {key: value}, "root_spans_only": True, "limit": 500, **more},
            (
                *("search", "--tags", f"{key}:{value}", "--root-spans-only"),
                *("--limit", "500", *flag),
            ),
            f"Step 1: list the root spans of the turns of session {unit_id}",
        )
    return _call(
        unit,
        "search_llmobs_spans",
        {"query": f"{key}:{value}", "limit": 500, **more},
        ("search", "--trace-id", value, "--limit", "500", *flag),
        f"Step T1: list the spans of trace {unit_id}",
    )


def export(unit: Unit, unit_id: str, cursor: str = "") -> Call:
    """Export all spans of a unit, page by page; pup has no command for it.

    The filter is structured: with a query, the server ignores all other filters. Source:
    `references/sources/spans.md#span-export`.
    """
    key, value = unit_tag(unit, unit_id)
    named = {"tags": {key: value}} if unit is Unit.SESSION else {key: value}
    more = {"cursor": cursor} if cursor else {}
    return _call(unit, EXPORT, {**named, "limit": EXPORTED, **more}, (), "")


def agent_loop(unit: Unit, trace_id: str, span_id: str) -> Call:
    """Fetch the loop of an agent span."""
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
    """List the descendants of a span: LLM and tool spans below a workflow span."""
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
    """Fetch one field of a span: the messages of an LLM span, or a root's input or output."""
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
    """Fetch the evaluations of a span and the list of its contents."""
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
