"""The same session by every way in: exported rows, agent loops, messages of model spans."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.inspect import is_struct

from session_classify.model import Session
from session_classify.queries.call import Call, Received
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_answers import session_of_answers
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.session.next_calls import next_calls
from session_classify.wire.session.sort_answers import read_answers
from session_classify.wire.trace.spans import read_spans
from tests.test_bundles import NAMES
from tests.wire.rendered import Recording, Row, content


def by_loops(session: Recording) -> list[Row]:
    """Search, a loop for each turn, and the two sides of the turns whose loop is empty."""
    silent = [root for root in session.roots if not session.below(root, "llm")]
    return [
        session.search(),
        *(session.loop(root) for root in session.roots),
        *(content(root, side) for root in silent for side in ("input", "output")),
    ]


def by_messages(session: Recording) -> list[Row]:
    """Search, expand, and the messages of every model span; tool spans for last results."""
    answers = [session.search()]
    for root in session.roots:
        answers += [session.expand(root), content(root, "metadata"), content(root, "output")]
        answers += [content(row, "messages") for row in session.below(root, "llm")]
        tools = session.below(root, "tool")
        answers += [content(row, side) for row in tools for side in ("input", "output")]
    return answers


def by_last_messages(session: Recording) -> list[Row]:
    """Search, expand, and the messages of each turn's last model span alone."""
    answers = [session.search()]
    for root in session.roots:
        models = session.below(root, "llm")
        answers += [session.expand(root), content(root, "input"), content(root, "output")]
        answers += [content(row, "messages") for row in models[-1:]]
        answers += [content(row, "output") for row in session.below(root, "tool")]
    return answers


def mixed(session: Recording) -> list[Row]:
    """Loops for every second turn, messages for the others, judges and the tree for all."""
    answers = [session.search()]
    for place, root in enumerate(session.roots):
        answers += [session.expand(root), session.details(root), content(root, "metadata")]
        if place % 2:
            answers.append(session.loop(root))
            continue
        answers += [content(row, "messages") for row in session.below(root, "llm")]
        answers += [content(row, "output") for row in session.below(root, "tool")]
    return answers


Recipe = Callable[[Recording], list[Row]]
RECIPES: list[Recipe] = [by_loops, by_messages, by_last_messages, mixed]

ANOTHER_SOURCE = {
    "Turn.content_source": "it is another source",
    "Turn.why": "it says how the source was found",
}
NO_METADATA = {"Turn.metadata": "a call of its own, made where the user's text needs it"}
NO_TOOL_IDS = {"ToolCall.tool_id": "loops name no tool ids"}

# What a way in cannot carry, and why: one table. Every other field has to be the same.
NOT_CARRIED: dict[str, dict[str, str]] = {
    "by_loops": {
        **ANOTHER_SOURCE,
        **NO_METADATA,
        **NO_TOOL_IDS,
        "Iteration.span_id": "loops name no spans",
        "Iteration.start": "loops tell no times",
        "Iteration.end": "loops tell no times",
        "Iteration.tags": "tags are on the spans",
        "ToolCall.span_id": "loops name no spans",
        "ToolCall.start": "loops tell no times",
        "ToolCall.tags": "tags are on the spans",
    },
    "by_messages": {},
    "by_last_messages": NO_METADATA,
    "mixed": {**ANOTHER_SOURCE, **NO_TOOL_IDS},
}


@pytest.fixture(scope="module", params=NAMES)
def lines(request: pytest.FixtureRequest, shared_data: Path) -> list[bytes]:
    """Return the rows of one real session."""
    path = shared_data / "bundles" / str(request.param) / "spans.jsonl"
    return path.read_bytes().splitlines()


def gathered(answers: list[Row], session_id: str) -> tuple[Session, tuple[Call, ...]]:
    """Return the session of these answers, in another order than they were asked for."""
    shuffled = random.Random(7).sample(answers, len(answers))
    files = [
        Received(f"file {n}", json.dumps(answer).encode()) for n, answer in enumerate(shuffled)
    ]
    read = read_answers(files, "")
    found = session_of_answers(read, Unit.SESSION, session_id)
    assert found.notes == ()
    return found.session, next_calls(found, read)


def exported(lines: list[bytes]) -> Session:
    """Return the session as its exported rows give it."""
    rows = read_spans(lines, "spans.jsonl")
    return build_session(rows, Unit.SESSION, rows.spans[0].session_id)[0]


def differences(one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield each field in which two structs differ, by class and name."""
    for name in one.__struct_fields__:
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, tuple) and left and is_struct(left[0]) and len(left) == len(right):
            for a, b in zip(left, right, strict=True):
                yield from differences(a, b)
        elif left != right:
            yield f"{type(one).__name__}.{name}", left, right


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_session_is_the_same_by_every_way_in(recipe: Recipe, lines: list[bytes]) -> None:
    """Field by field, up to what the table says that a way in cannot carry."""
    whole = exported(lines)

    session, _ = gathered(recipe(Recording(lines)), whole.id)

    allowed = NOT_CARRIED[recipe.__name__]
    found = [item for item in differences(whole, session) if item[0] not in allowed]
    assert found == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_table_names_nothing_that_is_carried(recipe: Recipe, shared_data: Path) -> None:
    """Each field that the table excuses does differ in some session."""
    path = shared_data / "bundles" / "tau2air-t000-r0" / "spans.jsonl"
    lines = path.read_bytes().splitlines()
    whole = exported(lines)

    session, _ = gathered(recipe(Recording(lines)), whole.id)

    assert {item[0] for item in differences(whole, session)} == {*NOT_CARRIED[recipe.__name__]}


def answer_to(call: Call, session: Recording, *, wrapped: bool) -> Row:
    """Answer a call as a server would; in a wrapped app the agent loop is empty."""
    if call.tool == "search_llmobs_spans":
        return session.search()
    at = call.arguments
    root = next(row for row in session.roots if row["trace_id"] == at["trace_id"])
    if call.tool == "get_llmobs_agent_loop":
        empty = {"iterations": [], "timeline": None}
        return empty if wrapped else session.loop(root)
    if call.tool == "expand_llmobs_spans":
        return session.expand(root)
    if call.tool == "get_llmobs_span_details":
        return session.details(root)
    assert call.tool == "get_llmobs_span_content"
    row = next(row for row in session.rows if row["span_id"] == at["span_id"])
    return content(row, at["field"])


@pytest.mark.parametrize("wrapped", [False, True])
def test_whoever_makes_each_call_that_is_named_gets_the_whole_session(
    lines: list[bytes], wrapped: bool
) -> None:
    """From the search on, every gathering names the next calls, until nothing is missing."""
    recording, whole = Recording(lines), exported(lines)
    answers, asked = [recording.search()], set()

    for _ in range(8):
        session, calls = gathered(answers, whole.id)
        if not calls:
            break
        assert asked.isdisjoint(map(str, calls))
        asked.update(map(str, calls))
        answers += [answer_to(call, recording, wrapped=wrapped) for call in calls]

    assert calls == ()
    allowed = NOT_CARRIED["by_last_messages" if wrapped else "by_loops"]
    found = [item for item in differences(whole, session) if item[0] not in allowed]
    assert found == []
