"""Which RUM calls are made: against a stand-in that answers them from made-up events."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from datadog_standin.events import rum_events
from datadog_standin.recording import recorded
from session_classify.model import Session
from session_classify.queries.call import Call, Received
from session_classify.queries.rum import search_body
from session_classify.vocabulary import RumIdentity, Unit
from session_classify.wire.rum.events import RumAnswer, read_rum
from session_classify.wire.rum.next_calls import ActionNaming, RumPlan, rum_plan
from session_classify.wire.rum.pages import joined
from session_classify.wire.rum.received import read_received
from tests.rum_rows import a_rum_row, a_rum_session

NOW = 1_795_200_000_000
DAY = 86_400
NONE = ActionNaming()


def asked_all(
    session: Session,
    events: list[dict[str, Any]],
    naming: ActionNaming = NONE,
    refused: str = "nothing",
) -> tuple[list[Call], RumPlan, dict[str, RumAnswer | None]]:
    """Make the calls that are wanted until there are none, and return them with the last plan."""
    recording = recorded([], [a_rum_row(event, n) for n, event in enumerate(events, start=1)])
    asked: dict[str, RumAnswer | None] = {}
    calls: list[Call] = []
    while (plan := rum_plan(session, asked, naming)).call is not None:
        calls.append(plan.call)
        assert str(plan.call) not in asked, "the same call twice"
        assert len(calls) < 20
        if refused in str(plan.call):
            asked[str(plan.call)] = None
            continue
        page = rum_events(recording, search_body(plan.call), NOW)
        (asked[str(plan.call)],) = read_rum(json.dumps(page).encode(), "answer")
    return calls, plan, asked


SEND = {"at": 0, "action": "assistant.send"}


def test_a_user_without_events_costs_two_calls() -> None:
    """No RUM session of that id, and no event in 30 days: there is no more to ask."""
    calls, plan, _ = asked_all(a_rum_session({}), [{"at": 0, "user": "u-77", "email": "b@x.com"}])

    assert len(calls) == 2
    assert (plan.by, plan.elsewhere) == (RumIdentity.NOBODY, False)


def test_a_session_id_that_is_a_rum_session_costs_two_calls() -> None:
    """Its views, then its actions."""
    session = a_rum_session({"session_id": "shared"})
    events = [{"at": -5, "session": "shared"}, {**SEND, "session": "shared"}]

    calls, plan, asked = asked_all(session, events)

    assert len(calls) == 2
    assert plan.by is RumIdentity.SESSION_ID
    assert [e.type for e in joined(filter(None, asked.values())).events] == ["view", "action"]


def test_without_a_user_the_session_id_is_all_there_is() -> None:
    """A page that was open before the window shows no view in it, so its actions are asked for."""
    session = a_rum_session({"session_id": "shared"})
    nameless = replace(session, identity=replace(session.identity, user_handle=""))
    events = [{"at": -7_200, "session": "shared"}, {**SEND, "session": "shared"}]

    calls, plan, asked = asked_all(nameless, events)
    _, nothing, _ = asked_all(nameless, [])

    assert len(calls) == 2
    assert plan.by is RumIdentity.SESSION_ID
    assert len(joined(filter(None, asked.values())).events) == 1
    assert (nothing.call, nothing.by) == (None, RumIdentity.NOBODY)


@pytest.mark.parametrize(
    ("events", "identity", "wanted"),
    [
        pytest.param(
            [{"at": -300, "for": 400}, SEND], RumIdentity.AROUND, "@session.id:", id="open-page"
        ),
        pytest.param(
            [{"at": -30}, {"at": 30, "session": "second"}, SEND],
            RumIdentity.AROUND,
            " OR ",
            id="two-sessions",
        ),
        pytest.param(
            [{"at": -3 * DAY}, {"at": 600}], RumIdentity.USER_ID, "@usr.id:u-42", id="by-id"
        ),
        pytest.param(
            [{"at": -3 * DAY, "user": "other-id"}, {"at": 600}],
            RumIdentity.EMAIL,
            "@usr.email:ana@example.com",
            id="by-e-mail",
        ),
    ],
)
def test_otherwise_four_calls_are_made(
    events: list[dict[str, Any]], identity: RumIdentity, wanted: str
) -> None:
    """Session id, lookup, views, actions; whose they are is told by what the lookup met."""
    calls, plan, _ = asked_all(a_rum_session({"usr_id": "u-42"}), events)

    assert len(calls) == 4
    assert plan.by is identity
    assert plan.elsewhere is True
    assert wanted in calls[2].pup[4]
    assert wanted in calls[3].arguments["filter"]


def test_baggage_that_names_another_user_is_not_believed() -> None:
    """The RUM session that the spans name is another user's, so the user is looked up."""
    session = a_rum_session({"session_id": "shared"})
    events = [{"at": -5, "session": "shared", "user": "u-77", "email": "bob@example.com"}]

    calls, plan, _ = asked_all(session, [*events, {"at": 1}])

    assert plan.by is RumIdentity.AROUND
    assert len(calls) == 4


