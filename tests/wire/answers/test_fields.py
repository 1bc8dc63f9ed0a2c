"""What `doctor --record` tells of answers: their keys and types, and nothing else."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from session_classify.wire.answers.fields import fields_of

SECRET = st.text("abcxyz", min_size=12, max_size=20).map(lambda text: f"0000{text}")
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), SECRET),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["spans", "id", "usr", "arguments"]), inner, max_size=3),
        st.dictionaries(SECRET, inner, max_size=3),
    ),
)


@given(VALUES)
def test_no_value_is_told_nor_a_key_that_is_data(value: Any) -> None:
    """Whatever an answer holds, only names of fields and types come out."""
    found = fields_of([("tool", json.dumps({"data": value}).encode())])

    assert "0000" not in str(found)


def test_paths_and_types_are_counted_by_tool() -> None:
    """Two answers of one tool are one account; what is under free keys is a star."""
    answers = [
        {"spans": [{"span_id": "1", "trace_id": "2", "start_ms": 3}], "next_cursor": None},
        {"spans": [{"span_id": "1", "usr": {"pet": "cat"}}]},
    ]
    (found,) = fields_of(("search_llmobs_spans", json.dumps(one).encode()) for one in answers)

    assert found.answers == 2
    assert found.types["spans[].span_id"] == {"text": 2}
    assert found.types["spans[].usr.*"] == {"text": 1}
    assert found.types["next_cursor"] == {"null": 1}
    assert found.missing == ()


def test_what_was_expected_and_is_not_there_is_named() -> None:
    """An empty list may have any items; a row without its id may not."""
    empty, lacking = {"spans": []}, {"spans": [{"name": "a"}]}

    (first,) = fields_of([("search_llmobs_spans", json.dumps(empty).encode())])
    (second,) = fields_of([("search_llmobs_spans", json.dumps(lacking).encode())])

    assert first.missing == ()
    assert "spans[].span_id" in second.missing


def test_tables_and_errors_are_told_by_their_kind() -> None:
    """The columns of a table are fields; of an error nothing is told but that it was one."""
    table = b"<METADATA>{}</METADATA>\ntimestamp\t@action.name\n2026-11-20T05:08:52Z\tclick\n"
    found = fields_of([("analyze_rum_events", table), ("x", b"Error: user ana@example.com")])

    assert list(found[0].types) == ["(column) @action.name", "(column) timestamp"]
    assert list(found[1].types) == ["(an error or an empty answer)"]
