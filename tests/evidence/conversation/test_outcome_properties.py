"""What text behind a result and wrappers around it change about its outcome: nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.evidence.conversation.tool_results import ToolResult, read_results
from session_classify.evidence.results.wrappers import WRAPPERS, Wrapper
from session_classify.vocabulary import BAD_OUTCOMES
from tests.evidence.build import a_sampled_call, a_session, a_turn
from tests.situations import samples
from tests.wire.test_properties import values

LABELLED = [
    param.values[0]
    for param in samples("outcome")
    if param.values[0]["result"] is not None and "error" not in param.values[0]
]
BAD = [sample for sample in LABELLED if sample["outcome"] in BAD_OUTCOMES]
TAILS = st.text(max_size=40) | st.sampled_from(
    ["Order cancelled successfully.", '{"success": true, "id": "A-1"}', "200 OK", "exit code 0"]
)


def reading_of(sample: dict[str, Any], result: str) -> ToolResult:
    """Return the reading of a sample's call, given another result."""
    call = a_sampled_call({**sample, "result": result})
    (reading,) = read_results(a_session(a_turn("Go", "Done", call)))
    return reading


def wrap(row: Wrapper, value: Any) -> dict[str, Any]:
    """Put a value into a wrapper of one form, with no other field than its mark."""
    name, wanted = row.marks[0] if row.marks else ("", ())
    beside = {} if name in ("", *row.inside) else {name: wanted[0] if wanted else False}
    return {**beside, row.inside[-1]: value}


@given(st.sampled_from(BAD), st.sampled_from(["\n", "\n\n"]), TAILS)
def test_text_behind_a_failure_makes_it_no_success(
    sample: dict[str, Any], gap: str, tail: str
) -> None:
    """What is appended behind a result that tells of a failure does not hide the failure."""
    reading = reading_of(sample, sample["result"] + gap + tail)

    assert reading.outcome in BAD_OUTCOMES, reading.why


@given(st.sampled_from(LABELLED), st.lists(st.sampled_from(WRAPPERS), max_size=4), st.booleans())
def test_wrappers_keep_the_outcome(
    sample: dict[str, Any], rows: list[Wrapper], as_text: bool
) -> None:
    """A result in any wrappers, as objects or as JSON in strings, ends as it does without."""
    value: Any = sample["result"]
    for row in rows:
        value = wrap(row, json.dumps(value) if as_text and not isinstance(value, str) else value)

    reading = reading_of(sample, value if isinstance(value, str) else json.dumps(value))

    assert reading.outcome == sample["outcome"], reading.why


@pytest.mark.parametrize("row", WRAPPERS, ids=lambda row: f"{row.source}-{row.inside[0]}")
def test_each_wrapper_is_taken_off(row: Wrapper) -> None:
    """Each row of the table lets the result through that it holds, under each of its fields."""
    for name in row.inside:
        wrapped = {**wrap(row, None), name: {"slot": 7, "state": "free"}}

        reading = reading_of({"kind": "read", "result": ""}, json.dumps(wrapped))

        assert reading.data == {"slot": 7, "state": "free"}, name


@given(values, st.sampled_from(["read", "write", "unknown"]))
def test_any_json_text_has_an_outcome(data: Any, kind: str) -> None:
    """No result is so odd that reading it fails."""
    assert reading_of({"kind": kind}, json.dumps(data)).why


@given(st.text(max_size=80), st.sampled_from(["read", "write", "unknown"]))
def test_any_text_has_an_outcome(text: str, kind: str) -> None:
    """No text is so odd that reading it fails."""
    assert reading_of({"kind": kind}, text).why
