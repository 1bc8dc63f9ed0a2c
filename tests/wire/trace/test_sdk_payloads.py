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
