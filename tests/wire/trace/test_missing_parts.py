"""What of a turn is not there, and that nothing of it is taken for content."""

import json
from pathlib import Path
from typing import Any

import pytest

from session_classify.evidence.conversation.tool_results import read_results
from session_classify.jsontext import compact_json
from session_classify.model import Session
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import generic_profile
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import read_spans
from tests.situations import load, situations


def row(place: int, span: dict[str, Any]) -> bytes:
    """Return a row of an export for a span in short form."""
    attributes = {
        "span_id": span["id"],
        "trace_id": "t1",
        "parent_id": span.get("parent", "undefined"),
        "name": span.get("name", span["id"]),
        "span_kind": span["kind"],
        "start_ns": 1_795_600_000_000_000_000 + place * 1_000_000_000,
        "duration": 500_000_000,
        "input": span.get("input"),
        "output": span.get("output"),
        "collection_errors": span.get("collection_errors"),
        "tags": ["session_id:s-1"],
    }
    return json.dumps({"attributes": attributes}).encode()


def session_of(found: dict[str, Any]) -> Session:
    lines = [row(place, span) for place, span in enumerate(found["spans"])]
    session, _ = build_session(read_spans(lines, "spans.jsonl"), Unit.SESSION, "s-1")
    return with_kinds(session, generic_profile())


@pytest.mark.parametrize("folder", situations("missing"))
def test_what_is_not_there_is_counted_and_is_no_content(folder: Path) -> None:
    """Each situation's spans give the texts that are there and the count of those that are not."""
    found = load(folder / "situation.yaml")
    session = session_of(found)
    (turn,) = session.turns

    assert {part.why.value: part.count for part in turn.missing} == found["missing"]
    assert (turn.user_text, turn.final_text) == (found["user"], found["final"])
    assert (turn.content_source.value, turn.why) == (found["source"], found["why"])
    told = [
        f"{r.call.name} {compact_json(r.call.arguments)}: {r.outcome.value}, {r.why}"
        for r in read_results(session)
    ]
    assert told == found["calls"]
