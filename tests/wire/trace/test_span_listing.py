"""Spans as search, trace tree, expand and details answers list them."""

import json
from typing import Any

import pytest

from session_classify.wire.trace.span_listing import Node, NodeList, read_nodes

AT = 1_795_000_000_000


def nodes(answer: Any, trace_id: str = "") -> NodeList:
    return read_nodes(json.dumps(answer).encode(), "a.json", trace_id)


def test_each_field_of_a_span_is_read() -> None:
    """As a details answer names them."""
    (node,) = nodes(
        {
            "spans": [
                {
                    "span_id": 7, "trace_id": "t1", "parent_id": "6", "name": "chat",
                    "span_kind": "llm", "status": "error", "start_ms": AT, "duration_ms": 1.5,
                    "ml_app": "shop", "session_id": "s-1", "tags": ["env:prod"],
                    "llm_info": {"model_name": "m-1", "input_tokens": 3},
                    "metrics": {"cost": 1}, "evaluations": {"goal": "met"},
                    "error": {"type": "Timeout", "message": "after 30 s"},
                    "input": {"preview": "asked"}, "output": {"preview": "answered"},
                }
            ]
        }
    ).nodes  # fmt: skip

    assert node == Node(
        span_id="7", trace_id="t1", parent_id="6", name="chat", kind="llm", status="error",
        start=AT * 1_000_000, duration=1_500_000, ml_app="shop", session_id="s-1", model="m-1",
        tags=("env:prod",), metrics={"model_name": "m-1", "input_tokens": 3},
        evaluation={"goal": "met"}, error="Timeout: after 30 s", asked="asked",
        answered="answered",
    )  # fmt: skip


def test_other_names_of_a_field_are_read() -> None:
    """Answers differ in what they call the kind, the metrics, the judge and the time."""
    (node,) = nodes(
        {
            "spans": [
                {
                    "span_id": "7", "parent_id": "undefined", "kind": "tool",
                    "start_ns": AT * 1_000_000, "duration": 9, "metrics": {"cost": 1},
                    "evaluation": {"goal": "met"}, "error": "closed", "input": "asked",
                    "tags": {"ml_app": "shop", "session_id": "s-1"},
                }
            ]
        },
        "t2",
    ).nodes  # fmt: skip

    assert node == Node(
        span_id="7", trace_id="t2", parent_id="", kind="tool", start=AT * 1_000_000, duration=9,
        ml_app="shop", session_id="s-1", tags=("ml_app:shop", "session_id:s-1"),
        metrics={"cost": 1}, evaluation={"goal": "met"}, error="closed", asked="asked",
    )  # fmt: skip


def test_the_least_of_a_span_is_its_id() -> None:
    """Everything else stays empty: an answer that does not say is no answer."""
    assert nodes({"spans": [{"span_id": "7"}]}).nodes == (Node("7"),)


@pytest.mark.parametrize(
    ("told", "lacks"),
    [
        ({"has_input": False, "has_output": True}, ("input",)),
        ({"has_output": False}, ("output",)),
        ({"content_info": {"input": {}, "messages": {}}}, ("output",)),
        ({"content_info": {}}, ("input", "output", "messages")),
        ({"content_info": {"input": 1, "output": 1}}, ("messages",)),
        ({"has_input": False, "content_info": {"output": 1}}, ("input", "messages")),
        ({"content_info": None}, ()),
    ],
)
def test_what_a_span_lacks_is_told(told: dict[str, Any], lacks: tuple[str, ...]) -> None:
    """So that nobody asks for it again."""
    assert nodes({"spans": [{"span_id": "7", **told}]}).nodes[0].lacks == lacks


def test_children_follow_their_parents() -> None:
    """Whatever the answer says of the parent itself; other keys are not walked."""
    inner = {"span_id": "2", "children": [{"span_id": "3"}, "4"]}
    found = nodes({"spans": [{"span_id": "1", "children": [inner, {"span_id": "5"}]}]})

    assert [(node.span_id, node.parent_id) for node in found.nodes] == [
        ("1", None), ("2", "1"), ("3", "2"), ("5", "1"),
    ]  # fmt: skip
    assert found.expanded == {"1", "2", "3", "5"}


KINDS = {
    "a list is a search": ([{"span_id": "1"}], (True, False, "", set())),
    "a page of a search": (
        {"spans": [{"span_id": "1"}], "next_cursor": "c2"},
        (True, False, "c2", set()),
    ),
    "the last page": (
        {"spans": [{"span_id": "1"}], "next_cursor": None},
        (True, False, "", set()),
    ),
    "hits with previews": (
        {"spans": [{"span_id": "1", "output": {"preview": ""}}]},
        (True, False, "", set()),
    ),
    "hits of another search": (
        {"spans": [{"span_id": "1", "apm_trace_id": "9", "children": []}]},
        (True, False, "", set()),
    ),
    "details": (
        {"spans": [{"span_id": "1", "content_info": {}}]},
        (False, True, "", set()),
    ),
    "details with a judge": (
        {"spans": [{"span_id": "1", "evaluations": {}}]},
        (False, True, "", set()),
    ),
    "an expand answer": (
        {"spans": [{"span_id": "1", "children": []}]},
        (False, False, "", {"1"}),
    ),
    "an expand answer without children": (
        {"spans": [{"span_id": "1", "parent_id": "9", "has_input": True}]},
        (False, False, "", {"9", "1"}),
    ),
    "a trace tree": (
        {"spans": [{"span_id": "1", "children": []}], "trace_url": "https://x"},
        (False, False, "", set()),
    ),
    "a trace tree without a link": (
        {"spans": [{"span_id": "1", "children": []}], "total_duration_ms": 4},
        (False, False, "", set()),
    ),
    "one span": ({"span_id": "1", "content_info": {}}, (False, True, "", set())),
    "errors": ({"error_spans": [{"span_id": "1"}]}, (False, False, "", set())),
    "one span that is no list": ({"spans": {"span_id": "1"}}, (False, False, "", set())),
    "a span with spans of its own": (
        {"span_id": "0", "spans": [{"span_id": "1"}]},
        (False, False, "", set()),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_of_an_answer_is_told_by_its_fields(name: str) -> None:
    """A search has pages, details have content, and only an expand answer lists all below."""
    answer, kind = KINDS[name]

    found = nodes(answer)

    assert [node.span_id for node in found.nodes] == ["1"]
    assert (found.is_search, found.is_details, found.cursor, set(found.expanded)) == kind


def test_the_trace_of_an_answer_counts_more_than_that_of_the_call() -> None:
    """And that of a span most."""
    spans = [{"span_id": "1"}, {"span_id": "2", "trace_id": "t3"}]

    found = nodes({"trace_id": "t2", "spans": spans}, "t1")

    assert [node.trace_id for node in found.nodes] == ["t2", "t3"]
    assert nodes({"spans": spans[:1]}, "t1").nodes[0].trace_id == "t1"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("x" * 50, "expected an object, got " + "x" * 40),
        ([1], "expected an object, got [1]"),
        ({"name": "chat"}, "it has no span_id"),
        ({"span_id": "1", "start_ms": "soon"}, None),
        ({"span_id": "1", "start_ms": AT, "duration_ms": 1e15}, None),
    ],
)
def test_a_span_that_is_none_is_told_with_its_place(body: Any, why: str | None) -> None:
    """And the others are read."""
    found = nodes({"spans": [{"span_id": "0"}, body]})

    assert [node.span_id for node in found.nodes] == ["0"]
    (told,) = found.unreadable
    assert told.startswith("a.json: span 2 is none: ")
    assert why is None or told == f"a.json: span 2 is none: {why}"
