"""Rows of the audit search, in every envelope, normalised once."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.errors import UnusableInputError
from session_classify.wire.audit import merged, read_audit, read_audit_answer
from tests.evidence.audit_rows import raw_rows
from tests.situations import situation
from tests.wire.test_properties import values

SAMPLE = {"rows": ["the assistant adds w-3", {"end": 60, "action": "deleted"}]}
ROWS = [json.loads(row) for row in raw_rows(SAMPLE)]
BARE = {"data": ROWS, "meta": {"page": {}, "status": "done"}}
AGENT = {
    "status": "success",
    "data": ROWS,
    "metadata": {"count": 3, "command": "audit-logs search"},
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def a_row(**fields: Any) -> bytes:
    inner = {"timestamp": "2026-11-01T12:00:00Z", **fields.pop("inner", {})}
    attributes = {"timestamp": "2026-11-01T12:00:00Z", "attributes": inner, **fields}
    return json.dumps({"id": "a", "type": "audit", "attributes": attributes}).encode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(json.dumps(BARE, indent=1), id="pup"),
        pytest.param(json.dumps(AGENT), id="pup-agent-mode"),
        pytest.param(json.dumps(ROWS), id="a-bare-list"),
        pytest.param("\n".join(json.dumps(row) for row in ROWS), id="one-row-a-line"),
        pytest.param("\ufeff\n" + "\n\n".join(map(json.dumps, ROWS)) + "\n", id="blank-lines"),
        pytest.param(json.dumps([{"type": "text", "text": json.dumps(BARE)}]), id="text-block"),
        pytest.param(json.dumps({"result": json.dumps(BARE)}), id="result-string"),
    ],
)
def test_an_answer_is_read_in_any_envelope(data: str) -> None:
    """What pup prints, what the API answers and what a bundle holds give the same events."""
    read = read_audit_answer(data.encode(), "audit")

    assert [(e.id, e.action, e.method, e.status) for e in read.events] == [
        ("made-up-1", "accessed", "PUT", 200),
        ("made-up-2", "modified", "", None),
        ("made-up-3", "deleted", "", None),
    ]
    assert (read.rows, read.unreadable, read.notes, read.refused) == (3, (), (), "")
    request, change, _ = read.events
    assert (request.is_history, request.is_mcp, request.path) == (
        False,
        True,
        "/api/v1/dashboard/abc-123",
    )
    assert (change.is_history, str(change.asset), change.asset_name) == (
        True,
        "dashboard abc-123",
        "Latency",
    )
    assert (change.user_email, change.user_id, change.actor_type) == (
        "ana@example.com",
        "u-42",
        "USER",
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param('{"errors": ["Forbidden"]}', "Forbidden", id="api"),
        pytest.param("Error: failed to search audit logs: 403 Forbidden", "403", id="pup"),
        pytest.param('{"status": "error", "error_code": 403}', "403", id="pup-agent-mode"),
    ],
)
def test_a_refusal_is_an_answer(data: str, told: str) -> None:
    """Without the scope the trail is unavailable, which is a flag and no error."""
    read = read_audit_answer(data.encode(), "audit")

    assert told in read.refused
    assert (read.events, read.rows) == ((), 0)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param('{"spans": []}', "list of spans", id="spans"),
        pytest.param("Error: timed out", "is an error result", id="another-error"),
        pytest.param('{"errors": ["query is wrong"]}', "error answer", id="another-refusal"),
        pytest.param("", "is empty", id="nothing"),
        pytest.param("hello", "text without JSON or a table", id="prose"),
    ],
)
def test_what_is_no_audit_answer_is_refused(data: str, told: str) -> None:
    """The file is named, with what it is and what was expected."""
    with pytest.raises(UnusableInputError, match=rf"audit\.txt.*{told}"):
        read_audit_answer(data.encode(), "audit.txt")


def test_an_empty_answer_has_no_events() -> None:
    """No row is an answer too."""
    assert read_audit_answer(b'{"data": [], "meta": {}}', "audit").events == ()
    assert read_audit_answer(b'{"status": "success", "data": []}', "audit").rows == 0


def test_an_answer_tells_its_own_gaps() -> None:
    """A search that timed out, and a page with a cursor, lack rows."""
    meta = {"page": {"after": "next"}, "status": "timeout"}

    rows = [{**ROWS[0], "id": str(number)} for number in range(10)]

    read = read_audit_answer(json.dumps({"data": rows, "meta": meta}).encode(), "page1")

    assert read.notes == (
        "page1: the audit search timed out, so rows are missing",
        "page1: this page of the audit search ends in a cursor",
    )
    end = read_audit_answer(b'{"data": []}', "page2")
    assert merged((read, end)).notes == read.notes[:1]
    short = {"data": ROWS, "meta": {"page": {"after": "next"}}}
    assert read_audit_answer(json.dumps(short).encode(), "page1").notes == ()


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-11-01T12:00:00.500Z", "2026-11-01T12:00:00.500+00:00"),
        ("2026-11-01T12:00:00Z", "2026-11-01T12:00:00+00:00"),
        ("2026-11-01T12:00:00.5+00:00", "2026-11-01T12:00:00.500+00:00"),
        ("2026-11-01T13:30:00.123999+01:30", "2026-11-01T12:00:00.123+00:00"),
        ("2026-11-01T12:00:00", "2026-11-01T12:00:00+00:00"),
        (1793534400500, "2026-11-01T12:00:00.500+00:00"),
        ("1793534400500", "2026-11-01T12:00:00.500+00:00"),
    ],
)
def test_an_instant_is_utc_to_the_millisecond(stamp: str | int, expected: str) -> None:
    """Any offset, any fraction, text or a count of milliseconds."""
    (event,) = read_audit([a_row(timestamp=stamp)], "a").events

    assert event.at == at(expected)
    assert event.at.tzinfo is UTC


def test_the_inner_instant_stands_in_for_the_outer_one() -> None:
    """A row without an instant of its own has the one inside."""
    row = a_row(timestamp=None, inner={"timestamp": "2026-11-01T12:00:07Z"})

    assert read_audit([row], "a").events[0].at == at("2026-11-01T12:00:07Z")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param({"widgets": []}, {"widgets": []}, id="object"),
        pytest.param('{"widgets": []}', {"widgets": []}, id="json-string"),
        pytest.param("deleted", None, id="words"),
        pytest.param(None, None, id="none"),
        pytest.param(json.loads("[" * 90 + "]" * 90), None, id="too-deep"),
        pytest.param(
            '{"a": "\\ud800", "m": NaN}', {"a": "\\ud800", "m": None}, id="half-a-character"
        ),
        pytest.param("{'a': None}", {"a": None}, id="as-python-prints-it"),
    ],
)
def test_a_state_is_an_object_or_unknown(state: Any, expected: Any) -> None:
    """States come as objects or as JSON strings; what is neither is not compared."""
    row = a_row(inner={"asset": {"id": 5, "type": "Monitor", "new_value": state}})

    (event,) = read_audit([row], "a").events

    assert event.new_value == expected
    assert str(event.asset) == "monitor 5"


def test_rows_that_cannot_be_read_are_told_and_the_rest_is_kept() -> None:
    """Each by its line, with the reason."""
    lines = [b"{", b'{"id": "x"}', a_row(timestamp="soon", inner={}), b"", a_row()]

    read = read_audit(lines, "audit.jsonl")

    assert [line.partition(": ")[0] for line in read.unreadable] == [
        "audit.jsonl:1",
        "audit.jsonl:2",
        "audit.jsonl:3",
    ]
    assert (len(read.events), read.rows) == (1, 4)


def test_overlapping_answers_give_each_event_once() -> None:
    """By id, or by being the same row where there is none; every row counts for a limit."""
    nameless = b'{"attributes": {"timestamp": 1793534400500, "attributes": {"http": {}}}}'
    lines = [a_row(), nameless, nameless]

    read = merged([read_audit(lines, "one"), read_audit(lines[:2], "two")])

    assert (len(read.events), read.rows) == (2, 5)


def test_the_demo_has_both_kinds_of_rows() -> None:
    """History rows and HTTP rows are told apart in the bundle that ships."""
    import session_classify

    path = Path(session_classify.__file__).parent / "demo_bundle" / "audit.jsonl"
    read = read_audit_answer(path.read_bytes(), path.name)

    assert [event.is_history for event in read.events] == [False, True, False]
    assert read.events[0].is_mcp


@given(st.lists(values, max_size=4), values)
def test_any_json_is_read_or_told(rows: list[Any], inner: Any) -> None:
    """No row breaks the reader: each becomes an event or a line."""
    made = [{"id": 1, "attributes": {"timestamp": 1793534400500, "attributes": inner}}, *rows]

    read = read_audit([json.dumps(row).encode() for row in made], "a")

    assert len(read.events) + len(read.unreadable) <= read.rows == len(made)
    assert read.events


def test_a_row_without_an_instant_is_told() -> None:
    """The row that lies beside other answers of an agent names no time, so it has no phase."""
    import yaml

    listed = yaml.safe_load((situation("answers-behaviour-beside") / "situation.yaml").read_text())
    (answer,) = [a for a in listed["answers"] if isinstance(a, dict) and a.get("meta") == {}]
    read = read_audit_answer(json.dumps(answer).encode(), "a")

    assert (read.rows, len(read.unreadable)) == (1, 1)
