"""How tool calls ended."""

from typing import Any

import pytest
from hypothesis import given

from session_classify.evidence.conversation.tool_results import judge_result, read_results
from session_classify.evidence.results.wrappers import Unwrapped
from session_classify.vocabulary import Outcome
from tests.evidence.build import a_sampled_call, a_session, a_turn
from tests.situations import samples
from tests.wire.test_properties import values


@pytest.mark.parametrize("sample", samples("outcome"))
def test_an_outcome_is_read_off_the_result(sample: dict[str, Any]) -> None:
    """Each sample's result and error give the outcome that it expects."""
    call = a_sampled_call(sample)

    (reading,) = read_results(a_session(a_turn("Go", "Done", call)))

    assert reading.outcome == sample["outcome"], reading.why


@given(values)
def test_any_json_has_an_outcome_and_a_reason(data: Any) -> None:
    """No result is so odd that reading it fails, and the outcome always says why."""
    outcome, why = judge_result(Unwrapped(data))

    assert outcome in Outcome
    assert why
