"""Status and cursor of a page of search results, apart from its rows.

Source: `references/sources/spans.md#span-export`, `references/sources/rum.md#rum-events`.
"""

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


class Page(msgspec.Struct, frozen=True):
    """Status, warnings and next cursor of a page; empty fields where it has none."""

    status: str = ""
    after: str = ""
    warnings: tuple[str, ...] = ()


_FULL = frozenset((10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000))
"""Numbers of rows at which servers end a page."""


def may_go_on(page: Page, rows: int) -> bool:
    """Return whether there may be a further page: a short one has a cursor as well and is the last.

    Source: `references/sources/rum.md#rum-events`.
    """
    return bool(page.after) and rows in _FULL


def read_page(data: bytes) -> Page:
    """Return the page information of an answer.

    It is empty for an answer without a page object: rows as lines, a bare list, an error.
    """
    try:
        meta = msgspec.json.decode(data, type=_ExportFile).meta or _MetaFile()
    except UNREADABLE:
        return Page()
    warnings = tuple(w.detail or w.title or "no reason given" for w in meta.warnings or ())
    return Page(str(meta.status or ""), (meta.page.after if meta.page else "") or "", warnings)
