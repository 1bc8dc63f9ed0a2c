"""Every row has one phase, and every write one actor."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.events import AuditEvent, Times
from session_classify.evidence.audit.context import AuditContext, after_end
from session_classify.evidence.audit.phases import audit_trail, by_phase
from session_classify.model import Identity
from session_classify.profiles.load import generic_profile
from session_classify.vocabulary import Actor, Phase
from tests.evidence.audit_rows import ANA, UPDATED, a_trail

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
INSTANTS = st.integers(-(10**9), 10**9).map(lambda ms: NOON + timedelta(milliseconds=ms))
EVENTS = st.lists(
    st.builds(
        AuditEvent,
        id=st.uuids().map(str),
        at=INSTANTS,
        action=st.sampled_from(["", "created", "modified", "deleted", "accessed"]),
        method=st.sampled_from(["", "GET", "PUT", "POST", "DELETE"]),
        path=st.sampled_from(["", "/api/v1/dashboard", "/api/v1/dashboard/abc-123"]),
        status=st.sampled_from([None, 0, 200, 403]),
        asset_type=st.sampled_from(["", "dashboard"]),
        asset_id=st.sampled_from(["", "abc-123"]),
        user_email=st.sampled_from(["", "ana@example.com", "bo@example.com"]),
        event_name=st.sampled_from(["", "MCP Server"]),
        actor_type=st.sampled_from(["", "USER", "API_KEY", "SUPPORT_USER"]),
    ),
    max_size=12,
    unique_by=lambda event: event.id,
)


@given(EVENTS, INSTANTS, INSTANTS, st.none() | INSTANTS)
def test_phases_partition_the_events(
    events: list[AuditEvent], one: datetime, other: datetime, feedback: datetime | None
) -> None:
    """For any times, feedback known or not, before or after the end: each event is in one phase."""
    times = Times(min(one, other), max(one, other), feedback)

    phases = by_phase(events, times)

    assert list(phases) == list(Phase)
    placed = [event for inside in phases.values() for event in inside]
    assert sorted(event.id for event in placed) == sorted(event.id for event in events)
    assert all(event.at < times.start for event in phases[Phase.PRE])
    assert all(times.start <= event.at < times.end for event in phases[Phase.DURING])
    assert all(event.at >= times.end for event in phases[Phase.POST])
    if feedback is None:
        assert not phases[Phase.TO_FEEDBACK]


@given(EVENTS, INSTANTS, INSTANTS)
def test_a_write_counts_once_and_never_for_two(
    events: list[AuditEvent], one: datetime, other: datetime
) -> None:
    """Joined or alone, a row is in one write at most, and another user's is always another's."""
    context = AuditContext(Times(min(one, other), max(one, other)), ANA)

    trail = audit_trail(sorted(events, key=lambda event: event.at), context, generic_profile())

    writes = [write for asset in trail.assets for write in asset.writes]
    rows = [e.id for w in writes for e in {id(e): e for e in (w.event, w.request) if e}.values()]
    assert len(rows) == len(set(rows))
    for write in writes:
        if write.event.user_email == "bo@example.com":
            assert write.actor is Actor.OTHER
        if write.event.actor_type == "SUPPORT_USER" and write.event.user_email:
            assert write.actor is Actor.OTHER


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            ["the assistant adds w-3"], ["assistant PUT 200: write1 of the ledger"], id="one-write"
        ),
        pytest.param(
            [{"end": 11, "http": "PUT 200"}],
            ["assistant PUT 200: write1 of the ledger, execution lag 11 s after the end"],
            id="lag",
        ),
        pytest.param(
            ["the assistant puts", {"start": 20, "http": "PUT 200"}],
            [
                "assistant PUT 200: write1 of the ledger",
                "assistant PUT 200: while the assistant wrote to it",
            ],
            id="one-more-while-it-runs",
        ),
        pytest.param(
            ["the assistant puts", {"start": 20, "http": "DELETE 200"}],
            ["assistant PUT 200: write1 of the ledger", "user DELETE 200: by hand, during"],
            id="a-deletion-while-it-runs",
        ),
        pytest.param(
            ["the assistant puts", {"end": 60, "action": "modified", "who": "nobody"}],
            [
                "assistant PUT 200: write1 of the ledger",
                "unknown modified: the row names no user that is known",
            ],
            id="nobody",
        ),
        pytest.param(
            [{"start": 10, "http": "PUT 200", "who": "key"}],
            ["assistant PUT 200: write1 of the ledger"],
            id="an-api-key-that-does-what-is-expected",
        ),
        pytest.param(
            [{"start": 10, "http": "PUT 200", "who": "colleague"}],
            ["somebody else PUT 200: another user's"],
            id="a-colleague-at-the-same-time",
        ),
        pytest.param(
            [{"start": 9, "http": "PUT 200", "who": "colleague"}, {"start": 10, "http": "PUT 200"}],
            ["somebody else PUT 200: another user's", "assistant PUT 200: write1 of the ledger"],
            id="a-colleague-right-before-it",
        ),
        pytest.param(
            ["the assistant puts", {"start": 11, "action": "modified", "who": "colleague"}],
            ["assistant PUT 200: write1 of the ledger", "somebody else modified: another user's"],
            id="a-colleagues-history-right-after-it",
        ),
        pytest.param(
            [
                "the assistant puts",
                {"end": 60, "http": "DELETE 200"},
                {"end": 66, "action": "deleted"},
            ],
            [
                "assistant PUT 200: write1 of the ledger",
                "user DELETE 200: by hand, post",
                "user deleted: by hand, post",
            ],
            id="rows-six-seconds-apart-are-two-writes",
        ),
        pytest.param(
            [
                {"start": 10.5, "who": "mcp", "http": "POST 200", "path": "/api/unstable/mcp"},
                {"start": 10, "action": "modified"},
                {"start": 11, "action": "modified"},
            ],
            ["assistant modified: write1 of the ledger", "assistant modified: by the MCP server"],
            id="the-mcp-server-beside-it",
        ),
    ],
)
def test_a_write_has_an_actor_and_says_what_told_it(rows: list[Any], expected: list[str]) -> None:
    """By the row's user and actor, then the ledger, the MCP server, and the time."""
    trail, _ = a_trail({"rows": rows})

    (asset,) = trail.assets
    assert [f"{w.actor} {w.said}: {w.why}" for w in asset.writes] == expected


