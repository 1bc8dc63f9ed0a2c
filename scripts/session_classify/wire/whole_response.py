"""Distinguish complete responses from empty, failed and partial ones."""

from typing import Any

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.masks import MASKS
from session_classify.queries.pages import read_page
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.shapes import Shape, shape_of
from session_classify.wire.rum.events import read_payload
from session_classify.wire.trace.span_listing import read_nodes

_MASKS = tuple(mask.strip("<>").encode() for mask in MASKS)
"""Without brackets, which pup prints as escapes."""
_FAILED = frozenset({"error", "failed", "failure", "timeout", "partial"})
_ROWS = frozenset({Shape.SPANS, Shape.AUDIT})
_NOTHING: tuple[Any, ...] = (None, "", "[]", "{}", "null", [], {})


class _Said(msgspec.Struct):
    """Fields of an object that show an incomplete answer."""

    error: Any = None
    errors: Any = None
    failed: Any = msgspec.field(name="isError", default=None)
    status: Any = None


class _Loop(msgspec.Struct):
    iterations: list[msgspec.Raw] | None = None


class _Content(msgspec.Struct):
    content: Any = None


def is_whole(data: bytes) -> bool:
    """Return whether a response holds rows or content, complete and unmasked.

    Only such a response is cached for a later run: an error, an empty result, a partial page and
    masked content may be different next time.
    """
    if any(mask in data for mask in _MASKS) or _says_failed(data):
        return False
    try:
        payloads = open_envelopes(data, "response")
        return all(not _says_failed(payload.data) and _holds(payload) for payload in payloads)
    except (UnusableInputError, msgspec.DecodeError, ValueError, TypeError, RecursionError):
        return False


def _says_failed(data: bytes) -> bool:
    if data.lstrip()[:1] != b"{":
        return False
    try:
        said = msgspec.json.decode(data, type=_Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True  # truncated, or of unknown type
    return bool(said.error or said.errors or said.failed) or said.status in _FAILED


def _holds(payload: Payload) -> bool:
    """Return whether one result without envelope is complete and not empty."""
    if payload.is_json:
        msgspec.json.decode(payload.data, type=msgspec.Raw)  # raises for truncated JSON
    shape, rows = shape_of(payload)
    if shape in (Shape.RUM, Shape.RUM_COUNTS):
        found = read_payload(payload)
        is_part = found.unreadable or (found.notes and shape is Shape.RUM)
        return bool(found.rows) and not is_part
    if shape in _ROWS:
        page = read_page(payload.data)
        return bool(rows) and page.status not in _FAILED and not page.warnings
    if shape is Shape.NODES:
        return bool(read_nodes(payload.data, payload.name).nodes)
    if shape is Shape.LOOP:
        return bool(msgspec.json.decode(payload.data, type=_Loop).iterations)
    if shape is Shape.CONTENT:
        return msgspec.json.decode(payload.data, type=_Content).content not in _NOTHING
    return False
