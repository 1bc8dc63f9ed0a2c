"""Looking around a session: what is asked for, what is told, and what is left alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from datadog_standin.recording import Recording, recorded
from datadog_standin.router import ENDPOINTS
from session_classify.backends.api_requests import request_of
from session_classify.evidence.findings import collect
from session_classify.gathering.asking import Recorded
from session_classify.gathering.surroundings import Surroundings, gather_surroundings
from session_classify.model import Coverage, Identity, Session
from session_classify.profiles.load import generic_profile
from session_classify.queries.call import Call, Received
from session_classify.vocabulary import Unit
from tests.evidence.build import a_session, a_turn

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ANA = Identity(user_handle="ana@example.com")
PATHS = {endpoint.path: endpoint.answer for endpoint in ENDPOINTS.values()}


def a_session_of(identity: Identity, **more: Any) -> Session:
    session = a_session(a_turn("Show dashboard abc-123", "Here it is: /dashboard/abc-123"))
    return replace(session, identity=identity, **more)


def rum_row(number: int, at: datetime, **inner: Any) -> dict[str, Any]:
    """Return a made-up row of Ana's browser."""
    user = {"usr": {"email": "ana@example.com"}, "session": {"id": "b-1"}}
    outer = {"timestamp": at.isoformat(), "attributes": {**user, **inner}}
    return {"id": f"made-up-{number}", "type": "rum", "attributes": outer}


class Router:
    """Answers calls as the API does, from rows, and remembers what was asked."""

    def __init__(self, recording: Recording, broken: Callable[[Call], str] = lambda _: "") -> None:
        self.recording, self.broken = recording, broken
        self.calls: list[Call] = []

    def ask(self, calls: tuple[Call, ...]) -> tuple[Received, ...]:
        """Answer every call, in order."""
        self.calls += calls
        return tuple(Received(call.tool, self.answer(call), call) for call in calls)

    def answer(self, call: Call) -> bytes:
        """Return a page of rows, or what is said where the call is broken."""
        if said := self.broken(call):
            return f"Error: {said}".encode()
        path, body = request_of(call)
        now = int(NOW.timestamp() * 1000)
        return msgspec.json.encode(PATHS[path](self.recording, body, now))


def looked(session: Session, router: Router) -> Surroundings:
    return gather_surroundings(collect(session), generic_profile(), Recorded(), router.ask, NOW)


def count(router: Router, tool: str) -> int:
    return sum(call.tool == tool for call in router.calls)


def test_a_user_without_events_costs_two_calls() -> None:
    """And the coverage says that nothing is known, which moves nothing."""
    router = Router(recorded([]))
    around = looked(a_session_of(ANA), router)

    assert count(router, "analyze_rum_events") == 2
    assert around.rum == "unavailable — no RUM data for user"
    assert [f for f in around.evidence.findings if f.id.startswith(("rum", "near"))] == []


def test_a_user_with_events_costs_four_calls() -> None:
    """Own session, lookup, views, actions; neighbours take one more, an asset two."""
    session = a_session_of(ANA)
    start = session.turns[0].start
    view = {"id": "v", "url": "https://x/dashboard/abc-123", "time_spent": 9 * 10**9}
    rows = [
        rum_row(1, start - timedelta(seconds=9), type="view", view={**view, "id": "u"}),
        rum_row(2, start + timedelta(minutes=5), type="view", view=view),
    ]
    router = Router(recorded([], rows))
    around = looked(session, router)

    assert count(router, "analyze_rum_events") == 4
    assert count(router, "search_llmobs_spans") == 1
    assert count(router, "search_audit_logs") <= 3
    assert around.rum == "full"
    assert around.rum_by == "the RUM sessions of the user around the first turn"


def test_events_of_a_renewed_session_are_the_users_and_are_told() -> None:
    """A browser renews an idle session; the queries ask for the user, not for one session alone."""
    session = a_session_of(ANA)
    start = session.turns[0].start
    view = {"url": "https://x/home", "time_spent": 9 * 10**9}
    rows = [
        rum_row(1, start - timedelta(seconds=9), type="view", view={**view, "id": "u"}),
        rum_row(
            2,
            start + timedelta(minutes=20),
            type="view",
            view={**view, "id": "v"},
            session={"id": "00000000-0000-4000-8000-0000000000bb", "type": "user"},
        ),
    ]
    around = looked(session, Router(recorded([], rows)))

    assert len(around.events.rum) == 2
    assert around.rum_by.endswith("; 2 RUM sessions of the same user")


def test_events_on_other_days_alone_are_a_gap() -> None:
    """The user has RUM, but not near the session: the fixed text for it."""
    session = a_session_of(ANA)
    long_ago = session.turns[0].start - timedelta(days=3)
    router = Router(recorded([], [rum_row(1, long_ago, type="view", view={"id": "v"})]))

    assert looked(session, router).rum == "partial — web RUM gap on session date"


@pytest.mark.parametrize(
    ("said", "rum"),
    [
        ("no access (403 Forbidden); run it", "partial — auth error on views of"),
        ("API error (status 500): broken", "partial — error on views of"),
    ],
)
def test_what_is_refused_and_what_is_broken_are_told_apart(said: str, rum: str) -> None:
    """Neither ends anything, and neither is evidence."""
    router = Router(recorded([]), lambda call: said if call.tool == "analyze_rum_events" else "")
    around = looked(a_session_of(ANA), router)

    assert around.rum.startswith(rum)
    assert around.evidence.findings == collect(a_session_of(ANA)).findings
    assert any(said[:10] in note for note in around.told(Coverage()).notes)


def test_a_refused_trail_is_unavailable_and_nothing_more() -> None:
    """It is a flag, never an error."""
    router = Router(recorded([]), lambda call: "403" if call.tool == "search_audit_logs" else "")
    around = looked(a_session_of(ANA), router)

    assert around.audit.startswith("audit_unavailable: no access to the audit trail")
    assert [f for f in around.evidence.findings if f.id.startswith("audit")] == []


def test_a_trace_is_judged_by_itself() -> None:
    """A single trace makes no calls."""
    router = Router(recorded([]))
    around = looked(a_session_of(ANA, unit=Unit.TRACE), router)

    assert router.calls == []
    assert around.rum == around.audit == "not looked at: a trace is judged by itself"


def test_turns_without_times_have_no_surroundings() -> None:
    """Agent loops alone tell no times, so no window can be asked for."""
    session = a_session_of(ANA)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    turns = tuple(replace(turn, start=epoch, end=epoch) for turn in session.turns)
    router = Router(recorded([]))

    assert looked(replace(session, turns=turns), router).rum == "not asked"
    assert router.calls == []


def test_nobody_to_ask_is_no_reason_to_fail() -> None:
    """A bundle without rows says that none are recorded."""
    around = gather_surroundings(
        collect(a_session_of(ANA)), generic_profile(), Recorded(), None, NOW
    )

    assert (around.rum, around.audit, around.notes) == ("not asked", "not asked", ())
