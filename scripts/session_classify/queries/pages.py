"""What a page of a search says about itself, beside its rows (datadog-wire 1.9 and 2.1)."""

from dataclasses import dataclass
from typing import Any

import msgspec

from session_classify.jsontext import UNREADABLE


class _PageFile(msgspec.Struct):
    after: str | None = None


class _WarningFile(msgspec.Struct):
    title: str | None = None
    detail: str | None = None


class _MetaFile(msgspec.Struct):
    status: Any = None
    warnings: list[_WarningFile] | None = None
    page: _PageFile | None = None


class _ExportFile(msgspec.Struct):
    meta: _MetaFile | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """How a page ended: its status, and the cursor of the next one; empty where it says none."""

    status: str = ""
    after: str = ""
    warnings: tuple[str, ...] = ()


def read_page(data: bytes) -> Page:
    """Return what an answer says of itself.

    Empty for an answer that has no page around its rows: rows one a line, a bare list, an error.
    """
    try:
        meta = msgspec.json.decode(data, type=_ExportFile).meta or _MetaFile()
    except UNREADABLE:
        return Page()
    warnings = tuple(w.detail or w.title or "no reason given" for w in meta.warnings or ())
    return Page(str(meta.status or ""), (meta.page.after if meta.page else "") or "", warnings)
