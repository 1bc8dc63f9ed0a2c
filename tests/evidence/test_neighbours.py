"""Other sessions of the same user, and what they may say of this one."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from session_classify.evidence.neighbours import neighbour_findings, preview_match
from session_classify.wire.session.neighbours import read_neighbours
from session_classify.wire.trace.span_listing import read_nodes
from session_classify.wire.trace.spans import read_spans
from tests.rum_rows import a_rum_session
from tests.situations import load, situations

SESSION = a_rum_session({})


def roots(situation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return root spans of two turns of another session, as a search lists them."""
    start = SESSION.turns[0].start + timedelta(seconds=situation["begins"])
    user = situation.get("user", "ana@example.com")
    return [
        {
            "span_id": f"other{number}",
            "trace_id": f"t-other{number}",
            "parent_id": "undefined",
            "name": "assistant",
            "span_kind": "agent",
            "ml_app": "made-up-assistant",
            "start_ms": int((start + timedelta(minutes=number)).timestamp() * 1000),
            "duration_ms": 20_000,
            "tags": ["session_id:other", f"user_handle:{user}"],
            "input": {"preview": situation.get("text", "Hello") if number == 0 else "Thanks"},
        }
        for number in (0, 1)
    ]


@pytest.mark.parametrize("folder", situations("near"))
def test_a_neighbour_is_told_by_when_it_began(folder: Path) -> None:
    """Soon after is a retry to be read; before and beside are context; further away is nothing."""
    situation = load(folder / "situation.yaml")
    nodes = read_nodes(json.dumps({"spans": roots(situation)}).encode(), "search").nodes

    found = neighbour_findings(SESSION, read_neighbours(nodes, SESSION))

    told = [f"{f.rule} {f.tier} {f.direction}{' reads' * f.needs_reading}" for f in found]
    assert told == situation["expect"]
    assert [f.id for f in found] == [f"near{n}" for n in range(1, len(found) + 1)]
    for finding in found:
        assert situation.get("says", "") in finding.summary
        assert finding.quote.startswith("here: Make a dashboard for the checkout errors\nthere: ")
        assert situation.get("text", "Hello") in finding.quote
    if "likeness" in situation:
        assert preview_match(SESSION.turns[0].user_text or "", situation["text"]) == pytest.approx(
            situation["likeness"], abs=0.1
        )


def test_an_export_tells_of_neighbours_too() -> None:
    """In a bundle the other sessions of the same user are in the same file of spans."""
    start = int((SESSION.turns[-1].end + timedelta(minutes=3)).timestamp() * 1e9)
    attributes = {
        "span_id": "r9", "trace_id": "t9", "parent_id": "undefined", "span_kind": "agent",
        "start_ns": start, "duration": 10**9, "ml_app": "made-up-assistant",
        "tags": ["session_id:other", "user_handle:ANA@example.com"],
        "input": {"value": "Once more, please"}, "output": {"value": "Sure"},
    }  # fmt: skip
    row = json.dumps({"id": "r9", "type": "span", "attributes": attributes}).encode()

    (near,) = read_neighbours(read_spans([row], "spans.jsonl").spans, SESSION)

    assert (near.id, near.first_text, near.turns) == ("other", "Once more, please", 1)


def test_nobody_has_no_neighbours() -> None:
    """Where the spans name no user, every other session could be anyone's."""
    nobody = replace(SESSION, identity=replace(SESSION.identity, user_handle=""))
    nodes = read_nodes(json.dumps({"spans": roots({"begins": 260})}).encode(), "search").nodes

    assert read_neighbours(nodes, nobody) == ()


@given(st.text(), st.text())
def test_likeness_is_a_share(one: str, other: str) -> None:
    """It lies between 0 and 1, and does not depend on which text is which."""
    assert 0 <= preview_match(one, other) <= 1
    assert preview_match(one, other) == preview_match(other, one)
