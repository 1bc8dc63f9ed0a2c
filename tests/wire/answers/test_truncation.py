"""Answers that say of themselves that they are cut."""

import json
from typing import Any

import pytest

from session_classify.wire.answers.truncation import says_truncated

BLOCK = "<METADATA>\nrows: 20\nis_truncated: true\n</METADATA>"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": "success", "data": {}, "metadata": {"truncated": True}}, True),
        ({"data": [], "metadata": {"count": 5, "is_truncated": True}}, True),
        ([{"type": "text", "text": BLOCK}, {"type": "text", "text": "{}"}], True),
        (BLOCK + "\n{}", True),
        ({"data": {}, "metadata": {"truncated": False}}, False),
        ({"data": {"metadata": {"truncated": True}}}, False),
        ([{"type": "text", "text": json.dumps({"metadata": {"truncated": True}})}], False),
        ([{"type": "text", "text": "the log is truncated: true story"}], False),
        ("<METADATA>\nis_truncated: false\n</METADATA>", False),
        ('{"truncated": ', False),
        ("", False),
    ],
)
def test_an_answer_is_cut_by_its_own_word(answer: Any, expected: bool) -> None:
    """Only what stands around the content counts, not what the content says."""
    text = answer if isinstance(answer, str) else json.dumps(answer)

    assert says_truncated(text.encode()) is expected
