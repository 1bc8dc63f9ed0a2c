"""RUM answers: tables, searches, rows one a line, counts; pages, repetitions and odd rows."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from session_classify.errors import UnusableInputError
from session_classify.instants import any_instant, stamp
from session_classify.wire.rum.events import RumAnswer, read_rum
from session_classify.wire.rum.owner import all_events, own_events
from session_classify.wire.rum.pages import RumRows, joined, with_end
from tests.rum_rows import a_rum_row, a_rum_session

VIEWS = (
    "timestamp\tview_url\t@view.time_spent\n"
    "2026-11-20T05:09:00.123Z\thttps://app.example.com/a?x=1\t24500000000\n"
    "2026-11-20T05:10:00.000Z\thttps://app.example.com/b\t1000000\n"
)
ACTIONS = (
    "timestamp\t@action.name\tview_url\n"
    "2026-11-20T07:09:01.5+02:00\tmade.up.open\thttps://app.example.com/a\n"
)
ROWS = [
    a_rum_row(event, number)
    for number, event in enumerate(
        [
            {"at": 0, "url": "/a", "for": 24.5, "flags": {"new_ui": True}},
            {"at": 5, "action": "assistant.send", "context": {"tracking": {"status": "error"}}},
            {"at": 9, "type": "error"},
        ],
        start=1,
    )
]
SEARCH = {"data": ROWS, "links": {}, "meta": {"status": "done"}}


def read(*texts: str) -> RumRows:
    """Read several files and join them."""
    return joined(answer for text in texts for answer in read_rum(text.encode(), "made-up"))


def answer(text: str) -> RumAnswer:
    """Read a file that holds one answer."""
    (found,) = read_rum(text.encode(), "made-up")
    return found


def blocks(*texts: str) -> str:
    """Return texts as a client persists them."""
    return json.dumps([{"type": "text", "text": text} for text in texts])


META = "<METADATA>\n  is_truncated: true\n  displayed_rows: 2\n</METADATA>\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(META + VIEWS, id="metadata-in-front"),
        pytest.param(VIEWS + "\nis_truncated: true\ndisplayed_rows: 2\n", id="metadata-behind"),
        pytest.param(blocks(META + VIEWS), id="one-block"),
        pytest.param(blocks(META, VIEWS), id="two-blocks"),
        pytest.param(
            blocks('{"is_truncated": true, "displayed_rows": 2}', VIEWS), id="object-beside-it"
        ),
        pytest.param(
            json.dumps({"status": "success", "data": VIEWS, "metadata": {"is_truncated": True}}),
            id="inside-an-object",
        ),
        pytest.param(json.dumps({"result": META + VIEWS}), id="inside-result"),
        pytest.param(META + VIEWS.replace("\n", "\r\n"), id="windows-line-ends"),
    ],
)
def test_a_table_is_read_in_any_wrapping(text: str) -> None:
    """The header names the columns, nanoseconds become seconds, and what is cut off is known."""
    found = answer(text)

    assert [(e.type, stamp(e.at), e.url, e.dwell) for e in found.events] == [
        ("view", "2026-11-20T05:09:00.123Z", "https://app.example.com/a?x=1", 24.5),
        ("view", "2026-11-20T05:10:00.000Z", "https://app.example.com/b", 0.001),
    ]
    assert found.is_truncated
    assert found.is_table


def test_a_cell_is_not_the_servers_word() -> None:
    """An action that calls itself `is_truncated: true` changes nothing."""
    found = answer(ACTIONS.replace("made.up.open", "is_truncated: true, displayed_rows: 9"))

    assert not found.is_truncated
    assert found.notes == ()
    assert len(found.events) == 1


def test_rows_that_were_sent_and_are_not_here_are_told() -> None:
    """The server counted more rows than the text has."""
    found = answer("displayed_rows: 5\n" + VIEWS)

    assert found.notes == ("made-up: 5 rows were sent and 2 are here",)


def test_a_table_at_its_row_limit_is_not_taken_for_whole() -> None:
    """The limit of the query is no truncation to the server, so it says nothing of it."""
    line = "2026-11-20T05:{:02}:{:02}.000Z\tmade.up\thttps://app.example.com\n"
    rows = [line.format(n // 60, n % 60) for n in range(200)]
    head = ACTIONS.splitlines(keepends=True)[0]

    assert answer(head + "".join(rows)).is_truncated
    assert not answer(head + "".join(rows[:-1])).is_truncated


def test_pages_of_one_query_are_whole_with_the_last() -> None:
    """The first page says that there is more, the second that there is none."""
    first, last = META + VIEWS, "is_truncated: false\n" + VIEWS.replace("05:1", "05:2")

    assert read(first).truncated == ("view",)
    assert read(first, last).truncated == ()
    assert read(first, ACTIONS).truncated == ("view",)


def test_overlapping_pages_tell_an_event_once() -> None:
    """Rows of both pages are one event; of two stays on a view the longer is the later one."""
    longer = json.loads(json.dumps(ROWS[0]))
    longer["attributes"]["attributes"]["view"]["time_spent"] = 60_000_000_000
    page = json.dumps({**SEARCH, "data": [ROWS[1], longer]})

    found = read(json.dumps(SEARCH), page, VIEWS, VIEWS)

    assert found.repeated == 4
    assert [(e.type, e.dwell) for e in found.events if e.view_id] == [
        ("view", 60.0),
        ("action", None),
        ("error", None),
    ]
    assert len(found.events) == 5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(SEARCH), id="bare"),
        pytest.param(
            json.dumps({"status": "success", "data": ROWS, "metadata": {"count": 3}}),
            id="agent-mode",
        ),
        pytest.param("\n".join(map(json.dumps, ROWS)), id="one-a-line"),
        pytest.param(blocks(json.dumps(SEARCH)), id="in-a-block"),
        pytest.param("\n".join(map(json.dumps, reversed(ROWS))), id="newest-first"),
    ],
)
def test_a_search_is_read_in_any_wrapping(text: str) -> None:
    """Whoever printed it, the events are the same, in the order of time."""
    view, action, other = read(text).events

    assert (view.type, view.dwell, view.feature_flags) == ("view", 24.5, {"new_ui": True})
    assert (action.name, action.action_type) == ("assistant.send", "custom")
    assert action.context == {"tracking": {"status": "error"}}
    assert (action.user_id, action.user_email) == ("u-42", "ana@example.com")
    assert other.type == "error"


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ({"page": {"after": "abc"}}, ()),
        ({"status": "timeout"}, ("made-up: the search timed out, so rows are missing",)),
    ],
)
def test_a_search_that_goes_on_says_so(meta: dict[str, Any], told: tuple[str, ...]) -> None:
    """A cursor behind a full page and a timeout mean that rows are missing here."""
    rows = [{**SEARCH["data"][0], "id": str(n)} for n in range(10)]

    found = answer(json.dumps({"data": rows, "meta": meta}))

    assert found.is_truncated
    assert found.notes == told


def test_a_short_page_with_a_cursor_is_the_last() -> None:
    """Servers send a cursor with every page that has rows; the end is an empty page."""
    short = answer(json.dumps({**SEARCH, "meta": {"page": {"after": "abc"}}}))
    empty = answer('{"data": []}')

    assert (short.is_truncated, short.is_end) == (False, False)
    assert (empty.is_truncated, empty.is_end) == (False, True)
    full = replace(short, is_truncated=True)
    assert [page.is_truncated for page in with_end((full, empty))] == [False, False]
    assert [page.is_truncated for page in with_end((full, short))] == [True, False]


def test_warnings_of_the_server_are_told() -> None:
    """What the server warns of is no secret of it."""
    meta = {"status": "done", "warnings": [{"code": "w", "title": "t", "detail": "index missing"}]}

    found = answer(json.dumps({**SEARCH, "meta": meta}))

    assert found.notes == ("made-up: the server warns: index missing",)


def test_counts_have_no_timeline() -> None:
    """Buckets of an aggregate are counts, and are told as such."""
    buckets = [
        {"by": {"@action.name": "click on Submit"}, "computes": {"c0": 3}},
        {"by": {}, "computes": {"c0": 2}},
    ]

    found = answer(json.dumps({"data": {"buckets": buckets}}))

    assert found.counts == (("click on Submit", 3), ("all", 2))
    assert found.events == ()
    assert "no timeline" in found.notes[0]


def test_a_lookup_names_sessions_alone() -> None:
    """A table with one column of session ids has no events, and text around it is no id."""
    found = answer("session_id\ncacbf45c-3a05\n623d50fd-75cf\n2 rows in all\n")

    assert found.sessions == ("cacbf45c-3a05", "623d50fd-75cf")
    assert found.events == ()


def test_context_and_flags_of_a_table_are_kept() -> None:
    """Columns of the context and of feature flags become what a search would have."""
    found = answer(
        "timestamp\t@action.name\t@context.tracking.status\t@feature_flags.new_ui\n"
        "1795151340123\tmade.up\terror\ttrue\n"
    )

    (event,) = found.events
    assert stamp(event.at) == "2026-11-20T05:09:00.123Z"
    assert event.context == {"tracking": {"status": "error"}}
    assert event.feature_flags == {"new_ui": "true"}


def test_odd_rows_do_no_harm() -> None:
    """Nesting that no app makes is left out; a stay of a hundred years is no row."""
    deep = a_rum_row({"at": 1, "action": "made.up"}, 1)
    nested: dict[str, Any] = {}
    for _ in range(300):
        nested = {"a": nested}
    deep["attributes"]["attributes"]["context"] = nested
    resource = a_rum_row({"at": 2, "type": "resource"}, 2)
    resource["attributes"]["attributes"]["action"] = {"id": ["47af0abb", "57af0abb"]}
    long = a_rum_row({"at": 3, "url": "/a", "for": 4e9}, 3)

    found = answer("\n".join(map(json.dumps, [deep, resource, long])))

    assert [(e.type, e.context) for e in found.events] == [
        ("action", {}),
        ("resource", {"made_up": True}),
    ]
    assert "expected up to a year" in found.unreadable[0]


def test_rows_that_cannot_be_read_are_told_by_their_place() -> None:
    """A line without a time, a broken one and one with too many cells do not end the reading."""
    bad = [b"{", b'{"id":"x","attributes":{"attributes":{"type":"view"}}}', json.dumps(ROWS[0])]
    rows = b"\n".join(r.encode() if isinstance(r, str) else r for r in [bad[2], *bad[:2]])
    (found,) = read_rum(rows, "rum.jsonl")
    table = answer(ACTIONS + "not a time\tx\ty\n2026-11-20T05:09:00Z\tx\n")

    assert len(found.events) == 1
    assert [line.partition(" ")[0] for line in found.unreadable] == ["rum.jsonl:2:", "rum.jsonl:3:"]
    assert [line.partition(" ")[0] for line in table.unreadable] == ["made-up:3:", "made-up:4:"]


@pytest.mark.parametrize("text", ['{"iterations": []}', "just words", '{"spans": []}'])
def test_what_is_no_rum_answer_is_refused(text: str) -> None:
    """The refusal is one line that says what was expected."""
    with pytest.raises(UnusableInputError, match="expected") as caught:
        read_rum(text.encode(), "other.txt")

    assert "\n" not in str(caught.value)
    assert "other.txt" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-10-25T02:30:00.9999+02:00", "2026-10-25T00:30:00.999Z"),
        ("2026-10-25T02:30:00.500+01:00", "2026-10-25T01:30:00.500Z"),
        ("2026-11-20 05:09:00", "2026-11-20T05:09:00.000Z"),
        ("1795151340123", "2026-11-20T05:09:00.123Z"),
        (1795151340, "2026-11-20T05:09:00.000Z"),
    ],
)
def test_an_instant_is_utc_to_the_millisecond(written: str | float, instant: str) -> None:
    """Whatever offset or unit it was written in; the hour that comes twice is two instants."""
    assert stamp(any_instant(written)) == instant


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_an_answer_or_a_refusal(text: str) -> None:
    """No text is so odd that reading it fails in another way."""
    for around in (text, VIEWS + text, text + "\n" + ACTIONS):
        try:
            joined(read_rum(around.encode(), "any"))
        except UnusableInputError as error:
            assert "\n" not in str(error)


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_order_of_rows_and_of_pages_changes_nothing(order: random.Random, drawn: list[int]) -> None:
    """Any rows, shuffled and split into pages that overlap, are the same events."""
    rows = [ROWS[number] for number in drawn]
    shuffled = rows * 2
    order.shuffle(shuffled)
    pages = [json.dumps({"data": shuffled[i : i + 3]}) for i in range(0, len(shuffled), 2)]

    assert read(*pages).events == read(json.dumps({"data": rows})).events


def test_a_page_that_is_open_reaches_into_the_window() -> None:
    """A view that began before the window and lasted into it is the user's page at the time."""
    rows = read("\n".join(json.dumps(a_rum_row(e, n)) for n, e in enumerate(
        [{"at": -3000, "url": "/long", "for": 2900}, {"at": -3000, "url": "/short", "for": 10}]
    )))  # fmt: skip

    found = own_events(a_rum_session({}), rows.events)

    assert [event.url for event in found.events] == ["https://app.example.com/long"]
    assert len(all_events(a_rum_session({}), rows.events).events) == 1
