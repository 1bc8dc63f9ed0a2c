"""Ids and URLs without a source, and calls made twice."""

from typing import Any

import pytest

from session_classify.evidence.findings import collect
from session_classify.model import Finding
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples


def findings(*turns: Any, kind: str, rules: str = "") -> list[Finding]:
    found = collect(a_session(*turns, rules=rules)).findings
    return [finding for finding in found if finding.id.startswith(kind)]


@pytest.mark.parametrize("sample", samples("ungrounded"))
def test_names_in_an_answer_need_a_source(sample: dict[str, Any]) -> None:
    """Each sample names the words of its answer that nothing before it shows."""
    turn = a_turn(sample["user"], sample["answer"], a_call("look_up", "read", sample["result"]))

    assert [f.quote for f in findings(turn, kind="ungrounded")] == sample["ungrounded"]


def test_a_source_in_a_later_turn_grounds_nothing() -> None:
    """An id that a result shows only afterwards was invented when it was said."""
    first = a_turn("Which?", "It is A-4711-Z.")
    second = a_turn("Sure?", "Yes.", a_call("get_order", "read", '{"id": "A-4711-Z"}'))

    assert [f.quote for f in findings(first, second, kind="ungrounded")] == ["A-4711-Z"]


def test_the_rules_ground_what_they_name() -> None:
    """A link in the app's rules may be given to the user."""
    turn = a_turn("Help", "See https://example.com/help.")

    assert findings(turn, kind="ungrounded", rules="Refer to https://example.com/help") == []


def test_the_same_call_again_is_told_once() -> None:
    """Three equal calls are one finding, under the id of the last."""
    calls = [a_call("get_order", "read", "{}", id="A-1") for _ in range(3)]

    (found,) = findings(a_turn("Hi", "Hello", *calls), kind="tool")

    assert (found.id, found.calls) == ("tool3", ("tool1", "tool2", "tool3"))
    assert "3 times" in found.summary


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(a_call("cancel_order", "write", '{"id": "A-1"}'), id="a-confirmed-write"),
        pytest.param(a_call("bash", "unknown", "ok", command="touch a"), id="an-unknown-call"),
    ],
)
def test_a_call_after_a_change_is_a_check_and_no_repetition(between: Any) -> None:
    """Who reads again after something may have changed checks it."""
    again = a_call("get_order", "read", "{}", id="A-1")

    assert findings(a_turn("Hi", "Hello", again, between, again), kind="tool") == []


def test_calls_without_recorded_arguments_are_not_compared() -> None:
    """Where arguments were not recorded, equal calls may differ."""
    calls = [a_call("execute", "unknown", "ok"), a_call("execute", "unknown", "ok")]

    assert findings(a_turn("Hi", "Hello", *calls), kind="tool") == []


def test_a_failed_read_is_a_finding_and_a_failed_write_is_the_ledgers() -> None:
    """Each failure is told once, where a reader looks for it."""
    turn = a_turn(
        "Hi",
        "Hello",
        a_call("get_order", "read", "Error: no such order"),
        a_call("cancel_order", "write", "Error: no such order"),
    )

    assert [f.id for f in findings(turn, kind="tool")] == ["tool1"]
    assert [f.outcome for f in findings(turn, kind="write")] == ["not found"]