def test_who_is_refused_twice_is_not_asked_on() -> None:
    """Without access to RUM there is nothing to find out, and the coverage names both queries."""
    calls, plan, _ = asked_all(a_rum_session({}), [], refused="analyze")

    assert len(calls) == 2
    assert len(plan.failed) == 2


def test_one_refused_query_leaves_the_other() -> None:
    """Views without actions are still behaviour."""
    calls, plan, asked = asked_all(a_rum_session({}), [{"at": 1}, SEND], refused="@action.type")

    assert len(calls) == 4
    assert plan.failed == ("actions",)
    assert len(joined(filter(None, asked.values())).events) == 1


def many(count: int, name: str) -> list[dict[str, Any]]:
    """Return so many actions, a second apart, and a view around them."""
    return [{"at": -1}] + [{"at": n, "action": name} for n in range(count)]


def test_actions_at_the_limit_are_narrowed_to_known_names() -> None:
    """A thousand actions of a framework leave no room, so the profile's names are asked for."""
    events = [*many(1_500, "framework.tick"), {"at": 2_000, "action": "assistant.send"}]

    calls, plan, _ = asked_all(a_rum_session({}), events, ActionNaming(("assistant.*",)))

    assert len(calls) == 5
    assert "assistant.*" in calls[-1].pup[4]
    assert plan.truncated == ()


def test_without_known_names_pages_are_followed() -> None:
    """Every action comes, each once, although a page holds a thousand."""
    calls, plan, asked = asked_all(a_rum_session({}), many(2_500, "made.up"))

    assert len(calls) == 6
    assert plan.truncated == ()
    assert sum(e.type == "action" for e in joined(filter(None, asked.values())).events) == 2_500


def test_what_no_page_reaches_is_told() -> None:
    """More events in a second than a page holds: pup has no way to ask for the rest."""
    same = [{"at": n / 1_250, "action": "made.up"} for n in range(5_000)]

    _, plan, _ = asked_all(a_rum_session({}), [{"at": -1}, *same])

    assert plan.truncated == ("actions",)


def test_pages_of_a_table_go_by_rows() -> None:
    """The MCP server counts rows; a page that is the last one says so."""
    session = a_rum_session({"session_id": "shared"})
    views, head = rum_plan(session, {}, NONE).call, "timestamp\tsession_id\tview_url\n"
    assert views is not None
    line = f"2026-11-20T05:09:{{:02}}.000Z\t{session.id}\thttps://app.example.com/{{}}\n"
    full = head + "".join(line.format(n % 60, n) for n in range(200))
    asked: dict[str, RumAnswer | None] = {}
    (asked[str(views)],) = read_rum(full.encode(), "p1")
    actions = rum_plan(session, asked, NONE).call
    (asked[str(actions)],) = read_rum(b'{"data": []}', "a1")

    following = rum_plan(session, asked, NONE).call

    assert following is not None
    assert following.arguments["start_at"] == 200
    (asked[str(following)],) = read_rum((head + line.format(59, 201)).encode(), "p2")
    assert rum_plan(session, asked, NONE).call is None


def test_what_was_received_is_read_for_the_planner() -> None:
    """Each answer stands under its call; a refusal is told and none; files belong to no call."""
    session = a_rum_session({})
    call = rum_plan(session, {}, NONE).call
    page = json.dumps({"data": [a_rum_row({"at": 1}, 1)]}).encode()

    found = read_received([Received("views", page, call), Received("rum.jsonl", page)])
    none = read_received([Received("views", b"Error: 403 forbidden", call)])

    assert list(found.asked) == [str(call)]
    assert (len(found.rows.events), found.rows.repeated) == (1, 1)
    assert none.asked == {str(call): None}
    assert "403 forbidden" in none.refused[0]
    assert rum_plan(session, none.asked, NONE).failed


def test_a_trace_and_a_session_without_times_ask_nothing() -> None:
    """A single trace has no RUM, and turns of loops alone are of no day."""
    session = a_rum_session({})
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    timeless = replace(session, turns=(replace(session.turns[0], start=epoch, end=epoch),))

    assert rum_plan(replace(session, unit=Unit.TRACE), {}, NONE) == RumPlan()
    assert rum_plan(timeless, {}, NONE) == RumPlan()
