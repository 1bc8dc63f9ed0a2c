"""Tables of ratings as rows: JSON lines, and CSV as spreadsheets write it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from session_classify.errors import UnusableInputError, UsageError
from session_classify.jsontext import UNREADABLE

Row = tuple[int, dict[str, Any]]
"""A row by column or key, and the line on which it ends."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (",", ";", "\t", "|")
_DIRECTIVE = "sep="
"""The first line by which Excel is told the separator."""


def rows_of(text: str, path: Path) -> Iterator[Row]:
    """Yield the rows of a table that are not blank; heads in lower case, with `_` for blanks.

    Raises UnusableInputError, with the line, for what cannot be read whole.
    """
    if text.lstrip()[:1] in ("{", "["):
        yield from _lines(text, path)
        return
    try:
        yield from _csv(text, path)
    except csv.Error as error:
        raise UnusableInputError(
            f"{path} cannot be read as CSV: {error}; a quotation mark may be left open"
        ) from error


def text_of(data: bytes, path: Path) -> str:
    """Return the text of a table in UTF-8 or UTF-16, without its byte order mark.

    Raises UnusableInputError.
    """
    coding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        return data.decode(coding)
    except UnicodeDecodeError as error:
        raise UnusableInputError(
            f"{path} is not UTF-8: {error.reason}; save it as UTF-8"
        ) from error


def head_of(text: str, path: Path) -> tuple[str, list[str]]:
    """Return the separator and the columns of a table in CSV; raises UsageError for others."""
    line = _first_line(text)
    if line.lstrip()[:1] in ("{", "["):
        raise UsageError(f"{path} is no table in CSV; name another one with --labels")
    separator = _separator(line)
    return separator, [_named(cell) for cell in next(csv.reader([line], delimiter=separator))]


def _lines(text: str, path: Path) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except UNREADABLE as error:
            raise UnusableInputError(
                f"{path}, line {number}: {error}; expected a run, JSON lines or a table in CSV"
            ) from error
        if not isinstance(row, dict):
            raise UnusableInputError(
                f"{path}, line {number}: expected one object a line (jq -c '.[]' splits an array)"
            )
        yield number, row


def _csv(text: str, path: Path) -> Iterator[Row]:
    first = _first_line(text)
    separator = _separator(first)
    if first.casefold().startswith(_DIRECTIVE):
        text = text.partition(first)[2]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    head: list[str] | None = None
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if head is None:
            head = [_named(cell) for cell in cells]
            if twice := [name for name, count in Counter(filter(None, head)).items() if count > 1]:
                raise UnusableInputError(f"{path} has two columns {twice[0]}; drop or rename one")
            continue
        yield reader.line_num, dict(zip(head, cells, strict=False))


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _named(cell: str) -> str:
    return "_".join(cell.casefold().replace("-", " ").replace("_", " ").split())


def _separator(head: str) -> str:
    """Return what separates the columns of a head; a comma where it has one column."""
    if head.casefold().startswith(_DIRECTIVE):
        return head[len(_DIRECTIVE) :].strip("\r\n\"'")[:1] or ","
    return max(_SEPARATORS, key=head.count)
