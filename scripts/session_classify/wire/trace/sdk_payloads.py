"""Spans as SDKs and gateways send them and as the local test agent keeps them.

Sources: references/sources/spans.md#sdk-payloads, #spans-api and #local-test-agent.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.wire.answers.encodings import Budget, undone
from session_classify.wire.trace.otlp import count_spans, is_otlp, otlp_spans
from session_classify.wire.trace.otlp_protobuf import read_protobuf
from session_classify.wire.trace.span_listing import Node


class SdkRecords(msgspec.Struct, frozen=True):
    """Span rows in the format of an export, and submitted evaluations."""

    rows: tuple[bytes, ...]
    judged: tuple[Node, ...]
    notes: tuple[str, ...] = ()
    """What lies there and is not read: how much of it, and of which kind."""


def read_sent(data: bytes) -> SdkRecords | None:
    """Decode the payload of an SDK, a test agent's list or its recorded requests.

    None for other content. Raises msgspec.DecodeError for invalid JSON.
    """
    spans, metrics, notes = list[dict[str, Any]](), list[dict[str, Any]](), list[str]()
    for payload in _payloads(msgspec.json.decode(data), notes):
        if not is_otlp(payload):
            spans += list(_spans(payload))
            metrics += list(_metrics(payload))
        elif found := list(otlp_spans(payload)):
            spans += found
        elif count := count_spans(payload):
            notes.append(f"{count} OpenTelemetry spans without gen_ai attributes are not read")
    if not spans and not metrics and not notes:
        return None
    judged = tuple(filter(None, map(_judged, metrics)))
    return SdkRecords(tuple(map(_row, spans)), judged, tuple(notes))


def _payloads(value: Any, notes: list[str]) -> Iterator[Any]:
    """Yield the payloads in a list of recorded requests, else the value itself.

    Requests of OpenTelemetry that cannot be read are noted.
    """
    requests = value if isinstance(value, list) else []
    if not any(isinstance(one, dict) and "url" in one and "body" in one for one in requests):
        yield value
        return
    for one in requests:
        if not isinstance(one, dict) or not isinstance(one.get("body"), str):
            continue
        of_otlp = str(one.get("url") or "").partition("?")[0].endswith("/v1/traces")
        try:
            body = base64.b64decode(one["body"])
            encoded = undone(body, Budget("a recorded request"))
            body = encoded[1] if encoded else body
            yield (read_protobuf(body) if of_otlp else None) or msgspec.json.decode(body)
        except (ValueError, msgspec.DecodeError, UnusableInputError):
            if of_otlp:  # traces and metrics of the tracer travel in other formats
                notes.append(f"an OpenTelemetry request of {len(body):,} bytes is not read")


def _spans(payload: Any) -> Iterator[dict[str, Any]]:
    """Yield the spans of one payload: batches, a hook's list, a query's hits, a trace by id."""
    if isinstance(payload, list):
        for part in payload:
            yield from _spans(part) if isinstance(part, dict) else ()
        return
    found = _object(payload)
    if isinstance(found.get("data"), list):
        yield from _spans(found["data"])
        return
    found = _object(found, "data") or found
    attributes = _object(found, "attributes")
    hits = [_object(_object(hit, "event"), "custom") for hit in _hits(found)]
    by_id = list(_object(attributes, "spans").values())
    batches = ((found, found.get("spans")), (attributes, attributes.get("spans")))
    listed = [_of_batch(span, batch) for batch, spans in batches for span in _dicts(spans)]
    for span in (*listed, *hits, *_dicts(by_id)):
        if "span_id" in span and isinstance(span.get("meta"), dict):
            yield span


def _of_batch(span: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
    """Return a span with what its batch says of all its spans; what it says itself counts first.

    Source: references/sources/spans.md#spans-api.
    """
    own = [tag for tag in span.get("tags") or () if isinstance(tag, str)]
    keys = {tag.partition(":")[0] for tag in own}
    shared = [tag for tag in batch.get("tags") or () if isinstance(tag, str)]
    more = [tag for tag in shared if tag.partition(":")[0] not in keys]
    given = {
        key: batch[key]
        for key in ("ml_app", "session_id")
        if batch.get(key) and not span.get(key) and key not in keys
    }
    return {**span, **given, "tags": own + more} if more or given else span


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
        "model_name": meta.get("model_name") or _object(meta, "metadata").get("model_name") or "",
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
    """Return a submitted evaluation or feedback; None where it names no span."""
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
