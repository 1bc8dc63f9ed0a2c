"""Calls as requests of the documented API: the path and the body of each (datadog-wire 1.9, 2)."""

from collections.abc import Callable
from typing import Any

from session_classify.queries.call import Call
from session_classify.queries.rum import search_body

Body = dict[str, Any]

_SPANS = "/api/v2/llm-obs/v1/spans/events/search"
_MOST = 5_000
"""Rows of a page of the export at most."""


def request_of(call: Call) -> tuple[str, Body]:
    """Return path and body; raises KeyError for a call that the API has no endpoint for."""
    path, body = _ENDPOINTS[call.tool]
    return path, body(call)


def _export(call: Call) -> Body:
    """Page through spans; a search for roots asks for all spans, because it cannot say root."""
    asked = call.arguments
    limit = asked["limit"] if call.tool == "search_llm_obs_spans" else _MOST
    page = {"limit": limit, **({"cursor": asked["cursor"]} if "cursor" in asked else {})}
    left = ("limit", "cursor", "root_spans_only")
    filters = {key: value for key, value in asked.items() if key not in left}
    attributes = {"filter": filters, "page": page, "sort": "timestamp"}
    return {"data": {"type": "spans", "attributes": attributes}}


def _audit(call: Call) -> Body:
    asked = call.arguments
    filters = {key: asked[key] for key in ("query", "from", "to")}
    return {"filter": filters, "page": {"limit": asked["limit"]}, "sort": "-timestamp"}


_ENDPOINTS: dict[str, tuple[str, Callable[[Call], Body]]] = {
    "search_llm_obs_spans": (_SPANS, _export),
    "search_llmobs_spans": (_SPANS, _export),
    "analyze_rum_events": ("/api/v2/rum/events/search", search_body),
    "aggregate_rum_events": ("/api/v2/rum/analytics/aggregate", lambda call: call.arguments),
    "search_audit_logs": ("/api/v2/audit/events/search", _audit),
}
