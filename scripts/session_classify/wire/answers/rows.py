"""Rows of an export, one JSON object a line: numbering and decoding."""

import codecs
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from session_classify.jsontext import mended

T = TypeVar("T")


def numbered_rows(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number from 1; blank lines and byte order marks are skipped."""
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if line.strip():
            yield number, line


def decoded_row(decoder: "msgspec.json.Decoder[T]", line: bytes) -> T:
    """Return the object of a line; raises msgspec.DecodeError for other content.

    JavaScript leaves a lone surrogate when it cuts an emoji, and tools print raw bytes: such lines
    are repaired first.
    """
    try:
        return decoder.decode(line)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return decoder.decode(mended(line))
