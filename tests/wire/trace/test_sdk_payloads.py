"""Spans as they were sent: real payloads, in every form in which they are kept."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from session_classify.model import Session
from session_classify.queries.call import Received
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_answers import session_of_answers
from session_classify.wire.session.sort_answers import read_answers


def read(session_id: str, *documents: Any) -> Session:
    data = [Received(f"f{n}", json.dumps(one).encode()) for n, one in enumerate(documents)]
    return session_of_answers(read_answers(data, ""), Unit.SESSION, session_id).session


@pytest.fixture
def sent(shared_data: Path) -> Any:
    """Return what a real SDK sent for a session of two turns."""
    return json.loads((shared_data / "ddtrace" / "llmobs_intake.json").read_bytes())


def test_what_the_sdk_sent_is_a_session(sent: Any, shared_data: Path) -> None:
    """Texts, calls, the failed write with its error, tool definitions, evaluations by span."""
    judged = json.loads((shared_data / "ddtrace" / "eval_metric_intake.json").read_bytes())

    found = read("sess-0001", sent, judged)

    assert found.turns[0].user_text == "Which dashboard shows checkout latency?"
    assert [call.name for call in found.tool_calls] == ["search_dashboards", "upsert_widget"]
    assert "403 PUT not allowlisted" in (found.tool_calls[1].error or "")
    assert [tool.name for tool in found.tools] == ["search_dashboards"]
    assert {e.name for turn in found.turns for e in turn.evaluations} == {
        "trace_satisfied",
        "session_satisfied",
    }


def test_recorded_requests_hold_the_same(sent: Any) -> None:
    """A test agent keeps each request with its body in base64, beside others."""
    requests = [
        {"method": "POST", "url": "/v0.4/traces", "body": base64.b64encode(b"\x93").decode()},
        *(
            {"url": "/api/v2/llmobs", "body": base64.b64encode(json.dumps([one]).encode()).decode()}
            for one in sent
        ),
    ]

    assert read("sess-0001", requests) == read("sess-0001", sent)


@pytest.mark.parametrize(
    ("name", "session_id", "turns"),
    [
        ("list_session_roots", "sess-0001", 2),
        ("ui_trace", "sess-0001", 1),
        ("lapdog_claude_spans", "cc-sess-1", 3),
    ],
)
def test_what_the_test_agent_answers_is_read(
    shared_data: Path, name: str, session_id: str, turns: int
) -> None:
    """Its list, its trace by id and the spans of a coding agent's hooks."""
    document = json.loads((shared_data / "ddtrace" / f"{name}.json").read_bytes())

    found = read(session_id, document)

    assert len(found.turns) == turns
    assert all(turn.user_text for turn in found.turns)
    assert all(turn.start.year == 2026 for turn in found.turns)


def a_span(span_id: str, **more: Any) -> dict[str, Any]:
    """Return a span of the HTTP API, made up."""
    meta = {"kind": "agent", "input": {"value": "Hi"}, "output": {"value": "Hello"}}
    place = {"span_id": span_id, "trace_id": f"t{span_id}", "parent_id": "undefined", "name": "a"}
    return {**place, "start_ns": 1795600000000000000, "duration": 9, "meta": meta, **more}


BATCH = {"ml_app": "made-up", "session_id": "s-1", "tags": ["env:dev", "user_handle:a@b.example"]}
FORMS: dict[str, Any] = {
    "documented": lambda spans: {"data": {"type": "span", "attributes": {**BATCH, "spans": spans}}},
    "without-data": lambda spans: {"type": "span", "attributes": {**BATCH, "spans": spans}},
    "several": lambda spans: {
        "data": [{"type": "span", "attributes": {**BATCH, "spans": [span]}} for span in spans]
    },
    "sdk": lambda spans: [{"event_type": "span", **BATCH, "spans": spans}],
    "sdk-alone": lambda spans: {"event_type": "span", **BATCH, "spans": spans},
}


@pytest.mark.parametrize("name", FORMS)
def test_what_a_batch_says_is_said_of_its_spans(name: str) -> None:
    """App, session and tags reach each span of it, in every form of a batch."""
    found = read("s-1", FORMS[name]([a_span("1"), a_span("2")]))

    assert (found.ml_app, len(found.turns)) == ("made-up", 2)
    assert found.identity.user_handle == "a@b.example"


def test_what_a_span_says_itself_counts_before_its_batch() -> None:
    """A session of its own, in a field or in a tag, and its own tags."""
    tagged = a_span("3", tags=["session_id:s-3", "env:prod"])
    spans = [a_span("1"), a_span("2", session_id="s-2", ml_app="other"), tagged]
    data = json.dumps(FORMS["documented"](spans)).encode()

    rows = read_answers([Received("f", data)], "").rows.spans

    assert [span.session_id for span in rows] == ["s-1", "s-2", "s-3"]
    assert [span.ml_app for span in rows] == ["made-up", "other", "made-up"]
    assert [span.tag("env") for span in rows] == ["dev", "dev", "prod"]


def test_one_exported_span_with_spans_in_its_data_is_no_batch() -> None:
    """Only a batch has a list of spans among its attributes, and no id."""
    row = {"id": "1", "type": "span", "attributes": {**a_span("1"), "metadata": {"spans": [1]}}}
    row["attributes"]["span_kind"] = "agent"

    answers = read_answers([Received("f", json.dumps(row).encode())], "")

    assert [span.span_id for span in answers.rows.spans] == ["1"]
