"""What a drill-down brings up."""

from typing import Any

import pytest
from msgspec.structs import replace

from session_classify.evidence.conversation.drill_down import DrillDownItem, drill
from session_classify.model import ContextBlock, Iteration, Turn
from tests.evidence.build import a_call, a_session, a_turn

DELEGATED = "This tool is handled by the client application and will be shown."


def drilled(*turns: Turn) -> list[str]:
    return [f"{item.rule} {item.outcome} {item.direction}" for item in drill(a_session(*turns))]


def steps(*iterations: tuple[str | None, list[Any]]) -> Turn:
    """Return a turn whose iterations have the errors and calls that are given."""
    return a_turn(
        "Go",
        "Done.",
        iterations=tuple(
            Iteration(number, "s", "", tuple(calls), error=error)
            for number, (error, calls) in enumerate(iterations, start=1)
        ),
    )


def found_in(*turns: Turn) -> tuple[DrillDownItem, ...]:
    session = a_session(*turns)
    numbered, count = [], 0
    for turn, original in zip(session.turns, turns, strict=True):
        made = []
        for iteration in original.iterations:
            calls = []
            for call in iteration.tool_calls:
                count += 1
                calls.append(replace(call, id=f"tool{count}"))
            made.append(replace(iteration, tool_calls=tuple(calls)))
        numbered.append(replace(turn, iterations=tuple(made)))
    return drill(replace(session, turns=tuple(numbered)))


def test_a_rendering_that_nobody_confirmed_is_negative() -> None:
    """The client was given something to show, and the next turn says nothing of it."""
    shown = a_call("show_content", "client", DELEGATED)

    assert drilled(a_turn("Show it", "Here.", shown), a_turn("I see nothing", "Sorry.")) == [
        "rendering-unconfirmed delegated negative"
    ]


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        pytest.param("client_tool_response: ok", "rendering-confirmed confirmed neutral", id="ok"),
        pytest.param(
            '{"client_tool_response": {"status": "error"}}',
            "rendering-failed failed negative",
            id="error",
        ),
    ],
)
def test_the_next_turn_tells_what_the_client_did(response: str, expected: str) -> None:
    """A client_tool_response in the next turn's input confirms or denies the rendering."""
    shown = a_call("show_content", "client", DELEGATED)
    answer = a_turn("Thanks", "Welcome.", context=(ContextBlock("CLIENT_CONTEXT", response),))

    assert drilled(a_turn("Show it", "Here.", shown), answer) == [expected]


def test_a_client_tool_that_ran_on_the_server_is_no_rendering() -> None:
    """Any other result means that the output was in the answer."""
    shown = a_call("show_content", "client", '{"id": "c-1", "status": "created"}')

    assert drilled(a_turn("Show it", "Here.", shown)) == ["client-tool-confirmed confirmed neutral"]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param('{"id": "w-1"}', "write-confirmed confirmed neutral", id="confirmed"),
        pytest.param("403 PUT not allowlisted", "write-blocked blocked negative", id="blocked"),
        pytest.param("404 Not Found", "write-not-found not found negative", id="not-found"),
        pytest.param("Session not found", "write-expired expired negative", id="expired"),
        pytest.param("500: try later", "write-uncertain uncertain neutral", id="uncertain"),
        pytest.param("Error: no", "write-failed failed negative", id="failed"),
        pytest.param("hm", "write-unknown unknown neutral", id="unknown"),
        pytest.param(None, "write-unknown unknown neutral", id="no-answer"),
    ],
)
def test_every_write_is_told_with_its_outcome(result: str | None, expected: str) -> None:
    """Only what is known not to have happened is negative."""
    assert drilled(a_turn("Do it", "Done.", a_call("add_widget", "write", result))) == [expected]


def test_an_argument_that_came_back_otherwise_is_shown_beside_it() -> None:
    """Asked and returned stand side by side where they differ."""
    call = a_call("update_seat", "write", '{"id": "S-1", "cabin": "eco"}', cabin="biz")

    (item,) = drill(a_session(a_turn("Up", "Done.", call)))

    assert [(c.path, c.before, c.after) for c in item.differs] == [("cabin", "biz", "eco")]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param(["[]"] * 6, ["mostly-empty-data empty negative"], id="six-times-nothing"),
        pytest.param(["[]"] * 5, [], id="five-calls-are-not-many"),
        pytest.param(["[]"] * 3 + ["[1]"] * 3, [], id="half-found-something"),
        pytest.param(
            ["NO_DATA"] * 5 + ["[1]"] * 2, ["mostly-empty-data empty negative"], id="most"
        ),
    ],
)
def test_a_query_that_mostly_finds_nothing_is_told(results: list[str], expected: list[str]) -> None:
    """An analysis after that may be made up from nothing."""
    calls = [a_call("search_logs", "read", result, page=n) for n, result in enumerate(results)]

    assert drilled(a_turn("Why?", "Because.", *calls)) == expected


@pytest.mark.parametrize(
    ("iterations", "expected"),
    [
        pytest.param(
            [("timeout", [a_call("get_a", "read", "x")]), (None, [a_call("get_a", "read", "x")])],
            ["error-transient neutral"],
            id="worked-later",
        ),
        pytest.param(
            [("forbidden", [a_call("get_a", "read", "x")]), (None, [a_call("get_b", "read", "x")])],
            ["error-permanent negative"],
            id="given-up",
        ),
        pytest.param(
            [("forbidden", []), ("forbidden", [])],
            ["error-repeated negative", "error-repeated negative"],
            id="the-same-again",
        ),
        pytest.param(
            [("overloaded", []), (None, [])], ["error-transient neutral"], id="model-retry"
        ),
    ],
)
def test_errors_of_iterations_are_told_apart(
    iterations: list[tuple[str | None, list[Any]]], expected: list[str]
) -> None:
    """Transient when a like call worked later, repeated when it came again, else permanent."""
    found = found_in(steps(*iterations))

    assert [f"{item.rule} {item.direction}" for item in found] == expected


def test_a_failed_read_that_worked_later_is_neutral() -> None:
    """A retry that succeeded is no failure of the answer."""
    turn = a_turn(
        "Look",
        "Here.",
        a_call("get_a", "read", "Error: busy", n=1),
        a_call("get_a", "read", '{"x": 1}', n=2),
        a_call("get_b", "read", "Error: gone", n=3),
    )

    assert drilled(turn) == [
        "call-failed-then-worked failed neutral",
        "call-failed failed negative",
    ]


def test_quotes_are_short() -> None:
    """A result of a megabyte is quoted with 300 characters."""
    (item,) = drill(
        a_session(a_turn("Go", "No.", a_call("add_x", "write", "Error: " + "y" * 10**6)))
    )

    assert len(item.quote) == 300
