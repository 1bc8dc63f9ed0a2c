"""The pages of a search as one answer."""

import json
from collections.abc import Callable

import pytest

from session_classify.backends.api_pages import to_the_end
from session_classify.backends.failures import NO_ANSWER, as_answer
from session_classify.errors import UnreachableError
from session_classify.wire.answers.truncation import says_truncated

Pages = dict[str, bytes]


def page(rows: int, after: str | None = None, first: int = 0) -> bytes:
    """Return a page of numbered rows."""
    listed = [{"id": f"made-up-{first + number}"} for number in range(rows)]
    return json.dumps({"data": listed, "meta": {"page": {"after": after}}}).encode()


def following(pages: Pages) -> Callable[[str], bytes]:
    """Return what gives the page of a cursor, and raises without one."""

    def ask(cursor: str) -> bytes:
        if cursor not in pages:
            raise UnreachableError("made up: it does not answer")
        return pages[cursor]

    return ask


@pytest.mark.parametrize(
    ("first", "pages", "rows", "is_cut"),
    [
        (page(3), {}, 3, False),
        (page(0), {}, 0, False),
        (page(3, "b"), {"b": b'{"data": []}'}, 3, False),
        (page(2, "b"), {"b": page(2, "c", 2), "c": page(0)}, 4, False),
        (page(2, "b"), {"b": page(0, "c"), "c": page(1, first=2)}, 3, False),
        (page(2, "b"), {"b": page(0, "b")}, 2, False),
        (page(10, "b"), {"b": page(1, first=10)}, 10, False),
        (page(2, "b"), {}, 2, True),
        (page(2, "b"), {"b": b"<html>busy</html>"}, 2, True),
        (page(2, "b"), {"b": as_answer("made up", NO_ANSWER)}, 2, True),
        (page(2, "b"), {"b": page(2, "b", 2)}, 4, True),
        (page(1, "1"), {str(n): page(1, str(n + 1), n) for n in range(1, 90)}, 5, True),
    ],
)
def test_pages_are_followed_to_an_empty_one(
    first: bytes, pages: Pages, rows: int, *, is_cut: bool
) -> None:
    """No row is lost or doubled, and an answer without its end says so; a full page ends it."""
    found = to_the_end(first, 10, following(pages))

    read = json.loads(found)
    assert [row["id"] for row in read["data"]] == [f"made-up-{n}" for n in range(rows)]
    assert says_truncated(found) == is_cut


def test_what_is_no_page_is_left_as_it_is() -> None:
    """An error in the place of the first page is the answer."""
    error = as_answer("made up", NO_ANSWER)

    assert to_the_end(error, 10, following({})) == error
