"""When the audit trail is asked, for what, and what its silence covers."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from datadog_standin.recording import recorded
from session_classify.evidence.audit.context import AuditContext, context_of
from session_classify.evidence.audit.findings import audit_findings
from session_classify.evidence.audit.phases import audit_trail
from session_classify.evidence.audit.questions import (
    MOST_ASSETS,
    AuditNeed,
    audit_coverage,
    audit_need,
    fallback_calls,
)
from session_classify.evidence.conversation.ledger import ledger
from session_classify.evidence.conversation.tool_results import read_results
from session_classify.model import Identity
from session_classify.profiles.profile import Profile
from session_classify.queries import audit as audit_queries
from session_classify.wire.audit import AuditRead, merged, read_audit
from tests.evidence.audit_rows import UPDATED, a_case, answered, raw_rows

READ = {"tool": "get_dashboard", "arguments": {"dashboard_id": "abc-123"}, "result": "{}"}
SEARCH = {"tool": "search_logs", "result": "[]"}
ORDER = {"tool": "cancel_order", "kind": "write", "result": '{"id": "A-1"}'}
MADE = {"tool": "create_dashboard", "kind": "write", "result": "done"}


def needed(
    identity: Identity | None = None, **sample: Any
) -> tuple[AuditNeed, AuditContext, Profile]:
    session, profile = a_case(sample)
    if identity is not None:
        session = replace(session, identity=identity)
    readings = read_results(session)
    writes = ledger(readings)
    context = context_of(session, profile, readings, writes)
    return audit_need(context, writes, profile), context, profile


def queries(need: AuditNeed) -> list[str]:
    return [call.arguments["query"].partition(" -@")[0] for call in need.calls]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(
            {"turns": [[UPDATED]]},
            [
                "@asset.id:abc-123",
                '@usr.email:ana@example.com @http.url_details.path:"/api/v1/dashboard/abc-123"',
            ],
            id="a-write-on-an-asset",
        ),
        pytest.param(
            {"turns": [[READ]]},
            [
                "@asset.id:abc-123",
                '@usr.email:ana@example.com @http.url_details.path:"/api/v1/dashboard/abc-123"',
            ],
            id="an-asset-that-was-only-read",
        ),
        pytest.param(
            {"turns": [[MADE]]}, ["@usr.email:ana@example.com"], id="a-new-asset-without-an-id"
        ),
        pytest.param(
            {"turns": [[ORDER]], "app": "bits-assistant"},
            ["@usr.email:ana@example.com"],
            id="a-write-of-an-app-with-calls-to-look-for",
        ),
        pytest.param(
            {"turns": [[{**MADE, "result": '{"id": "new-001"}'}]]},
            [
                "@asset.id:new-001",
                (
                    "@usr.email:ana@example.com @http.url_details.path:"
                    '("/api/v1/dashboard/new-001" OR "/api/v1/dashboard")'
                ),
            ],
            id="a-new-asset-is-made-at-another-path",
        ),
    ],
)
def test_a_write_or_a_known_asset_is_asked_about(sample: Any, expected: list[str]) -> None:
    """Its history, then the user's requests to it; everything of the user only without an id."""
    need, _, _ = needed(**sample)

    assert queries(need) == expected
    assert need.skipped == ""


@pytest.mark.parametrize(
    ("identity", "sample", "expected"),
    [
        pytest.param(
            None,
            {"turns": [[SEARCH]]},
            "the session is read-only and names no asset",
            id="read-only",
        ),
        pytest.param(
            None,
            {"turns": [[SEARCH]], "app": "bits-assistant"},
            "the session is read-only and names no asset",
            id="read-only-assistant",
        ),
        pytest.param(
            None,
            {"turns": [[ORDER]]},
            "no write is on an asset of a type that the app's profile lists",
            id="an-app-of-other-things",
        ),
        pytest.param(
            Identity(),
            {"turns": [[MADE]]},
            "the session names neither an asset nor its user",
            id="nobody-and-nothing",
        ),
    ],
)
def test_a_session_that_the_trail_knows_nothing_of_is_skipped(
    identity: Identity | None, sample: Any, expected: str
) -> None:
    """No call is made, and the coverage says why."""
    need, context, profile = needed(identity, **sample)
    trail = audit_trail((), context, profile)

    assert (need.calls, need.skipped) == ((), expected)
    now = context.times.end
    assert audit_coverage(need, trail, AuditRead(), now) == f"skipped, {expected}"
    assert fallback_calls(need, context, trail) == ()


