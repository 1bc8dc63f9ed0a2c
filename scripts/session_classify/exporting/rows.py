"""Rows as an API answers them: what identifies one, when it happened, and whose it is."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import msgspec

from session_classify.instants import any_instant, nanoseconds
from session_classify.jsontext import UNREADABLE
from session_classify.wire.answers.rows import decoded_row
from session_classify.wire.trace.spans import tag


class _Span(msgspec.Struct):
    span_id: str | int
    trace_id: str | int
    start_ns: Any = None
    ml_app: Any = None
    tags: Any = None


class _SpanRow(msgspec.Struct):
    attributes: _Span


class _Event(msgspec.Struct):
    timestamp: Any = None


class _EventRow(msgspec.Struct):
    attributes: _Event
    id: str | int


_span_rows = msgspec.json.Decoder(_SpanRow)
_event_rows = msgspec.json.Decoder(_EventRow)


class Row(msgspec.Struct, frozen=True):
    """One row, and what places it."""

    key: str
    """Equal for rows of the same span or event; a digest of the row where it names none."""
    at: int | None
    """Its own time in nanoseconds since 1970; None where it has none that can be read."""
    line: bytes
    """The row on one line, without a line feed."""
    apps: tuple[str, ...] = ()
    """The apps that a span names, in its field or by its tag."""


class Users(msgspec.Struct, frozen=True):
    """The users that spans name, sorted."""

    ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


def span_row(raw: bytes) -> Row:
    """Return an exported span as a row. Source: `references/sources/spans.md#span-export`."""
    line = _one_line(raw)
    try:
        span = decoded_row(_span_rows, line).attributes
    except UNREADABLE:
        return Row(_digest(line), None, line)
    named = (span.ml_app, tag(_texts(span.tags), "ml_app"))
    apps = tuple(app for app in named if isinstance(app, str) and app)
    return Row(f"{span.trace_id}/{span.span_id}", _nanoseconds(span.start_ns), line, apps)


def event_row(raw: bytes) -> Row:
    """Return a RUM or audit event as a row. Source: `references/sources/rum.md#rum-events`."""
    line = _one_line(raw)
    try:
        row = decoded_row(_event_rows, line)
    except UNREADABLE:
        return Row(_digest(line), None, line)
    try:
        at = nanoseconds(round(any_instant(row.attributes.timestamp).timestamp() * 1_000))
    except (ValueError, OverflowError, TypeError, AttributeError):
        at = None
    return Row(str(row.id), at, line)


def users(lines: Iterable[bytes]) -> Users:
    """Return the users that exported spans name: as the evidence of a session names them."""
    ids: set[str] = set()
    emails: set[str] = set()
    for line in lines:
        try:
            tags = _texts(decoded_row(_span_rows, line).attributes.tags)
        except UNREADABLE:
            continue
        ids.add(tag(tags, "usr.id"))
        emails.add(tag(tags, "user_handle") or tag(tags, "usr.email"))
    return Users(tuple(sorted(ids - {""})), tuple(sorted(emails - {""})))


def _one_line(raw: bytes) -> bytes:
    # A line break in JSON stands between values only.
    return msgspec.json.format(raw, indent=-1) if b"\n" in raw or b"\r" in raw else raw


def _digest(line: bytes) -> str:
    return blake2b(line, digest_size=16).hexdigest()


def _nanoseconds(value: Any) -> int | None:
    try:
        return nanoseconds(value)
    except (ValueError, OverflowError, TypeError, ArithmeticError):
        return None


def _texts(tags: Any) -> tuple[str, ...]:
    return tuple(text for text in tags if isinstance(text, str)) if isinstance(tags, list) else ()
