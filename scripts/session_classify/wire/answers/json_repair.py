"""Repair JSON that other programs damaged: lone surrogates, invalid UTF-8."""

from msgspec.structs import replace

from session_classify.jsontext import mended
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.shapes import Shape, shape_of


def recognized(payload: Payload) -> tuple[Payload, Shape, list[bytes]]:
    """Return a payload with its shape and rows (`shape_of`), repaired only if necessary."""
    shape, rows = shape_of(payload)
    if shape is not Shape.OTHER or not payload.is_json:
        return payload, shape, rows
    data = mended(payload.data)
    if data == payload.data:
        return payload, shape, rows
    payload = replace(payload, data=data)
    return payload, *shape_of(payload)
