"""The contents of single model spans are taken apart into the same turns in any shape."""

import json
from typing import Any

import pytest

from session_classify.jsontext import parsed
from session_classify.queries.call import Received
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_answers import session_of_answers
from session_classify.wire.session.sort_answers import read_answers
from tests.wire.messages.test_same_in_every_shape import as_messages, rows
from tests.wire.messages.writers import SHAPES, Answer, Called

TALK = [
    (
        "Cancel A-1 please",
        [
            Answer(
                "I look first.",
                "I look.",
                (
                    Called("get_order", {"id": "A-1"}, {"id": "A-1", "status": "sent"}),
                    Called("cancel_order", {"id": "A-1"}, {"error": "sent already"}),
                ),
            ),
            Answer("It failed.", "Sorry, it was sent.", ()),
        ],
    ),
    (
        "And A-2?",
        [
            Answer("", "", (Called("cancel_order", {"id": "A-2"}, {"ok": True}),)),
            Answer("", "A-2 is cancelled.", ()),
        ],
    ),
]
"""Made up: a turn with two calls at once, and one with a call and no word before it."""


def answers(name: str) -> list[dict[str, Any]]:
    """Return a search for all spans, and the content of each: messages, or input and output."""
    spans = [json.loads(row)["attributes"] for row in rows(SHAPES[name], TALK, as_messages, False)]
    keys = ("span_id", "trace_id", "parent_id", "name", "span_kind", "tags")
    found: list[dict[str, Any]] = [
        {
            "spans": [
                {
                    **{key: span[key] for key in keys},
                    "start_ms": span["start_ns"] // 10**6,
                    "duration_ms": 500,
                    "input": {"preview": str(span["input"].get("value", ""))},
                }
                for span in spans
            ],
            "next_cursor": None,
        }
    ]
    for span in spans:
        fields: dict[str, Any] = {side: span[side].get("value", "") for side in ("input", "output")}
        if span["span_kind"] == "llm":
            both = span["input"]["messages"] + span["output"]["messages"]
            fields = {"messages": json.dumps(both)}
        for field, content in fields.items():
            found.append({"span_id": span["span_id"], "field": field, "content": content})
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_a_list_of_messages_is_taken_apart_in_any_shape(name: str) -> None:
    """What went in and came out is one list there; each answer and thought has its place."""
    received = [Received(f"f{n}", json.dumps(one).encode()) for n, one in enumerate(answers(name))]

    session = session_of_answers(read_answers(received, ""), Unit.SESSION, "s-1").session

    assert [turn.user_text for turn in session.turns] == [asked for asked, _ in TALK]
    assert [
        [
            Answer(
                one.reasoning,
                one.text,
                tuple(Called(c.name, c.arguments, parsed(c.result)) for c in one.tool_calls),
            )
            for one in turn.iterations
        ]
        for turn in session.turns
    ] == [said for _, said in TALK]