def test_written_assets_come_first_and_few_are_looked_up() -> None:
    """Two calls an asset; what is left out is told."""
    reads = [{**READ, "arguments": {"dashboard_id": f"abc-{n:03}"}} for n in range(6)]

    need, context, profile = needed(turns=[[*reads, UPDATED]])

    assert len(need.calls) == 2 * MOST_ASSETS
    assert [asset.id for asset in need.assets] == [
        "abc-123",
        "abc-000",
        "abc-001",
        "abc-002",
        "abc-003",
    ]
    assert [asset.id for asset in need.left_out] == ["abc-004", "abc-005"]
    trail = audit_trail((), context, profile)
    assert "2 more assets not looked up" in audit_coverage(
        need, trail, AuditRead(), context.times.end
    )


def test_everything_of_the_user_is_asked_for_only_where_nothing_shows_them() -> None:
    """Silence about an asset means nothing before the trail shows the user at all."""
    need, context, profile = needed(turns=[[UPDATED]])
    broad = audit_queries.broad(context.identity, context.times)
    seen = read_audit(raw_rows({"rows": ["the user reads"]}), "a").events

    assert fallback_calls(need, context, audit_trail((), context, profile)) == (broad,)
    assert fallback_calls(need, context, audit_trail(seen, context, profile)) == ()
    cut = audit_queries.still_cut(broad, seen, 200)
    assert fallback_calls(need, context, audit_trail(seen, context, profile), [cut]) == (
        audit_queries.broad_after(context.identity, context.times),
    )


@pytest.mark.parametrize(
    ("rows", "read", "days", "expected"),
    [
        pytest.param(
            ["the assistant puts", "the user reads"],
            {},
            1,
            "events: 2, assets written to: 1; the user is among those who act",
            id="covered",
        ),
        pytest.param(
            [],
            {},
            1,
            "audit_unavailable: events: 0, assets written to: 1; none by this user around the "
            "session, which is no evidence",
            id="silence",
        ),
        pytest.param(
            [{"end": 60, "action": "modified", "who": "colleague"}],
            {},
            1,
            "audit_unavailable: events: 1, assets written to: 1; none by this user around the "
            "session, which is no evidence",
            id="only-others",
        ),
        pytest.param(
            [
                {"end": 60, "action": "modified", "who": "user by uuid"},
                {"end": 70, "action": "modified", "who": "program by uuid"},
            ],
            {},
            1,
            "audit_unavailable: events: 2, assets written to: 1; 1 of them name users by another "
            "kind of id than the session's, so whose they are is not known",
            id="ids-of-another-kind",
        ),
        pytest.param(
            [],
            {"refused": '["Forbidden"]'},
            1,
            'audit_unavailable: no access to the audit trail (["Forbidden"]); it needs the scope '
            "audit_logs_read",
            id="no-scope",
        ),
        pytest.param(
            [],
            {},
            91,
            "audit_unavailable: the session ended 91 days ago, and audit rows are kept for 90",
            id="past-retention",
        ),
        pytest.param(
            ["the user reads"],
            {"unreadable": ("a:2: no audit row: x",), "rows": 2, "notes": ("a: timed out",)},
            91,
            "events: 1, assets written to: 1; the user is among those who act; a: timed out; "
            "1 of 2 rows unreadable: a:2: no audit row: x",
            id="gaps",
        ),
    ],
)
def test_coverage_says_what_silence_means(rows: Any, read: Any, days: int, expected: str) -> None:
    """No permission, past retention, and no row of this user are told apart; none is an error."""
    need, context, profile = needed(turns=[[UPDATED]])
    found = replace(read_audit(raw_rows({"rows": rows}), "a"), **read)
    trail = audit_trail(found.events, context, profile)

    told = audit_coverage(need, trail, found, context.times.end + timedelta(days=days))

    assert told == expected


def test_from_a_session_to_what_its_trail_says() -> None:
    """The calls find the rows of a stand-in that are the session's, and no others."""
    others = {"who": "colleague", "http": "PUT 200", "start": 5}
    rows = [
        "the assistant adds w-3",
        {"end": 300, "http": "DELETE 200"},
        {"end": 300.2, "action": "deleted"},
        {"end": 310, "http": "DELETE 200", "path": "/api/v1/dashboard/abc-123-xyz"},
        {"end": 320, "action": "deleted", "asset": "dashboard abc-124"},
        others,
    ]
    need, context, profile = needed(turns=[[UPDATED]])
    recording = recorded([], [], [json.loads(row) for row in raw_rows({"rows": rows})])
    now = context.times.end + timedelta(days=1)

    read = merged(answered(call, recording, now) for call in need.calls)
    trail = audit_trail(read.events, context, profile)

    assert [event.id for event in read.events] == [f"made-up-{n}" for n in (1, 2, 3, 4)]
    assert [finding.rule for finding in audit_findings(trail, profile)] == [
        "audit-writes-landed",
        "audit-deleted-by-user",
    ]
    assert fallback_calls(need, context, trail) == ()
    assert audit_coverage(need, trail, read, now).startswith("events: 4")
