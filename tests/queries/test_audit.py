"""The calls that bring the audit trail: whole windows, values that stay values, limits narrowed."""

import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_standin.query import AllOf, Term, parse
from datadog_standin.recording import recorded
from session_classify.events import Asset, Times
from session_classify.model import Identity
from session_classify.queries import audit as audit_queries
from session_classify.queries.call import Call
from session_classify.wire.audit import merged
from tests.evidence.audit_rows import answered

START = datetime(2026, 11, 1, 12, 1, 0, 250_000, tzinfo=UTC)
TIMES = Times(START, START + timedelta(minutes=9, milliseconds=500))
NOW = START + timedelta(days=3)
ANA = Identity(user_handle="ana@example.com", usr_id="u-42")
DASHBOARD = Asset("dashboard", "abc-123")
PATHS = ("/api/v1/dashboard/abc-123",)


def window(call: Call) -> tuple[str, str]:
    return call.arguments["from"], call.arguments["to"]


def test_the_history_of_an_asset_begins_30_days_before() -> None:
    """Whoever changed it, up to now, in whole seconds that lose nothing."""
    call = audit_queries.history(DASHBOARD, TIMES)

    assert call.tool == "search_audit_logs"
    assert call.arguments == {
        "query": "@asset.id:abc-123",
        "from": "2026-10-02T12:01:00Z",
        "to": "now",
        "limit": 50,
    }
    assert shlex.join(call.pup) == (
        "audit-logs search --query @asset.id:abc-123 --from 2026-10-02T12:01:00Z --to now "
        "--limit 50"
    )


def test_requests_to_an_asset_are_the_users_around_the_session() -> None:
    """From 30 min before to 2 h after, 200 rows; several paths are alternatives."""
    call = audit_queries.targeted(ANA, PATHS, TIMES)
    both = audit_queries.targeted(ANA, ("/a", "/b"), TIMES)

    assert window(call) == ("2026-11-01T11:31:00Z", "2026-11-01T14:10:01Z")
    assert call.arguments["limit"] == 200
    assert call.arguments["query"] == (
        '@usr.email:ana@example.com @http.url_details.path:"/api/v1/dashboard/abc-123"'
    )
    assert both.arguments["query"].endswith('@http.url_details.path:("/a" OR "/b")')


def test_broad_calls_leave_the_noise_out() -> None:
    """Q1 spans the session, Q2 what came after, both without paths that browsers call unasked."""
    around = audit_queries.broad(ANA, TIMES)
    after = audit_queries.broad_after(ANA, TIMES)

    assert window(around) == ("2026-11-01T11:46:00Z", "2026-11-01T12:40:01Z")
    assert window(after) == ("2026-11-01T12:10:00Z", "2026-11-01T12:40:01Z")
    assert around.arguments["query"] == after.arguments["query"]
    assert " -@http.url_details.path:/api/ui/query/scalar " in around.arguments["query"]


@pytest.mark.parametrize(
    "call",
    [
        audit_queries.history(DASHBOARD, TIMES),
        audit_queries.targeted(ANA, PATHS, TIMES),
        audit_queries.broad(ANA, TIMES),
        audit_queries.broad_after(ANA, TIMES),
    ],
)
def test_no_call_leaves_its_window_out_or_dates_it_relatively(call: Call) -> None:
    """Pup looks back an hour by itself and refuses `now-30d`."""
    assert call.pup[:2] == ("audit-logs", "search")
    named = dict(zip(call.pup[2::2], call.pup[3::2], strict=True))
    assert named == {f"--{key}": str(value) for key, value in call.arguments.items()}
    assert "now-" not in str(call)
    parse(call.arguments["query"])


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (ANA, "@usr.email:ana@example.com"),
        (Identity(user_handle="ana", usr_id="u-42"), "@usr.id:u-42"),
        (Identity(user_handle="ana"), "@usr.email:ana"),
        (Identity(user_id="7"), "@usr.id:7"),
        (Identity(), ""),
    ],
)
def test_a_user_is_named_by_the_best_that_is_known(identity: Identity, expected: str) -> None:
    """The e-mail, else the number; nobody is asked for where nobody is known."""
    assert audit_queries.user_filter(identity) == expected


@given(st.text())
def test_a_value_cannot_widen_a_query(value: str) -> None:
    """Whatever a handle or an id holds, the query asks for one value in one field."""
    call = audit_queries.targeted(Identity(user_handle=value + "@"), (value,), TIMES)
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)

    found = parse(call.arguments["query"])

    assert isinstance(found, AllOf)
    terms = [part for part in found.parts if isinstance(part, Term)]
    assert len(terms) == len(found.parts)
    assert [(term.field, term.value) for term in terms] == [
        ("usr.email", plain + "@"),
        ("http.url_details.path", plain),
    ]
    assert all(term.is_quoted or not set(term.value) & set("*?<>()[]: ") for term in terms)


def a_recording(seconds: list[float]) -> Any:
    rows = [
        {
            "id": f"made-up-{n}",
            "type": "audit",
            "attributes": {
                "timestamp": (START + timedelta(seconds=second)).isoformat(),
                "attributes": {"usr": {"email": "ana@example.com"}, "http": {"method": "GET"}},
            },
        }
        for n, second in enumerate(seconds)
    ]
    return recorded([], [], rows)


@pytest.mark.parametrize(
    ("seconds", "calls", "cut"),
    [
        pytest.param([n * 0.9 for n in range(199)], 1, False, id="199-rows"),
        pytest.param([n * 0.9 for n in range(200)], 2, False, id="200-rows-exactly"),
        pytest.param([n * 0.9 for n in range(201)], 2, False, id="201-rows"),
        pytest.param([n * 0.9 for n in range(650)], 4, False, id="650-rows"),
        pytest.param([5.0] * 300 + [1.0], 2, True, id="300-rows-in-one-second"),
    ],
)
def test_a_limit_that_is_reached_is_narrowed_by_time(
    seconds: list[float], calls: int, cut: bool
) -> None:
    """Each further call ends where the oldest row began, and none is lost; else it is told."""
    recording = a_recording(seconds)
    call, reads, told = audit_queries.broad(ANA, TIMES), [], ""
    while call:
        read = answered(call, recording, NOW)
        reads.append(read)
        told = audit_queries.still_cut(call, read.events, read.rows)
        call = next(iter(audit_queries.narrowed(call, read.events, read.rows)), None)

    assert len(reads) == calls
    assert bool(told) is cut
    assert (len(merged(reads).events) == len(seconds)) is not cut
    if cut:
        assert told.startswith("audit rows before 2026-11-01T12:01:05Z are cut: @usr.email:")
        assert told.endswith("reached its limit of 200")


def test_an_answer_of_unreadable_rows_at_the_limit_is_told() -> None:
    """There is no instant to narrow by, and still something may be cut."""
    call = audit_queries.history(DASHBOARD, TIMES)

    assert audit_queries.narrowed(call, (), 50) == ()
    assert audit_queries.still_cut(call, (), 50).startswith("audit rows are cut: @asset.id:")
    assert audit_queries.still_cut(call, (), 49) == ""
