"""Spans as an SDK sends them and as the local test agent keeps them (datadog-wire 3, 5 and 6)."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from session_classify.wire.trace.span_listing import Node


@dataclass(frozen=True, slots=True)
class SdkRecords:
    """What was sent: span rows as an export has them, and what judges and users said of spans."""

    rows: tuple[bytes, ...]
    judged: tuple[Node, ...]


def read_sent(data: bytes) -> SdkRecords | None:
    """Read the payload of an SDK, a test agent's list or its recorded requests.

    None when it is something else. Raises msgspec.DecodeError when it is no JSON.
    """
    spans, metrics = [], []
    for payload in _payloads(msgspec.json.decode(data)):
        spans += list(_spans(payload))
        metrics += list(_metrics(payload))
    if not spans and not metrics:
        return None
    return SdkRecords(tuple(map(_row, spans)), tuple(filter(None, map(_judged, metrics))))


def _payloads(value: Any) -> Iterator[Any]:
    """Yield the payloads in a list of recorded requests, else the value itself."""
    requests = value if isinstance(value, list) else []
    if not any(isinstance(one, dict) and "url" in one and "body" in one for one in requests):
        yield value
        return
    for one in requests:
        if isinstance(one, dict) and isinstance(one.get("body"), str):
            try:
                yield msgspec.json.decode(base64.b64decode(one["body"]))
            except (ValueError, msgspec.DecodeError):
                continue  # traces and metrics travel in other formats


def _spans(payload: Any) -> Iterator[dict[str, Any]]:
    """Yield the spans of one payload: batches, a hook's list, a query's hits, a trace by id."""
    if isinstance(payload, list):
        for part in payload:
            yield from _spans(part) if isinstance(part, dict) else ()
        return
    found = _object(payload)
    found = _object(found, "data") or found
    listed = [*_dicts(found.get("spans"))]
    hits = [_object(_object(hit, "event"), "custom") for hit in _hits(found)]
    by_id = _object(_object(found, "attributes"), "spans")
    for span in (*listed, *hits, *_dicts(list(by_id.values()))):
        if "span_id" in span and isinstance(span.get("meta"), dict):
            yield span


def _hits(found: dict[str, Any]) -> list[dict[str, Any]]:
    result = _object(found, "result")
    return _dicts(result.get("events")) or [{"event": result}]


def _metrics(payload: Any) -> Iterator[dict[str, Any]]:
    data = _object(payload)
    data = _object(data, "data") or data
    if data.get("type") == "evaluation_metric":
        yield from _dicts(_object(data, "attributes").get("metrics"))


_SAME = tuple(
    """span_id trace_id parent_id name status duration ml_app session_id tags
    collection_errors""".split()
)
"""Fields that an SDK and the export call the same."""


def _row(span: dict[str, Any]) -> bytes:
    """Return a span as a row of the export."""
    meta = _object(span, "meta")
    kind = _object(meta, "span").get("kind") or meta.get("kind") or span.get("kind")
    attributes = {key: span[key] for key in _SAME if span.get(key)}
    attributes |= {
        "start_ns": span.get("start_ns") or span.get("start") or 0,
        "span_kind": kind or "",
        "model_name": meta.get("model_name") or "",
        "metadata": _object(meta, "metadata"),
        "metrics": _object(span, "metrics"),
        "input": _object(meta, "input"),
        "output": _object(meta, "output"),
        "error": meta.get("error") or None,
        "expected_output": meta.get("expected_output"),
        "tool_definitions": _dicts(meta.get("tool_definitions")),
        "evaluation": _object(span, "evaluation") or None,
    }
    return json.dumps({"id": span["span_id"], "type": "span", "attributes": attributes}).encode()


def _judged(metric: dict[str, Any]) -> Node | None:
    """Return a submitted evaluation or feedback as a span's own; None where it names no span."""
    joined = _object(_object(metric, "join_on"), "span")
    if not joined.get("span_id") or not metric.get("label"):
        return None
    value = next((v for k, v in metric.items() if k.endswith("_value")), None)
    told = {
        key: metric[key]
        for key in ("assessment", "reasoning", "event_kind", "tags")
        if key in metric
    }
    return Node(
        span_id=str(joined["span_id"]),
        trace_id=str(joined.get("trace_id") or ""),
        evaluation={str(metric["label"]): {"value": value, "status": "OK", **told}},
    )


def _object(value: Any, key: str | None = None) -> dict[str, Any]:
    found = value.get(key) if key is not None and isinstance(value, dict) else value
    return found if isinstance(found, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
