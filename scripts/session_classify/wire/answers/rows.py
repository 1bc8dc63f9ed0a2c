"""Rows of an export, one JSON object a line: which of them count, and what a line decodes to."""

import codecs
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from session_classify.jsontext import mended

T = TypeVar("T")


def numbered_rows(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number from 1 on; blank lines are no rows, and a mark is no text."""
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if line.strip():
            yield number, line


def decoded_row(decoder: "msgspec.json.Decoder[T]", line: bytes) -> T:
    """Return what a line holds; raises msgspec.DecodeError where it is no JSON, or another shape.

    JavaScript writes half a surrogate pair when it cuts an emoji, and tools print raw bytes: what
    the decoder refuses for that is mended first.
    """
    try:
        return decoder.decode(line)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return decoder.decode(mended(line))
