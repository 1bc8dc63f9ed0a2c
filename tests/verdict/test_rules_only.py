"""The reading without a reader."""

from typing import Any

import pytest
from hypothesis import given

from session_classify.evidence.findings import collect
from session_classify.model import Evaluation, Iteration, Session, Turn
from session_classify.verdict.check import check
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from tests.digest.test_digest import sessions
from tests.evidence.build import a_call, a_session, a_turn

SENT = a_call("send_order", "write", '{"id": "A-1"}', id="A-1")
LOST = a_call("send_order", "write", "Error: closed", id="A-1")
OTHER = a_call("cancel_order", "write", '{"id": "A-2"}', id="A-2")


def thumbs(value: bool) -> Any:
    return (Evaluation("thumbs", value, "s", explicit=True),)


FACTS = [
    pytest.param([a_turn("Send", "Ok", SENT)], "yes low write1", id="confirmed-write"),
    pytest.param([a_turn("Hi", "Hello")], "yes low turn1", id="nothing-happened"),
    pytest.param([a_turn("Send", "No", LOST)], "no low write1", id="failed-write"),
    pytest.param(
        [a_turn("Send", "Ok", LOST, SENT)], "yes low write1 write2", id="failed-then-made-good"
    ),
    pytest.param(
        [a_turn("Send", "Ok", LOST, a_call("send_order", "write", '{"id": "A-2"}', id="A-2"))],
        "partial low write1",
        id="another-record-makes-nothing-good",
    ),
    pytest.param([a_turn("Send", "Ok", LOST, OTHER)], "partial low write1", id="one-of-two-failed"),
    pytest.param([a_turn("Send", "I have sent it.")], "no low claim1", id="claim-without-write"),
    pytest.param(
        [a_turn("Hi", "Hello", evaluations=thumbs(False))],
        "no medium feedback1 turn1",
        id="thumbs-down",
    ),
    pytest.param(
        [a_turn("Send", "No", LOST, evaluations=thumbs(True))],
        "no low write1",
        id="thumbs-up-over-a-failed-write-changes-nothing",
    ),
    pytest.param(
        [
            a_turn("Hi", "Hello", evaluations=thumbs(False)),
            a_turn("Hi", "Hello", evaluations=thumbs(True)),
        ],
        "partial medium feedback1 turn2",
        id="an-earlier-thumbs-down-costs-a-step",
    ),
    pytest.param(
        [a_turn("Send", "Ok", SENT, evaluations=thumbs(True))],
        "yes medium feedback1 write1",
        id="thumbs-up-over-a-confirmed-write",
    ),
    pytest.param([a_turn("Hi", "He", truncated=True)], "partial low turn1", id="cut-answer"),
    pytest.param([a_turn("Hi", None, status="error")], "no low turn1", id="error"),
    pytest.param(
        [a_turn("Hi", None, iterations=(Iteration(1, "s", "", (), error="429"),))],
        "no low turn1",
        id="model-error-without-an-answer",
    ),
    pytest.param(
        [a_turn("Hi", "Hello", iterations=(Iteration(1, "s", "", (), error="429"),))],
        "yes low turn1",
        id="model-error-and-an-answer-all-the-same",
    ),
    pytest.param(
        [a_turn("Send", "Ok", a_call("send_all", "write", "Error: closed"), SENT)],
        "partial low write1",
        id="another-tool-makes-nothing-good",
    ),
    pytest.param(
        [
            a_turn(
                "Send",
                "Ok",
                a_call("move_item", "write", "Error: closed", user_id="U-1", order_id="A-1"),
                a_call("move_item", "write", '{"id": "A-2"}', user_id="U-1", order_id="A-2"),
            )
        ],
        "partial low write1",
        id="another-record-of-the-same-user-makes-nothing-good",
    ),
    pytest.param(
        [
            a_turn(
                "Send",
                "Ok",
                a_call("send_mail", "write", "Error: closed", text="one"),
                a_call("send_mail", "write", '{"sent": true}', text="two"),
            )
        ],
        "partial low write1",
        id="another-text-makes-nothing-good-where-no-id-tells",
    ),
    pytest.param(
        [a_turn("Send", "Asked.", a_call("send_order", "write", None, "GraphInterrupt", id="A-1"))],
        "partial low write1",
        id="waits-for-approval",
    ),
    pytest.param(
        [a_turn("Send", "Ok", a_call("send_order", "write", "Error: timeout", id="A-1"))],
        "partial low write1",
        id="may-have-landed",
    ),
    pytest.param(
        [a_turn("Hi", "Hello", expected_text="Bye")],
        "no low expected1",
        id="not-what-the-record-wants",
    ),
    pytest.param([a_turn("Hi", None, masked=True)], "yes low turn1", id="masked"),
    pytest.param(
        [a_turn("Send", "Ok", LOST, LOST, OTHER)], "partial low write1 write2", id="two-failed"
    ),
    pytest.param(
        [
            a_turn(
                "Send", "No", a_call("send_order", "write", "Execution denied by user.", id="A-1")
            )
        ],
        "no low write1",
        id="rejected-by-a-person",
    ),
]


@pytest.mark.parametrize(("turns", "expected"), FACTS)
def test_facts_alone_give_a_verdict(turns: list[Turn], expected: str) -> None:
    """Claims, failed writes, errors and truncation decide, and explicit feedback moves it."""
    verdict = rules_only(collect(a_session(*turns)), load_rules())

    assert f"{verdict.verdict} {verdict.confidence} {' '.join(verdict.cited)}" == expected
    assert verdict.judged_by == "rules only"
    assert "nobody read the texts" in verdict.notes[0]


@given(sessions)
def test_it_passes_the_check(session: Session) -> None:
    """What the rules say is a verdict that a reader could record, one sentence and all."""
    evidence = collect(session)
    verdict = rules_only(evidence, load_rules())
    shown = frozenset(turn.number for turn in session.turns)

    assert [refusal.id for refusal in check(verdict, evidence, shown)] == []
