"""Detect the type of an answer by its keys, never by its file name."""

from enum import StrEnum

import msgspec

from session_classify.backends.failures import Kind, read_failure
from session_classify.jsontext import UNREADABLE
from session_classify.wire.answers.payload import Payload


class Shape(StrEnum):
    """The answers that a session is gathered from (references/sources/spans.md and rum.md)."""

    LOOP = "agent loop"
    NODES = "list of spans"
    CONTENT = "span content"
    SPANS = "exported spans"
    SENT = "spans as they were sent"
    RUM = "RUM events"
    RUM_COUNTS = "RUM counts"
    AUDIT = "audit events"
    EMPTY = "empty answer"
    MISSING = "not found (404)"
    ERROR = "error answer"
    OTHER = "something else"


class _Keys(msgspec.Struct):
    """The keys that distinguish types, undecoded; empty where missing."""

    iterations: msgspec.Raw = msgspec.Raw()
    spans: msgspec.Raw = msgspec.Raw()
    error_spans: msgspec.Raw = msgspec.Raw()
    span_id: msgspec.Raw = msgspec.Raw()
    field: msgspec.Raw = msgspec.Raw()
    content: msgspec.Raw = msgspec.Raw()
    buckets: msgspec.Raw = msgspec.Raw()
    data: msgspec.Raw = msgspec.Raw()
    attributes: msgspec.Raw = msgspec.Raw()
    type: msgspec.Raw = msgspec.Raw()
    errors: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    meta: msgspec.Raw = msgspec.Raw()
    url: msgspec.Raw = msgspec.Raw()
    body: msgspec.Raw = msgspec.Raw()
    otlp: msgspec.Raw = msgspec.field(name="resourceSpans", default=msgspec.Raw())


class _Batch(msgspec.Struct):
    """What is around many spans; a span of its own has other keys."""

    spans: msgspec.Raw = msgspec.Raw()


class _Event(msgspec.Struct):
    span_id: msgspec.Raw = msgspec.Raw()
    attributes: dict[str, msgspec.Raw] | None = None


_BY_TYPE = {b'"span"': Shape.SPANS, b'"rum"': Shape.RUM, b'"audit"': Shape.AUDIT}
_FEW_LINES = 5
"""Most lines of a server's message; longer texts are content."""
_AUDIT_KEYS = frozenset({"asset", "http", "evt"})


def shape_of(payload: Payload) -> tuple[Shape, list[bytes]]:
    """Return the type of an answer and its rows, where it is a list of rows.

    Rows are in a search answer's `data`, in the bare list of pup's agent mode, or in a file with
    one JSON object a line.
    """
    if not payload.is_json:
        return _of_text(payload), []
    try:
        if payload.data.lstrip()[:1] == b"[":
            return _of_rows(
                list(map(bytes, msgspec.json.decode(payload.data, type=list[msgspec.Raw])))
            )
        return _of_object(payload.data)
    except UNREADABLE:
        lines = [line for line in payload.data.splitlines() if line.strip()]
        return _of_rows(lines) if len(lines) > 1 else (Shape.OTHER, [])


def _of_text(payload: Payload) -> Shape:
    lines = payload.data[:4_000].decode("utf-8", "replace").splitlines()
    if any("\t" in line for line in lines[:20]):
        return Shape.RUM
    is_error = "error answer" in payload.envelope
    if (is_error or len(lines) <= _FEW_LINES) and read_failure(payload.data).kind is Kind.MISSING:
        return Shape.MISSING
    return Shape.ERROR if is_error else Shape.OTHER


def _of_object(data: bytes) -> tuple[Shape, list[bytes]]:
    keys = msgspec.json.decode(data, type=_Keys)
    if bytes(keys.iterations):
        return Shape.LOOP, []
    if bytes(keys.otlp) or _sent_data(keys):
        return Shape.SENT, []
    if bytes(keys.spans) or bytes(keys.error_spans):
        return (Shape.SENT if _is_sent(bytes(keys.spans)) else Shape.NODES), []
    if bytes(keys.field) and bytes(keys.span_id):
        return Shape.CONTENT, []
    inner = bytes(keys.data)
    if b'"events"' in bytes(keys.result)[:200] or b'"custom"' in bytes(keys.result)[:4_000]:
        return Shape.SENT, []
    if bytes(keys.buckets) or b'"buckets"' in inner[:40]:
        return Shape.RUM_COUNTS, []
    if inner[:1] == b"[":
        return _of_rows(list(map(bytes, msgspec.json.decode(inner, type=list[msgspec.Raw]))))
    if inner[:1] == b"{":
        return _of_object(inner)
    if bytes(keys.attributes):
        return _of_rows([data])
    return (Shape.NODES, [data]) if bytes(keys.span_id) else (Shape.OTHER, [])


def _of_rows(rows: list[bytes]) -> tuple[Shape, list[bytes]]:
    if not rows:
        return Shape.EMPTY, []
    for row in rows:
        try:
            shape = _of_row(row)
        except UNREADABLE:
            continue  # another row may show the type
        if shape is not None:
            return shape, [] if shape in (Shape.SENT, Shape.NODES) else rows
    return Shape.OTHER, []


def _of_row(row: bytes) -> Shape | None:
    """Return the type that one row shows; None where it shows none."""
    keys = msgspec.json.decode(row, type=_Keys)
    if bytes(keys.otlp) or (bytes(keys.url) and bytes(keys.body)):
        return Shape.SENT
    if (bytes(keys.spans) and _is_sent(bytes(keys.spans))) or _sent_data(keys):
        return Shape.SENT
    known = _BY_TYPE.get(bytes(keys.type))
    if known and bytes(keys.attributes):
        return known
    if bytes(keys.attributes)[:1] == b"{":
        return _of_event(bytes(keys.attributes))
    return Shape.NODES if bytes(keys.span_id) else None


def _of_event(attributes: bytes) -> Shape:
    event = msgspec.json.decode(attributes, type=_Event)
    if bytes(event.span_id):
        return Shape.SPANS
    inner = event.attributes or {}
    return Shape.AUDIT if _AUDIT_KEYS & inner.keys() else Shape.RUM


def _is_sent(spans: bytes) -> bool:
    """Return whether spans are in the SDK's format, with all content under `meta`."""
    try:
        listed = msgspec.json.decode(spans, type=list[_Keys])
    except UNREADABLE:
        return False
    return any(bytes(span.meta)[:1] == b"{" for span in listed)


def _sent_data(keys: _Keys) -> bool:
    """Tell a submission of evaluations or of spans, and a test agent's trace, inside `data`."""
    if bytes(keys.type) == b'"evaluation_metric"':
        return True
    if bytes(keys.type) not in (b'"trace"', b'"span"', b'"spans"'):
        return False
    attributes = msgspec.json.decode(bytes(keys.attributes) or b"null", type=_Batch | None)
    return attributes is not None and bytes(attributes.spans)[:1] in (b"[", b"{")
