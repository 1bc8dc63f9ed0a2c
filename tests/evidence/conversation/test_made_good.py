"""Whether a later write made a failed one good."""

from typing import Any

import pytest

from session_classify.evidence.conversation.made_good import cause_of, is_alike
from session_classify.evidence.findings import collect
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples

KINDS = {"get_order": "read", "list_orders": "read"}


@pytest.mark.parametrize("sample", samples("mended"))
def test_a_failed_write_is_made_good_by_the_same_act_alone(sample: dict[str, Any]) -> None:
    """The same tool on the same target, or on the one that a mistyped id meant."""
    calls = [
        a_call(name, KINDS.get(name, "write"), result, **arguments)
        for name, arguments, result in sample["calls"]
    ]
    turn = a_turn(sample.get("user", "Do it"), "Ok", *calls)

    evidence = collect(a_session(turn, rules=sample.get("rules", "")))

    failed = next(write for write in evidence.writes if write.failed)

    assert bool(evidence.made_good(failed)) is sample["made_good"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("W2417020", "W2417002", True),
        ("W2417020", "#w2417020", True),
        ("W2417020", "W241702", True),
        ("W2417020", "W24170200", True),
        ("W2417020", "W3417021", False),
        ("abc-12x", "abc-12x-9zz", False),
        ("ab", "cd", True),
        ("abcdef", "abxyef", True),
        ("abcdef", "xbcdey", False),
    ],
)
def test_ids_are_alike_that_differ_in_one_place(one: str, other: str, alike: bool) -> None:
    """By at most a third of the shorter one, or two characters; case and `#` do not count."""
    assert is_alike(one, other) is alike
    assert is_alike(other, one) is alike


def test_two_ids_may_be_held_to_fewer_characters() -> None:
    """What is beside an id differs in one or two characters."""
    assert is_alike("abcdefghijkl", "abcdefghxyzl")
    assert not is_alike("abcdefghijkl", "abcdefghxyzl", most=2)


READ = '{"id": "W11", "status": "delivered", "total": 5}'
SENT_BACK = '{"id": "W11", "status": "exchange requested", "total": 5}'
CHEAPER = '{"id": "W11", "status": "delivered", "total": 4}'
REFUSED = "Error: order cannot be changed"


@pytest.mark.parametrize(
    ("result", "target", "caused"),
    [(SENT_BACK, "W11", "write1"), (CHEAPER, "W11", ""), (SENT_BACK, "W12", "")],
    ids=["its-state", "another-field", "another-order"],
)
def test_a_failure_names_the_write_that_changed_the_state(
    result: str, target: str, caused: str
) -> None:
    """An order that was exchanged cannot be changed any more: the first write is the cause."""
    turn = a_turn(
        "Do it",
        "Ok",
        a_call("get_order", "read", READ, id="W11"),
        a_call("exchange_order", "write", result, id="W11"),
        a_call("change_order", "write", REFUSED, id=target),
    )
    evidence = collect(a_session(turn))

    cause = cause_of(evidence.writes[1], evidence.writes)

    assert (cause[0].id if cause else "") == caused
    assert cause is None or cause[1] == "status"
