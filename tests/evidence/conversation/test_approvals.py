"""Calls that wait for a person: asked, approved, edited, rejected, still waiting."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from session_classify.evidence.conversation.approvals import (
    PAUSED,
    REJECTIONS,
    Decision,
    asks,
    decisions_in,
    is_pause,
    refused,
)
from session_classify.evidence.findings import collect
from session_classify.evidence.results.wrappers import unwrapped
from session_classify.model import Session, ToolCall
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples
from tests.wire.test_properties import values

READS = ("list_requests",)


def session_of(turns: list[dict[str, Any]]) -> Session:
    made = []
    for turn in turns:
        calls = [a_tool_call(call) for call in turn.get("calls", [])]
        fields = {key: turn[key] for key in ("status", "error") if key in turn}
        made.append(a_turn(turn["user"], turn["answer"], *calls, **fields))
    return a_session(*made)


def a_tool_call(told: dict[str, Any]) -> ToolCall:
    kind = "read" if told["name"] in READS else "write"
    made = a_call(told["name"], kind, told.get("result"), told.get("error"), **told["args"])
    return replace(made, tool_id=told.get("id", ""))


@pytest.mark.parametrize("sample", samples("approval"))
def test_a_persons_decision_is_a_state_of_its_own(sample: dict[str, Any]) -> None:
    """Each sample's calls have the outcome and decision that it expects, and are one effect."""
    evidence = collect(session_of(sample["turns"]))

    told = [
        " ".join([r.call.id, r.outcome.value, *([r.approval.decision.value] if r.approval else [])])
        for r in evidence.readings
    ]
    assert told == sample["readings"]
    assert [f"{w.id} {w.call.id} {w.outcome.value}" for w in evidence.writes] == sample["writes"]
    verdict = rules_only(evidence, load_rules())
    assert verdict.verdict.value == sample["rules_only"], verdict.reason


@pytest.mark.parametrize("sample", samples("approval"))
def test_a_pause_is_no_failed_call_and_no_repetition(sample: dict[str, Any]) -> None:
    """No finding tells that a call that asked a person failed, or was made again."""
    evidence = collect(session_of(sample["turns"]))
    asked = {r.call.id for r in evidence.readings if r.approval and r.approval.went_on}

    rules = {f.rule for f in evidence.findings if asked & {f.id, *f.calls}}

    assert not {"call-repeated", "write-failed", "call-failed"} & rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"resume": "approve"}', ["approved"]),
        ('{"resume": true}', ["approved"]),
        ('{"resume": {"decisions": [{"type": "edit"}, {"type": "yes"}]}}', ["edited", "approved"]),
        ('{"decisions": [{"type": "reject", "message": "no"}]}', ["rejected"]),
        ('{"approved": false}', ["rejected"]),
        ("Command(resume='accept')", ["approved"]),
        ("Command(resume=False)", ["rejected"]),
        ("yes", []),
        ('{"question": "approve what?"}', []),
        ('{"resume": {"name": "Ola"}}', []),
        ("Continue", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_decision_is_read_from_what_resumes_a_run(text: str, expected: list[str]) -> None:
    """Only the forms of frameworks count: what a person says in words is for a reader."""
    assert [decision.value for decision in decisions_in(text)] == expected


@given(word=st.sampled_from(sorted(PAUSED)), upper=st.booleans())
def test_a_word_that_asks_is_read_in_any_spelling(word: str, upper: bool) -> None:
    """Case, blanks and dashes make no difference."""
    spelled = word.replace("_", "-").upper() if upper else word.replace("_", " ")

    assert asks(a_call("release_slot", "write", f'{{"status": "{spelled}"}}'))


@pytest.mark.parametrize(
    "text",
    [
        "The request was denied.",
        "Access to the operation was denied",
        "The user list was rejected by the parser",
        "Users cancelled 3 bookings",
        "Approval workflow updated",
        "Confirmation required fields were saved",
        "The request was rejected: 422 unprocessable",
    ],
)
def test_a_refusal_without_a_person_is_no_decision(text: str) -> None:
    """A server denies requests, too; only a tool call that is refused, or a person, decides."""
    call = a_call("release_slot", "write", text)

    assert not refused(call, unwrapped(call.result).data)
    assert not asks(call)


@given(word=st.sampled_from(sorted(REJECTIONS)))
def test_a_decision_that_says_no_is_never_confirmed(word: str) -> None:
    """Every word of the table refuses the call."""
    call = a_call("release_slot", "write", f'{{"decision": "{word}"}}', slot_id="s7")
    (reading,) = collect(a_session(a_turn("Go", "Done", call))).readings

    assert reading.outcome.value == "rejected"


@given(values)
def test_any_result_can_be_asked_about(data: Any) -> None:
    """No result is so odd that reading it fails, and none both asks and refuses."""
    import json

    call = a_call("release_slot", "write", json.dumps(data))

    assert not (asks(call) and refused(call, unwrapped(call.result).data))


@given(st.text(max_size=200))
def test_a_text_is_no_pause_unless_it_names_one(text: str) -> None:
    """An error that names no pause stays an error."""
    assert not is_pause(f"ValueError: {text}")
    assert set(decisions_in(text)) <= set(Decision)
