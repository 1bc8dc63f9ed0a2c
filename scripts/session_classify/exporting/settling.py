"""Rows that came in the answer for another time than their own: each is kept once.

A server that filters by another time than a row's own, such as the end of a span, answers with
rows that belong to another slot. They are left where they came from, unless another part has them.
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


def settled(folder: Path, form: str, parts: Iterable[Part]) -> tuple[Part, ...]:
    """Write parts anew without rows that another part has or that are outside the whole export.

    Returns the parts that changed. Raises OSError.
    """
    listed = sorted(parts, key=lambda part: part.place)
    changed: list[Part] = []
    for source in sorted({part.source for part in listed if part.strays}):
        own = [part for part in listed if part.source == source]
        changed += _settled(folder, form, own)
    return tuple(changed)


def _settled(folder: Path, form: str, parts: list[Part]) -> Iterator[Part]:
    whole = Slot(min(_slot(part).start for part in parts), max(_slot(part).end for part in parts))
    mixed = [part for part in parts if part.strays]
    strays = {
        row.key for part in mixed for row in _rows(folder, form, part) if not _is_own(part, row)
    }
    had = {
        row.key
        for part in parts
        for row in _rows(folder, form, part)
        if row.key in strays and _is_own(part, row)
    }
    for part in mixed:
        packer, rows, left = Packer(form), 0, 0
        for row in _rows(folder, form, part):
            if not _is_own(part, row):
                if row.key in had or (row.at is not None and not whole.holds(row.at)):
                    continue
                had.add(row.key)
                left += 1
            rows += 1
            packer.add(row.line)
        if rows < part.rows:
            path = folder / part.file
            fewer = msgspec.structs.replace(part, rows=rows, strays=left)
            yield written(fewer, path, packer.finish())


def _rows(folder: Path, form: str, part: Part) -> Iterator[Row]:
    if not part.file:
        return
    read = span_row if part.source == SPANS else event_row
    for line in unpacked(folder / part.file, form):
        yield read(line)


def _is_own(part: Part, row: Row) -> bool:
    return row.at is not None and _slot(part).holds(row.at)


def _slot(part: Part) -> Slot:
    start, end = (datetime.fromisoformat(text) for text in (part.start, part.end))
    return Slot(milliseconds(start), milliseconds(end))
