"""Rows that came in the answer for another slot than that of their own time: each is kept once.

A row at an edge comes in both answers. A server that filters by another time than a row's own,
such as the end of a span, answers with rows of other slots: they are left where they came from.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from session_classify.exporting.manifest import Part, written
from session_classify.exporting.packing import Packer, unpacked
from session_classify.exporting.rows import Row, event_row, span_row
from session_classify.exporting.slots import Slot, milliseconds
from session_classify.exporting.sources import SPANS


def settled(folder: Path, form: str, parts: Iterable[Part]) -> Iterator[Part]:
    """Write parts with strays anew, without those that another part has.

    Yields the parts that changed. Only the parts in question are read. Raises OSError.
    """
    listed = [(_slot(part), part) for part in parts if part.file]
    for source in sorted({part.source for _, part in listed if part.strays}):
        own = sorted((slot, part) for slot, part in listed if part.source == source)
        yield from _settled(folder, form, own)


def _settled(folder: Path, form: str, parts: list[tuple[Slot, Part]]) -> Iterator[Part]:
    mixed = [(slot, part) for slot, part in parts if part.strays]
    strays = [
        row for slot, part in mixed for row in _rows(folder, form, part) if not _is_in(slot, row)
    ]
    keys = {row.key for row in strays}
    had = {
        row.key
        for slot, part in parts
        if any(_is_in(slot, row) for row in strays)
        for row in _rows(folder, form, part)
        if row.key in keys and _is_in(slot, row)
    }
    for slot, part in mixed:
        packer, rows, left = Packer(form), 0, 0
        for row in _rows(folder, form, part):
            if not _is_in(slot, row):
                if row.key in had:
                    continue
                had.add(row.key)
                left += 1
            rows += 1
            packer.add(row.line)
        if rows < part.rows:
            fewer = msgspec.structs.replace(part, rows=rows, strays=left)
            yield written(fewer, folder / part.file, packer.finish())


def _rows(folder: Path, form: str, part: Part) -> Iterator[Row]:
    read = span_row if part.source == SPANS else event_row
    return map(read, unpacked(folder / part.file, form))


def _is_in(slot: Slot, row: Row) -> bool:
    return row.at is not None and slot.holds(row.at)


def _slot(part: Part) -> Slot:
    start, end = (datetime.fromisoformat(text) for text in (part.start, part.end))
    return Slot(milliseconds(start), milliseconds(end))
