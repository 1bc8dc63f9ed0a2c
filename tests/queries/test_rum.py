"""RUM calls: windows, filters that nothing can widen, MCP arguments and pup commands."""

import json
import shlex
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from datadog_standin.events import rum_events
from datadog_standin.recording import recorded
from session_classify.model import Identity
from session_classify.queries.call import Call
from session_classify.queries.quoting import quoted
from session_classify.queries.rum import (
    AskedActions,
    Window,
    behaviour_window,
    neighbours,
    rum_actions,
    rum_lookup,
    rum_views,
    search_body,
)
from session_classify.queries.rum_filters import of_email, of_sessions, of_user, of_user_id
from tests.rum_rows import a_rum_row, a_rum_session

START = datetime(2026, 11, 20, 5, 9, 0, 250_000, tzinfo=UTC)
WINDOW = behaviour_window(START, START + timedelta(seconds=40))
MS = 1_795_151_340_250


def test_the_window_is_that_of_the_seeds() -> None:
    """From 30 min before the first turn to 60 min after the last."""
    assert Window(START - timedelta(minutes=30), START + timedelta(seconds=3640)) == WINDOW


def test_views_are_asked_for_as_the_seed_does() -> None:
    """Query A, to the letter, and the events search of pup, whose end is rounded up."""
    call = rum_views(of_sessions(["s-1"]), WINDOW)

    assert call.tool == "analyze_rum_events"
    assert call.arguments == {
        "event_type": "view",
        "filter": "@session.id:s-1",
        "from": MS - 1_800_000,
        "to": MS + 3_640_000,
        "sql_query": 'SELECT timestamp, session_id, view_url, "@view.time_spent" FROM rum '
        "ORDER BY timestamp LIMIT 200",
        "extra_columns": [{"name": "@view.time_spent", "type": "int64"}],
    }
    assert shlex.join(call.pup) == (
        "rum sessions search --query '@type:view @session.id:s-1' "
        "--from 2026-11-20T04:39:00Z --to 2026-11-20T06:09:41Z --limit 1000"
    )


def test_actions_are_asked_for_without_noise_and_then_by_name() -> None:
    """Query B without what frameworks send; narrowed, it names what a profile knows."""
    broad = rum_actions("@usr.id:u-42", WINDOW, AskedActions(noise=("perf.scroll", "it's*")))
    narrow = rum_actions("@usr.id:u-42", WINDOW, AskedActions(("chat*", "click on Submit")), 200)

    assert broad.arguments["filter"] == (
        "(@action.type:custom OR @action.frustration.type:*) @usr.id:u-42"
    )
    assert broad.arguments["sql_query"] == (
        'SELECT timestamp, "@action.name", "@action.frustration.type", view_url FROM rum '
        'WHERE NOT "@action.name" = '
        "'perf.scroll' AND NOT \"@action.name\" LIKE 'it''s%' ORDER BY timestamp LIMIT 200"
    )
    assert broad.pup[4] == (
        "@type:action -@action.name:(perf.scroll OR it\\'s*) "
        "(@action.type:custom OR @action.frustration.type:*) @usr.id:u-42"
    )
    assert narrow.arguments["sql_query"] == (
        'SELECT timestamp, "@action.name", "@action.frustration.type", view_url FROM rum '
        'WHERE ("@action.name" LIKE '
        "'chat%' OR \"@action.name\" = 'click on Submit') ORDER BY timestamp LIMIT 200"
    )
    assert narrow.arguments["start_at"] == 200
    assert narrow.pup[4].startswith('@type:action (@action.name:(chat* OR "click on Submit"))')


def test_signs_that_a_pattern_spells_are_themselves() -> None:
    """`[*]` is a star in the name; other choices of characters are any one of them."""
    call = rum_actions("@usr.id:u", WINDOW, AskedActions(("5[*]", "a[bc]?*")))

    assert "\"@action.name\" = '5*' OR \"@action.name\" LIKE 'a__%'" in call.arguments["sql_query"]
    assert '@action.name:("5*" OR a??*)' in call.pup[4]


