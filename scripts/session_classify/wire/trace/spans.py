"""Span rows as the LLM Observability Export API returns them.

Source: `references/sources/spans.md#span-export`.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from session_classify.instants import instant, nanoseconds
from session_classify.jsontext import shallow
from session_classify.model import JsonValue
from session_classify.wire.answers.rows import decoded_row, numbered_rows
from session_classify.wire.messages.decode import MessageStore
from session_classify.wire.messages.lists import listed_messages, messages_in_metadata
from session_classify.wire.messages.parts import Message

ROOT_PARENTS = frozenset({"", "undefined", "0"})

_Id = str | int


class _Content(msgspec.Struct):
    value: Any = None
    documents: Any = None
    messages: list[msgspec.Raw] | str | None = None


class _Attributes(msgspec.Struct):
    span_id: _Id
    trace_id: _Id
    start_ns: int | float | str
    parent_id: _Id | None = None
    name: str | None = ""
    span_kind: str | None = ""
    status: str | None = "ok"
    duration: int | float | None = 0
    ml_app: str | None = ""
    session_id: _Id | None = None
    model_name: str | None = ""
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None
    input: _Content | str | None = None
    output: _Content | str | None = None
    tool_definitions: list[Any] | None = None
    evaluation: dict[str, Any] | None = None
    error: dict[str, Any] | str | None = None
    expected_output: Any = None
    collection_errors: list[Any] | None = None


class _Row(msgspec.Struct):
    attributes: _Attributes


class Content(msgspec.Struct, frozen=True):
    """One side of a span: a value, or messages, or both."""

    value: JsonValue = None
    messages: tuple[Message, ...] = ()


class Span(msgspec.Struct, frozen=True):
    """One span, ids as strings, times as nanoseconds since 1970."""

    span_id: str
    trace_id: str
    parent_id: str
    """Empty for a root."""
    name: str
    kind: str
    status: str
    start: int
    duration: int
    ml_app: str
    session_id: str
    model: str
    tags: tuple[str, ...]
    metadata: dict[str, JsonValue]
    metrics: dict[str, JsonValue]
    input: Content
    output: Content
    tool_definitions: tuple[JsonValue, ...] = ()
    evaluation: dict[str, JsonValue] | None = None
    error: str = ""
    expected: JsonValue = None
    """What the record of an experiment wants the output to be."""
    is_dropped: bool = False
    """The SDK dropped input and output, because the span was too large."""

    @property
    def end(self) -> int:
        """Nanoseconds since 1970; an open span (duration 0 or -1) ends where it starts."""
        return self.start + max(self.duration, 0)

    @property
    def place(self) -> tuple[int, int, str]:
        """Where the span stands in time: a wrapper before what it starts with, whatever the file.

        Nothing tells apart what starts and lasts the same; the id makes the order a fixed one.
        """
        return self.start, -self.duration, self.span_id

    def tag(self, key: str) -> str:
        """Return the value of the first `key:value` tag, or an empty string."""
        return tag(self.tags, key)


class SpanRows(msgspec.Struct, frozen=True):
    """What a file of span rows holds, and one line for each row that could not be read."""

    spans: tuple[Span, ...]
    unreadable: tuple[str, ...]
    rows: int


def tag(tags: tuple[str, ...], key: str) -> str:
    """Return the value of the first `key:value` tag, or an empty string."""
    prefix = key + ":"
    return next((text[len(prefix) :] for text in tags if text.startswith(prefix)), "")


def ended(span: Span) -> datetime | None:
    """Return when a span ended; None for an open one (duration 0 or -1)."""
    return instant(span.end) if span.duration > 0 else None


def trace_key(trace_id: str) -> str:
    """Return a trace id to compare: the same id is written in hex or in decimal.

    An id of 32 digits is hex. Source: `references/sources/spans.md#ids`.
    """
    if len(trace_id) != 32 and len(trace_id) < 40 and trace_id.isdecimal():
        return f"{int(trace_id):032x}"
    return trace_id.lower()


def read_spans(lines: Iterable[bytes], name: str) -> SpanRows:
    """Decode one span a line; a line that does not parse is told by number and skipped.

    `name` is the file's name for those reports. Blank lines are no rows.
    """
    store = MessageStore()
    spans: dict[str, tuple[tuple[int, int, bytes], Span]] = {}
    unreadable: list[str] = []
    rows = 0
    for number, line in numbered_rows(lines):
        rows += 1
        try:
            span = _span(decoded_row(_row_decoder, line).attributes, store)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError) as error:
            unreadable.append(f"{name}:{number}: {reason(line, error)}")
        except RecursionError:
            unreadable.append(f"{name}:{number}: nested too deeply")
        else:
            # Pages that overlap repeat a row: the one that ended counts, then the larger one, so
            # that the order of rows decides nothing.
            key, rank = f"{span.trace_id}/{span.span_id}", (span.duration, len(line), line)
            if key not in spans or rank >= spans[key][0]:
                spans[key] = rank, span
    return SpanRows(tuple(span for _, span in spans.values()), tuple(unreadable), rows)


_row_decoder = msgspec.json.Decoder(_Row)


def reason(line: bytes, error: Exception) -> str:
    """Return in a few words why a line is not a span row, with the cure for the usual mix-up."""
    if isinstance(error, msgspec.ValidationError):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return str(error)
        if isinstance(value, dict) and isinstance(value.get("data"), list):
            return "a whole search answer; expected one span a line (jq -c '.data[]' splits it)"
        if isinstance(value, list):
            return "an array; expected one span a line (jq -c '.[]' splits it)"
        if isinstance(value, dict) and "span_id" in value and "attributes" not in value:
            return "a span without `attributes` around it (jq -c '{attributes: .}' adds them)"
        return f"JSON, but not a span row: {error}"
    if line.strip() in (b"{", b"["):
        return "JSON over several lines; expected one span a line (jq -c '.data[]' makes it so)"
    return f"not JSON: {error}"


def _span(row: _Attributes, store: MessageStore) -> Span:
    parent = str(row.parent_id) if row.parent_id is not None else ""
    tags = tuple(row.tags or ())
    start, duration = nanoseconds(row.start_ns), int(row.duration or 0)
    instant(start + max(duration, 0))  # raises OverflowError: a time that no calendar has
    return Span(
        span_id=str(row.span_id),
        trace_id=str(row.trace_id),
        parent_id="" if parent in ROOT_PARENTS else parent,
        name=row.name or "",
        kind=row.span_kind or "",
        status=row.status or "ok",
        start=start,
        duration=duration,
        ml_app=row.ml_app or tag(tags, "ml_app"),
        session_id=str(row.session_id) if row.session_id is not None else tag(tags, "session_id"),
        model=row.model_name or "",
        tags=tags,
        metadata=shallow(row.metadata or {}),
        metrics=shallow(row.metrics or {}),
        input=_content(row.input, store, listed=_listed(row, row.input, output=False)),
        output=_content(row.output, store, listed=_listed(row, row.output, output=True)),
        tool_definitions=tuple(shallow(row.tool_definitions or [])),
        evaluation=shallow(row.evaluation),
        error=_error(shallow(row.error), tags),
        expected=_expected(shallow(row.expected_output)),
        is_dropped="dropped_io" in (row.collection_errors or ()),
    )


def _listed(row: _Attributes, side: _Content | str | None, *, output: bool) -> list[JsonValue]:
    """Return the messages of a model span that lie elsewhere than under `messages`."""
    if row.span_kind != "llm" or (isinstance(side, _Content) and isinstance(side.messages, list)):
        return []
    value: Any = side
    if isinstance(side, _Content):
        value = side.value if side.messages is None else side.messages
    found = listed_messages(shallow(value))
    return found or messages_in_metadata(shallow(row.metadata or {}), output=output)


def _content(
    side: _Content | str | None, store: MessageStore, *, listed: list[JsonValue]
) -> Content:
    if listed:
        return Content(messages=tuple(m for value in listed for m in store.decode_value(value)))
    if side is None:
        return Content()
    if isinstance(side, str):
        return Content(value=side)
    value = shallow(side.documents if side.value is None else side.value)
    if isinstance(side.messages, str):
        is_empty = side.messages.strip() in ("", "[]")
        return Content(value, () if is_empty else (Message("", side.messages),))
    return Content(value, tuple(m for raw in side.messages or () for m in store.decode(raw)))


def _expected(side: JsonValue) -> JsonValue:
    """Return the value of an expected output, with or without the `value` that sides have."""
    if side in ({}, ""):
        return None
    return side["value"] if isinstance(side, dict) and set(side) == {"value"} else side


def _error(error: dict[str, Any] | str | None, tags: tuple[str, ...]) -> str:
    """Return the error's text; the Export API has no error object, only tags."""
    if isinstance(error, dict):
        parts = [str(error[key]) for key in ("type", "message") if error.get(key)]
        return ": ".join(parts)
    return error or tag(tags, "error_type")
