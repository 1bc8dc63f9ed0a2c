"""The tools of the stand-in's MCP server, with endpoints and arguments."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datadog_standin import answers, contents, rum_sql, search, span_counts
from datadog_standin.bundles import Row
from datadog_standin.router import Answer

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}
_WINDOW = {"from": _TEXT, "to": _TEXT}
_INTENT: Schema = {"type": "object", "properties": {"intent": _TEXT}}


def _as_json(answer: Row) -> list[str]:
    return [json.dumps(answer)]


@dataclass(frozen=True, slots=True)
class ServedTool:
    """One tool: its endpoint in fault plans, and its arguments."""

    endpoint: str
    about: str
    answer: Answer
    properties: Schema
    needed: tuple[str, ...] = ()
    blocks: Callable[[Row], list[str]] = _as_json
    """Convert an answer to text blocks."""

    @property
    def schema(self) -> Schema:
        """The JSON schema of the arguments; every call may have an intent."""
        properties = {**self.properties, **_WINDOW, "telemetry": _INTENT}
        return {"type": "object", "properties": properties, "required": list(self.needed)}


_SPAN = {"trace_id": _TEXT, "span_id": _TEXT}
_SPANS = {"trace_id": _TEXT, "span_ids": _TEXTS}

SERVED = {
    "search_llmobs_spans": ServedTool(
        "search-spans",
        "List spans, the newest first; a query takes precedence over tags.",
        search.search_spans,
        {
            **dict.fromkeys(("query", "ml_app", "span_kind", "span_name", "cursor"), _TEXT),
            **_SPAN,
            "apm_trace_id": _TEXT,
            "tags": {"type": "object"},
            "root_spans_only": {"type": "boolean"},
            "limit": _NUMBER,
        },
    ),
    "get_llmobs_trace": ServedTool(
        "get-trace",
        "Show the tree of a trace; its first level alone unless include_tree is set.",
        answers.get_trace,
        {"trace_id": _TEXT, "include_tree": {"type": "boolean"}},
        ("trace_id",),
    ),
    "get_llmobs_span_details": ServedTool(
        "span-details",
        "Tell which contents spans have and what judges said of them.",
        answers.span_details,
        _SPANS,
        ("trace_id", "span_ids"),
    ),
    "get_llmobs_span_content": ServedTool(
        "span-content",
        "Read one field of a span; path is applied after max_tokens has cut it.",
        contents.span_content,
        {**_SPAN, "field": _TEXT, "path": _TEXT, "max_tokens": _NUMBER},
        ("trace_id", "span_id", "field"),
    ),
    "expand_llmobs_spans": ServedTool(
        "expand-spans",
        "List what lies below spans, down to max_depth; without from the window is a day.",
        answers.expand_spans,
        {**_SPANS, "max_depth": _NUMBER, "filter_kind": _TEXT},
        ("trace_id", "span_ids"),
    ),
    "get_llmobs_agent_loop": ServedTool(
        "get-agent-loop",
        "Read the iterations and the timeline of an agent span.",
        contents.get_agent_loop,
        {**_SPAN, "max_content_length": _NUMBER},
        ("trace_id",),
    ),
    "find_llmobs_error_spans": ServedTool(
        "find-error-spans",
        "List the spans of a trace whose status is error.",
        answers.find_error_spans,
        {"trace_id": _TEXT},
        ("trace_id",),
    ),
    "analyze_rum_events": ServedTool(
        "rum-sql",
        "Read RUM events of one type with SQL on the table rum; answers tab-separated values.",
        rum_sql.analyze_rum_events,
        {
            **dict.fromkeys(("event_type", "filter", "sql_query"), _TEXT),
            "extra_columns": _OBJECTS,
            "start_at": _NUMBER,
            "max_tokens": _NUMBER,
        },
        ("event_type", "sql_query"),
        rum_sql.blocks_of,
    ),
    "aggregate_spans": ServedTool(
        "aggregate-spans",
        "Count spans by the values of fields.",
        span_counts.aggregate_spans,
        {"query": _TEXT, "computes": _OBJECTS, "group_by": {"type": "object"}},
    ),
}
"""Every tool by its name on the hosted server (`references/sources/clients.md#mcp-server`)."""