def test_the_lookup_ends_two_minutes_after_the_first_turn() -> None:
    """It reaches back 30 days, the newest first, so that it tells of any events at all."""
    call = rum_lookup(Identity(user_handle="ana@example.com", usr_id="u-42"), START)

    assert call.arguments["filter"] == "(@usr.id:u-42 OR @usr.email:ana@example.com)"
    assert call.arguments["to"] == MS + 120_000
    assert call.arguments["from"] == MS - 30 * 86_400_000
    assert "ORDER BY timestamp DESC" in call.arguments["sql_query"]
    assert call.pup[-2:] == ("--limit", "200")


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (Identity(), ""),
        (Identity(usr_id="u-1"), "@usr.id:u-1"),
        (Identity(user_handle="a b"), '@usr.email:"a b"'),
    ],
)
def test_a_user_is_asked_for_by_what_is_known(identity: Identity, expected: str) -> None:
    """Without id and e-mail there is nobody to ask for."""
    assert of_user(identity) == expected


def test_several_sessions_are_one_filter() -> None:
    """As step 4a has it."""
    assert of_sessions(["a-1", "b-2"]) == "@session.id:(a-1 OR b-2)"


ROWS = [
    a_rum_row({"at": 1, "url": "/a", "user": "u-77", "email": "bob@example.com"}, 1),
    a_rum_row({"at": 2, "url": "/a", "user": "*", "email": "*"}, 2),
]


@given(st.text(min_size=1, max_size=40))
@example("ana@example.com OR *")
@example("*")
@example("b?b@example.com")
@example('" OR @usr.email:"bob@example.com')
@example("x) OR (@type:view")
@example("\\")
@example('\\" OR *')
@example("-bob@example.com")
@example("OR")
def test_no_handle_widens_a_query(handle: str) -> None:
    """Whatever a user calls themselves, no other user's events answer."""
    recording = recorded([], ROWS)
    for who in (of_email(handle), of_user_id(handle), of_sessions([handle])):
        body = search_body(rum_views(who, WINDOW))

        found = rum_events(recording, body, MS)["data"]

        assert handle.casefold() in ("bob@example.com", "u-77", "*") or found == []


def test_a_plain_value_stays_as_it_is() -> None:
    """Ids and e-mails need no quotes; what an operator or a wildcard could be is quoted."""
    assert quoted("ana.b-c_1@example.com") == "ana.b-c_1@example.com"
    assert [quoted(value) for value in ("or", "a+b", "a*", "-a", "")] == [
        '"or"',
        '"a+b"',
        '"a*"',
        '"-a"',
        '""',
    ]


def test_neighbours_are_roots_of_the_same_user() -> None:
    """From 15 min before the first turn to 15 min after the last, by the user's tag."""
    call = neighbours(a_rum_session({}))

    assert isinstance(call, Call)
    assert call.tool == "search_llmobs_spans"
    assert call.arguments == {
        "tags": {"user_handle": "ana@example.com"},
        "root_spans_only": True,
        "limit": 100,
        "from": str(MS - 250 - 900_000),
        "to": str(MS - 250 + 20_000 + 900_000),
    }
    assert shlex.join(call.pup) == (
        "llm-obs spans search --tags user_handle:ana@example.com --root-spans-only --limit 100 "
        "--from 2026-11-20T04:54:00Z --to 2026-11-20T05:24:20Z"
    )


def test_a_handle_with_a_comma_is_no_second_tag() -> None:
    """Where pup would split the tag at the comma, its command is left out; nobody has no call."""
    session = a_rum_session({})
    comma = replace(session, identity=Identity(user_handle="a,env:prod"))

    call = neighbours(comma)

    assert call is not None
    assert call.pup == ()
    assert neighbours(replace(session, identity=Identity())) is None


def test_every_call_is_a_body_of_the_search() -> None:
    """What pup's flags say is what the API is asked."""
    call = rum_views(of_user_id("u-1"), WINDOW)

    assert json.loads(json.dumps(search_body(call))) == {
        "filter": {
            "query": "@type:view @usr.id:u-1",
            "from": "2026-11-20T04:39:00Z",
            "to": "2026-11-20T06:09:41Z",
        },
        "page": {"limit": 1000},
        "sort": "-timestamp",
    }
