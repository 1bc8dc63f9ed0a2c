"""One answer from the pages of a search: a short page with a cursor may not be the last one.

Source: `references/sources/rum.md#rum-events`.
"""

from collections.abc import Callable

import msgspec

from session_classify.errors import AuthError, UnreachableError
from session_classify.jsontext import UNREADABLE
from session_classify.queries.pages import read_page

_MOST = 5
"""Most pages of one search."""


class _Rows(msgspec.Struct):
    data: list[msgspec.Raw]
    meta: msgspec.Raw = msgspec.Raw(b"{}")


def to_the_end(first: bytes, limit: int, following: Callable[[str], bytes]) -> bytes:
    """Return the first page, with the rows of the pages that follow it up to an empty one.

    `following` returns the page of a cursor. A page of `limit` rows is the last one here: callers
    narrow their search then. Where a page cannot be had, or there is no end, the answer says
    `metadata.truncated`.
    """
    rows: list[msgspec.Raw] = []
    page, pages, cursors = first, 0, set()
    while True:
        try:
            read = msgspec.json.decode(page, type=_Rows)
        except UNREADABLE:
            return _joined(rows, msgspec.Raw(b"{}"), is_cut=True) if pages else first
        rows += read.data
        pages += 1
        cursor = read_page(page).after
        is_end = not cursor or (not read.data and cursor in cursors)
        if is_end or len(read.data) >= limit:
            return first if pages == 1 else _joined(rows, read.meta)
        if pages == _MOST or cursor in cursors:
            return _joined(rows, read.meta, is_cut=True)
        cursors.add(cursor)
        try:
            page = following(cursor)
        except (AuthError, UnreachableError):
            return _joined(rows, read.meta, is_cut=True)


def _joined(rows: list[msgspec.Raw], meta: msgspec.Raw, *, is_cut: bool = False) -> bytes:
    cut = {"metadata": {"truncated": True}} if is_cut else {}
    return msgspec.json.encode({"data": rows, "meta": meta, **cut})
