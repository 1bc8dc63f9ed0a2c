"""How tool calls ended."""

from typing import Any

import pytest
from hypothesis import given

from session_classify.evidence.conversation.tool_results import (
    ToolResult,
    judge_result,
    read_results,
)
from session_classify.evidence.results.wrappers import Unwrapped
from session_classify.vocabulary import Outcome
from tests.evidence.build import a_call, a_sampled_call, a_session, a_turn
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


def reading_of(result: str, error: str | None = None) -> ToolResult:
    """Return the reading of one write."""
    call = a_call("cancel_order", "write", result, error)
    (reading,) = read_results(a_session(a_turn("Go", "Done", call)))
    return reading


def test_text_behind_a_value_is_kept_apart() -> None:
    """A result that begins with a JSON value and goes on is that value; the rest is not lost."""
    reading = reading_of('{"result": {"id": "A-1"}}\nServed from the cache.')

    assert reading.data == {"id": "A-1"}
    assert reading.rest == "Served from the cache."


def test_a_refusal_counts_although_its_span_failed() -> None:
    """Clients mark a refused call as an error; the person's refusal says more than the mark."""
    assert reading_of("User rejected the tool call.", "error").outcome is Outcome.REJECTED


def test_an_error_is_not_told_twice() -> None:
    """A result that repeats the error of its span adds nothing to the reason."""
    reading = reading_of("409 Conflict: too late", "ToolError 409 Conflict: too late")

    assert reading.why == "span error ToolError 409 Conflict: too late"


def test_a_result_inside_a_wrapper_may_be_masked() -> None:
    """A mask stands for unknown content wherever it stands."""
    reading = reading_of('{"ok": true, "content": "<REDACTED_INPUT>"}')

    assert (reading.outcome, reading.why) == (Outcome.UNKNOWN, "the result is masked")
