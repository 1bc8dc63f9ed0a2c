"""Answers of the documented API v2: span export, RUM events and counts, audit events.

Every function takes a recording, the request's body and the time in milliseconds since 1970, and
raises RequestError for what the endpoint refuses. Source:
`references/sources/spans.md#span-export`, `references/sources/rum.md#rum-events`,
`references/sources/rum.md#rum-counts`, `references/sources/audit.md#audit-events`.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import mean, median
from typing import Any

from datadog_standin.bodies import (
    Body,
    RequestError,
    count_of,
    cursor_at,
    event_window,
    list_of,
    object_of,
    page_of,
    text_of,
)
from datadog_standin.bundles import Row
from datadog_standin.query import Document, matches, parse
from datadog_standin.recording import RecordedEvent, Recording, tags_of
from datadog_standin.search import filtered, queried, tagged

_EXPORTED, _EVENTS = 5_000, 1_000
"""Most rows of a page."""
_ROWS = 10
"""Default rows of a page."""


_OF_NUMBERS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "min": min,
    "max": max,
    "avg": mean,
    "median": median,
}
_PERCENTILES = (75, 90, 95, 98, 99)


def export_spans(recording: Recording, body: Body, now: int) -> Row:
    """Answer `POST /api/v2/llm-obs/v1/spans/events/search` with the exported rows.

    With a `query` all other filters are ignored. Without `from` the window is 15 minutes.
    """
    request = object_of(object_of(body, "data"), "attributes")
    if not request:
        raise RequestError(400, "data.attributes is required")
    given = object_of(request, "filter")
    window = event_window(given, now)
    text = text_of(given, "query")
    found = [span for span in recording.spans if window.holds(span.start)]
    if text:
        found = queried(found, text)
    else:
        app = text_of(given, "ml_app")
        found = filtered(tagged(found, object_of(given, "tags")), given)
        found = [span for span in found if app in ("", span.attributes.get("ml_app"))]
    return _listed([span.row for span in found], request, _EXPORTED)


def rum_events(recording: Recording, body: Body, now: int) -> Row:
    """Answer `POST /api/v2/rum/events/search`."""
    return _to_the_end(
        [event.row for event in found_events(recording.rum, object_of(body, "filter"), now)],
        body,
        _EVENTS,
    )


def audit_events(recording: Recording, body: Body, now: int) -> Row:
    """Answer `POST /api/v2/audit/events/search`."""
    return _to_the_end(
        [event.row for event in found_events(recording.audit, object_of(body, "filter"), now)],
        body,
        _EVENTS,
    )


def rum_aggregate(recording: Recording, body: Body, now: int) -> Row:
    """Answer `POST /api/v2/rum/analytics/aggregate`: totals of groups.

    An event without a facet is in none of its groups; an event with several values is in several.
    Without events there are no buckets. Raises RequestError 400 for other aggregations.
    """
    computes = [_compute(item) for item in list_of(body, "compute")] or [("count", "")]
    groupings = [_object(item, "group_by") for item in list_of(body, "group_by")]
    facets = [text_of(item, "facet", needed=True) for item in groupings]
    documents = [
        document_of(event) for event in found_events(recording.rum, object_of(body, "filter"), now)
    ]
    groups: dict[tuple[Any, ...], list[Document]] = {(): documents} if documents else {}
    for facet, grouping in zip(facets, groupings, strict=True):
        groups = _split(groups, facet, count_of(grouping, "limit", 10))
    buckets = [
        {
            "by": dict(zip(facets, values, strict=True)),
            "computes": {f"c{n}": _computed(c, inside) for n, c in enumerate(computes)},
        }
        for values, inside in groups.items()
    ]
    for grouping in groupings[:1]:
        buckets = _sorted(buckets, computes, object_of(grouping, "sort"))
    page = object_of(body, "page")
    shown, cursor = page_of(buckets, count_of(page, "limit", 25), text_of(page, "cursor"))
    return {"data": {"buckets": shown}, "links": {}, "meta": _meta(cursor)}


def found_events(events: Iterable[RecordedEvent], given: Body, now: int) -> list[RecordedEvent]:
    """Return the events that match a filter: `from`, `to` and `query`."""
    window = event_window(given, now)
    wanted = parse(text_of(given, "query"))
    return [
        event for event in events if window.holds(event.at) and matches(wanted, document_of(event))
    ]


def document_of(event: RecordedEvent) -> Document:
    """Return the document of an event that queries are applied to."""
    outer = event.row["attributes"]
    inner = outer.get("attributes")
    return Document(inner if isinstance(inner, dict) else {}, outer, tags_of(outer))


def _listed(rows: Sequence[Row], request: Body, most: int) -> Row:
    """Return a page of rows that are sorted by time, newest first unless requested otherwise."""
    page = object_of(request, "page")
    sort = text_of(request, "sort") or "-timestamp"
    if sort not in ("timestamp", "-timestamp"):
        raise RequestError(400, "sort must be timestamp or -timestamp")
    ordered = rows if sort == "timestamp" else rows[::-1]
    limit = count_of(page, "limit", _ROWS, most)
    shown, cursor = page_of(ordered, limit, text_of(page, "cursor"))
    return {"data": shown, "links": {}, "meta": _meta(cursor)}


def _to_the_end(rows: Sequence[Row], request: Body, most: int) -> Row:
    """Return a page as these searches do: each with rows has a cursor, and the end has none.

    Source: `references/sources/rum.md#rum-events`.
    """
    answer = _listed(rows, request, most)
    if answer["data"] and answer["meta"]["page"]["after"] is None:
        answer["meta"]["page"]["after"] = cursor_at(len(rows))
    return answer


def _meta(cursor: str | None) -> Row:
    return {"elapsed": 1, "page": {"after": cursor}, "request_id": "local", "status": "done"}


def _object(value: Any, name: str) -> Body:
    if not isinstance(value, dict):
        raise RequestError(400, f"{name} must hold objects")
    return value


def _compute(given: Any) -> tuple[str, str]:
    """Return the aggregation and its facet."""
    compute = _object(given, "compute")
    aggregation, metric = text_of(compute, "aggregation", needed=True), text_of(compute, "metric")
    known = ("count", "cardinality", *_OF_NUMBERS, *(f"pc{n}" for n in _PERCENTILES))
    if aggregation not in known or text_of(compute, "type") == "timeseries":
        raise RequestError(400, f"this stand-in computes totals of {', '.join(known)}")
    if aggregation != "count" and not metric:
        raise RequestError(400, f"{aggregation} needs a metric")
    return aggregation, metric


def _computed(compute: tuple[str, str], documents: list[Document]) -> float | None:
    """Return the aggregated value; None for an average and the like without numbers."""
    aggregation, metric = compute
    if aggregation == "count":
        return len(documents)
    values = [value for item in documents for value in _facet(item, metric)]
    if aggregation == "cardinality":
        return len(set(values))
    numbers = sorted(float(value) for value in values if isinstance(value, int | float))
    if not numbers:
        return None
    if aggregation in _OF_NUMBERS:
        return float(_OF_NUMBERS[aggregation](numbers))
    rank = math.ceil(int(aggregation.removeprefix("pc")) / 100 * len(numbers))
    return numbers[rank - 1]


def _split(
    groups: dict[tuple[Any, ...], list[Document]], facet: str, limit: int
) -> dict[tuple[Any, ...], list[Document]]:
    """Split each group by a facet and keep the largest `limit` groups of each."""
    split: dict[tuple[Any, ...], list[Document]] = {}
    for values, documents in groups.items():
        inside: dict[Any, list[Document]] = {}
        for item in documents:
            for value in dict.fromkeys(_facet(item, facet)):
                inside.setdefault(value, []).append(item)
        largest = sorted(inside.items(), key=lambda pair: -len(pair[1]))[:limit]
        split.update({(*values, value): found for value, found in largest})
    return split


def _facet(item: Document, name: str) -> list[Any]:
    """Return the countable values of a facet; `name` may begin with `@`."""
    found = item.values(name.removeprefix("@"), is_facet=name.startswith("@"))
    return [value for value in found if not isinstance(value, dict)]


def _sorted(buckets: list[Row], computes: list[tuple[str, str]], sort: Body) -> list[Row]:
    """Return the buckets by the sort's compute, else by the first one, largest first."""
    named = text_of(sort, "aggregation") or computes[0][0], text_of(sort, "metric")
    key = f"c{computes.index(named)}" if named in computes else "c0"
    is_falling = text_of(sort, "order") != "asc"
    return sorted(buckets, key=lambda bucket: bucket["computes"][key] or 0, reverse=is_falling)
