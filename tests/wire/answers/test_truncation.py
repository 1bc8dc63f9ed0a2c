"""Answers that say of themselves that they are cut."""

import json
from typing import Any

import pytest

from session_classify.queries.call import Received
from session_classify.wire.answers.truncation import says_truncated
from session_classify.wire.audit import read_audit_answer
from session_classify.wire.rum.received import read_marked
from session_classify.wire.session.sort_answers import read_answers
from tests.rum_rows import rum_rows

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


def pup(data: Any, *, cut: bool) -> bytes:
    """Return an answer as pup prints it for an agent."""
    return json.dumps(
        {"status": "success", "data": data, "metadata": {"count": 1, "truncated": cut}}
    ).encode()


SPANS = [
    {
        "span_id": "1",
        "trace_id": "t1",
        "parent_id": "undefined",
        "name": "desk",
        "span_kind": "agent",
        "status": "ok",
        "start_ms": 1_795_600_000_000,
        "duration_ms": 5,
        "tags": ["session_id:s-1"],
    }
]
AUDIT_ROW = {
    "id": "a1",
    "type": "audit",
    "attributes": {
        "timestamp": "2026-11-20T05:09:00Z",
        "attributes": {"evt": {"name": "Dashboard"}, "action": "created"},
    },
}


@pytest.mark.parametrize("cut", [True, False])
def test_a_cut_answer_is_told_whatever_it_is_about(cut: bool) -> None:
    """Spans, RUM events and audit rows in pup's agent mode say that there is more."""
    listed = read_answers([Received("spans.json", pup({"spans": SPANS}, cut=cut))], "")
    events = read_marked(pup(rum_rows({"events": [{"at": 1, "url": "/a"}]}), cut=cut), "rum.json")
    trail = read_audit_answer(pup([AUDIT_ROW], cut=cut), "audit.json")

    said = "there is more, by its own word"
    assert listed.truncated == ((f"spans.json: {said}",) if cut else ())
    assert [answer.is_truncated for answer in events] == [cut]
    assert trail.notes == ((f"audit.json: {said}",) if cut else ())