def test_a_write_on_another_asset_is_not_the_one_that_is_expected() -> None:
    """What the ledger expects of one dashboard says nothing about another one of the session."""
    read = {"tool": "get_dashboard", "arguments": {"dashboard_id": "abc-999"}, "result": "{}"}
    rows = [{"start": 10, "http": "PUT 200", "path": "/api/v1/dashboard/abc-999"}]

    trail, _ = a_trail({"turns": [[read, UPDATED]], "rows": rows})

    assert [(str(a.asset), [w.actor for w in a.writes]) for a in trail.assets] == [
        ("dashboard abc-123", []),
        ("dashboard abc-999", [Actor.USER]),
    ]


def test_without_a_ledger_time_alone_tells() -> None:
    """During the session the assistant is taken to write, half a minute after it nobody knows."""
    context = AuditContext(Times(NOON, NOON + timedelta(minutes=1)), Identity(user_handle="a@b"))
    path = "/api/v1/dashboard/abc-123"
    events = [
        AuditEvent(
            str(s),
            NOON + timedelta(seconds=s),
            user_email="a@b",
            method="PUT",
            path=path,
            status=200,
        )
        for s in (-5, 5, 70, 91)
    ]

    (asset,) = audit_trail(events, context, generic_profile()).assets

    assert [write.actor for write in asset.writes] == [
        Actor.USER,
        Actor.ASSISTANT,
        Actor.UNKNOWN,
        Actor.USER,
    ]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-120, "before the session"),
        (-1, "during the session"),
        (0, "0 s after the end"),
        (119, "119 s after the end"),
        (120, "2 min after the end"),
        (7_199, "119 min after the end"),
        (7_200, "2 h after the end"),
        (8 * 86_400, "8 d after the end"),
    ],
)
def test_how_long_after_is_said_in_the_unit_that_fits(seconds: int, expected: str) -> None:
    """Two of a unit are enough to count in it."""
    times = Times(NOON - timedelta(minutes=1), NOON)

    assert after_end(NOON + timedelta(seconds=seconds), times) == expected
