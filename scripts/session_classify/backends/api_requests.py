"""Convert calls to requests of the documented API: path and body.

Source: `references/sources/spans.md#span-export`, `references/sources/rum.md#rum-events`,
`references/sources/audit.md#audit-events`.
"""

from collections.abc import Callable
from typing import Any

from session_classify.queries.bulk import AUDIT, RUM
from session_classify.queries.call import Call
from session_classify.queries.rum import search_body
from session_classify.queries.trace import EXPORTED

Body = dict[str, Any]

_SPANS = "/api/v2/llm-obs/v1/spans/events/search"
_RUM_EVENTS, _AUDIT_EVENTS = "/api/v2/rum/events/search", "/api/v2/audit/events/search"


def request_of(call: Call) -> tuple[str, Body]:
    """Return path and body; raises KeyError for a call without an API endpoint."""
    path, body = _ENDPOINTS[call.tool]
    return path, body(call)


def _export(call: Call) -> Body:
    """Return the body of a span search; without a filter for roots, it requests all spans."""
    asked = call.arguments
    limit = asked["limit"] if call.tool == "search_llm_obs_spans" else EXPORTED
    page = {"limit": limit, **({"cursor": asked["cursor"]} if "cursor" in asked else {})}
    left = ("limit", "cursor", "root_spans_only")
    filters = {key: value for key, value in asked.items() if key not in left}
    attributes = {"filter": filters, "page": page, "sort": "timestamp"}
    return {"data": {"type": "spans", "attributes": attributes}}


def _audit(call: Call) -> Body:
    asked = call.arguments
    filters = {key: asked[key] for key in ("query", "from", "to")}
    return {"filter": filters, "page": {"limit": asked["limit"]}, "sort": "-timestamp"}


def _bulk(call: Call) -> Body:
    """Return the body of a search of events, a page of it, oldest first."""
    asked = call.arguments
    page = {key: asked[key] for key in ("limit", "cursor") if key in asked}
    filters = {key: asked[key] for key in ("query", "from", "to")}
    return {"filter": filters, "page": page, "sort": "timestamp"}


_ENDPOINTS: dict[str, tuple[str, Callable[[Call], Body]]] = {
    "search_llm_obs_spans": (_SPANS, _export),
    "search_llmobs_spans": (_SPANS, _export),
    "analyze_rum_events": (_RUM_EVENTS, search_body),
    RUM: (_RUM_EVENTS, _bulk),
    "aggregate_rum_events": ("/api/v2/rum/analytics/aggregate", lambda call: call.arguments),
    "search_audit_logs": (_AUDIT_EVENTS, _audit),
    AUDIT: (_AUDIT_EVENTS, _bulk),
}
