"""Pages of servers that answer badly now and then: all rows, or an error that says why."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from session_classify.exporting.paging import UnusablePageError, all_rows

ROWS = [{"n": number} for number in range(10)]


class Server:
    """Pages of three rows; `spoil` changes the answer to a call, by its number and cursor."""

    def __init__(self, spoil: Callable[[int, str, Any], Any]) -> None:
        self.spoil, self.limits = spoil, list[int]()

    def __call__(self, cursor: str, limit: int) -> bytes:
        """Answer a page."""
        self.limits.append(limit)
        start = int(cursor or 0)
        end = start + min(limit, 3)
        after = str(end) if end < len(ROWS) else None
        answer = {"data": ROWS[start:end], "meta": {"page": {"after": after}, "status": "done"}}
        found = self.spoil(len(self.limits), cursor, answer)
        return found if isinstance(found, bytes) else json.dumps(found).encode()


def half(answer: Any) -> bytes:
    data = json.dumps(answer).encode()
    return data[: len(data) // 2]


def cursor(answer: Any, after: str) -> Any:
    return {**answer, "meta": {"page": {"after": after}}}


SPOILS: dict[str, Callable[[Any], Any]] = {
    "half an answer": half,
    "nothing": lambda _: b"",
    "an error": lambda _: b"Error: HTTP 400: bad",
    "an error in the body": lambda _: {"errors": ["internal"]},
    "a timeout": lambda answer: {**answer, "meta": {**answer["meta"], "status": "timeout"}},
    "a warning": lambda answer: {**answer, "meta": {"warnings": [{"title": "rows are missing"}]}},
    "an earlier cursor": lambda answer: cursor(answer, "3"),
    "no rows": lambda answer: {**cursor(answer, "6"), "data": []},
}


def read(server: Server) -> list[Any]:
    return [json.loads(row) for row in all_rows(server, 1_000)]


@pytest.mark.parametrize("what", SPOILS)
@pytest.mark.parametrize("times", [1, 3])
def test_what_passes_costs_no_row(what: str, times: int) -> None:
    """A page is asked for again until it can be used, and its rows come in order."""
    hit = range(3, 3 + times)

    def spoil(number: int, _: str, answer: Any) -> Any:
        return SPOILS[what](answer) if number in hit else answer

    assert read(Server(spoil)) == ROWS


@pytest.mark.parametrize("what", [one for one in SPOILS if one != "no rows"])
def test_what_does_not_pass_is_an_error(what: str) -> None:
    """Rows that cannot be had are told, never left out."""
    server = Server(lambda _, at, answer: SPOILS[what](answer) if at == "6" else answer)

    with pytest.raises(UnusablePageError):
        read(server)
    assert server.limits == [1_000, 1_000, 1_000, 1_000, 200, 40]


def test_large_pages_are_asked_for_in_smaller_ones() -> None:
    """Where a server cuts large answers, fewer rows a page come through, from then on."""

    def spoil(_: int, __: str, answer: Any) -> Any:
        return half(answer) if server.limits[-1] > 200 else answer

    server = Server(spoil)

    assert read(server) == ROWS
    assert server.limits == [1_000, 1_000, 200, 200, 200, 200]


def test_an_empty_page_that_leads_nowhere_is_the_end() -> None:
    """Event searches end so; a page without rows that leads on is followed."""
    end = Server(lambda _, at, answer: cursor({"data": []}, "9") if at == "9" else answer)
    assert read(end) == ROWS[:9]

    on = Server(lambda n, _, answer: cursor({"data": []}, "0") if n == 1 else answer)
    assert read(on) == ROWS


def test_cursors_without_end_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty server could return them for ever."""
    monkeypatch.setattr("session_classify.exporting.paging._PAGES", 5)
    endless = Server(lambda n, _, __: cursor({"data": ROWS[:1]}, f"{n}"))

    with pytest.raises(UnusablePageError, match="goes on after 5 pages"):
        read(endless)


def test_a_lone_surrogate_costs_no_page() -> None:
    """Programs that cut an emoji in half leave one: it is spelled out."""
    page = b'{"data": [{"text": "\\ud83d"}, {"text": "b"}]}'

    assert len(list(all_rows(lambda _, __: page, 10))) == 2
