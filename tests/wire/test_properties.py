"""What must hold for any rows, however odd."""

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from session_classify.errors import UnusableInputError
from session_classify.model import Session
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import read_spans
from session_classify.wire.trace.structure import TOOL_KINDS

ids = st.sampled_from([f"p{i}" for i in range(6)])
texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": values},
        optional={
            "tool_calls": st.lists(
                st.fixed_dictionaries({"name": texts, "arguments": values, "tool_id": texts}),
                max_size=2,
            ),
            "tool_results": st.lists(
                st.fixed_dictionaries({"name": texts, "result": values, "tool_id": texts}),
                max_size=2,
            ),
        },
    ),
    max_size=4,
)
sides = st.fixed_dictionaries({}, optional={"value": values, "messages": messages})


@st.composite
def span_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of one session with any tree: roots, orphans, circles, one trace or several."""
    names = draw(st.lists(ids, min_size=1, max_size=6, unique=True))
    return [
        {
            "id": name,
            "type": "span",
            "attributes": {
                "span_id": name,
                "trace_id": draw(st.sampled_from(["t1", "t2"])),
                "parent_id": draw(st.sampled_from(["undefined", "gone", *names])),
                "span_kind": draw(
                    st.sampled_from(["agent", "llm", "tool", "workflow", "retrieval", ""])
                ),
                "name": draw(texts),
                "start_ns": 1_795_000_000_000_000_000 + 1_000_000 * draw(st.integers(0, 3)),
                "duration": draw(st.integers(-1, 10**9)),
                "tags": ["session_id:s-1"],
                "input": draw(sides),
                "output": draw(sides),
            },
        }
        for name in names
    ]


def lines(rows: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(row).encode() for row in rows]


def built(rows: list[dict[str, Any]]) -> Session | str:
    """Return the session of the rows, or why there is none to judge."""
    try:
        return build_session(read_spans(lines(rows), "a"), Unit.SESSION, "s-1")[0]
    except UnusableInputError as error:
        assert error.code == "unclassifiable_app_type"
        return str(error)


@given(span_rows(), st.randoms())
def test_the_order_of_rows_does_not_matter(
    rows: list[dict[str, Any]], order: random.Random
) -> None:
    """A session is the same however its export was sorted, also where spans start together."""
    shuffled = rows[:]
    order.shuffle(shuffled)

    assert built(rows) == built(shuffled)


@given(span_rows())
def test_every_tool_span_of_any_tree_is_one_call(rows: list[dict[str, Any]]) -> None:
    """Orphans, circles and missing roots lose no tool call and double none.

    A tool span inside another one of the same name may be the same call once more.
    """
    session = built(rows)
    if isinstance(session, str):
        return

    tools = {row["id"]: row["attributes"] for row in rows}
    tools = {name: one for name, one in tools.items() if one["span_kind"] in TOOL_KINDS}
    called = sorted(call.span_id for call in session.tool_calls if call.span_id)
    assert len(called) == len(set(called))
    names = [tools[span_id]["name"] for span_id in called]
    assert all(span_id in called or one["name"] in names for span_id, one in tools.items())


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_are_read_or_told(data: list[bytes]) -> None:
    """A file of anything is never a traceback: each row is a span or a line of explanation."""
    rows = read_spans(data, "odd.jsonl")

    assert rows.rows == len(rows.spans) + len(rows.unreadable)
    assert all(text.startswith("odd.jsonl:") for text in rows.unreadable)
