"""All rows of a query, page by page, from servers that answer badly now and then."""

from collections.abc import Callable, Iterator

import msgspec

from session_classify.errors import UnreachableError
from session_classify.jsontext import UNREADABLE
from session_classify.queries.pages import read_page
from session_classify.wire.answers.rows import decoded_row

Ask = Callable[[str, int], bytes]
"""Returns the page at a cursor with at most so many rows."""
_PAGES = 10_000
"""Most pages of a query: a faulty server could return cursors for ever."""


class UnusablePageError(UnreachableError):
    """A server answers a page in a way that cannot be used, again and again."""


class _Rows(msgspec.Struct):
    data: list[msgspec.Raw]


_rows = msgspec.json.Decoder(_Rows)


class _Page(msgspec.Struct, frozen=True):
    rows: tuple[bytes, ...]
    after: str
    limit: int
    """With which it could be used."""


def all_rows(ask: Ask, limit: int) -> Iterator[bytes]:
    """Yield the rows of a query up to its end; some may come twice.

    The end is a page without a cursor, or one without rows that has no further cursor however
    often it is asked for. Raises UnusablePageError where a page stays unusable, and what `ask`
    raises.
    """
    cursor, seen = "", {""}
    for _ in range(_PAGES):
        page = _usable(ask, cursor, seen, limit)
        yield from page.rows
        if not page.after:
            return
        cursor, limit = page.after, page.limit
        seen.add(cursor)
    raise UnusablePageError(f"it goes on after {_PAGES:,} pages")


def _usable(ask: Ask, cursor: str, seen: set[str], limit: int) -> _Page:
    """Ask for a page until it can be used, each time with fewer rows: large answers are cut."""
    why: str | None = None
    for most in (limit, limit, max(limit // 5, 1), max(limit // 25, 1)):
        data = ask(cursor, most)
        try:
            found = decoded_row(_rows, data).data
        except UNREADABLE:
            why = f"the answer is no JSON with rows ({len(data):,} bytes): it is cut, or an error"
            continue
        page = read_page(data)
        if page.status == "timeout" or page.warnings:
            why = "; ".join(page.warnings) or "the search timed out, and rows are missing"
        elif page.after in seen - {""} and found:
            why = "the cursor of the next page is that of an earlier one"
        elif page.after in seen - {""}:
            why = None  # an empty page that leads nowhere: the end, or a hiccup
        else:
            return _Page(tuple(map(bytes, found)), page.after, most)
    if why is None:
        return _Page((), "", limit)
    raise UnusablePageError(why)
