"""Claims of effects."""

from typing import Any

import pytest

from session_classify.evidence.findings import collect
from tests.evidence.build import a_call, a_session, a_turn
from tests.situations import samples


def quotes(*turns: Any) -> list[str]:
    return [f.quote for f in collect(a_session(*turns)).findings if f.id.startswith("claim")]


@pytest.mark.parametrize("sample", samples("claim"))
def test_a_stated_effect_needs_a_confirmed_write(sample: dict[str, Any]) -> None:
    """Each sample's answer is a claim, or none, given the calls of its turn."""
    calls = [a_call(call["name"], call["kind"], call["result"]) for call in sample["calls"]]

    found = quotes(a_turn("Please", sample["answer"], *calls))

    assert found == ([sample["claim"]] if sample["claim"] else [])


def test_a_recap_of_an_earlier_write_is_no_claim() -> None:
    """What was done two turns ago may be said again."""
    done = a_call("cancel_order", "write", '{"id": "A-1"}')

    assert (
        quotes(
            a_turn("Cancel it", "I have cancelled it.", done),
            a_turn("Sure?", "I have cancelled it."),
        )
        == []
    )


def test_a_write_of_a_later_turn_backs_nothing() -> None:
    """An effect that is stated first and made later was a claim when it was stated."""
    done = a_call("cancel_order", "write", '{"id": "A-1"}')

    assert quotes(
        a_turn("Cancel it", "I have cancelled it."), a_turn("Sure?", "Now it is.", done)
    ) == ["I have cancelled it."]
