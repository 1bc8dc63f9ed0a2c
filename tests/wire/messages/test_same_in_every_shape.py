"""The same conversation is the same session, in whichever shape its messages were recorded."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from session_classify.evidence.findings import collect
from session_classify.jsontext import parsed
from session_classify.model import Session
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import generic_profile
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import read_spans
from tests.wire.messages.writers import SHAPES, Answer, Called, Shape

_START = 1_795_000_000_000_000_000
_PROFILE = generic_profile()
_FEW = settings(max_examples=12)
"""Examples for each shape; all shapes together see some hundred."""

words = st.sampled_from(
    """I have cancelled order A-77. The refund of 18.50 GBP was issued. Look at X-12 Thanks! [1]
    {"a": 1} Sorry, that failed. Done. <b> https://example.com/d/9""".split(" ")
)
sentences = st.lists(words, min_size=1, max_size=6).map(" ".join)
thoughts = st.just("") | sentences.map(lambda text: f"I think: {text}")
scalars = st.none() | st.booleans() | st.integers(-9, 99) | sentences
records = st.sampled_from(
    [
        {"id": "A-77", "status": "cancelled"},
        {"error": {"code": 409, "message": "already shipped"}},
        {"error": "not allowed"},
        {"ok": True},
        {"status": 404, "message": "no such order"},
        {},
    ]
) | st.dictionaries(st.sampled_from(["id", "rows", "note", "type"]), scalars, max_size=3)
calls = st.builds(
    Called,
    st.sampled_from(["get_order", "cancel_order", "issue_refund", "note"]),
    st.dictionaries(
        st.sampled_from(["order", "reason", "id", "name", "value"]), scalars, max_size=2
    ),
    records,
)
asking = st.builds(
    Answer, thoughts, st.just("") | sentences, st.lists(calls, min_size=1, max_size=3).map(tuple)
)
closing = st.builds(Answer, thoughts, sentences, st.just(()))
turns = st.lists(
    st.tuples(
        sentences,
        st.tuples(st.lists(asking, max_size=2), closing).map(lambda found: [*found[0], found[1]]),
    ),
    min_size=1,
    max_size=3,
)
Turns = list[tuple[str, list[Answer]]]


def rows(shape: Shape, found: Turns, form: Callable[[list[Any]], Any], bare: bool) -> list[bytes]:
    """Return the spans of the conversation: a root a turn, and a model span an answer."""
    history = shape.system("Be fair.")
    made: list[bytes] = []
    number = 0
    for turn, (asked, answers) in enumerate(found):
        root = {} if bare else {"value": asked}
        sent = {} if bare else {"value": answers[-1].text}
        made.append(_row(f"r{turn}", "undefined", "agent", turn, 100 * turn, (root, sent)))
        history = history + shape.user(asked)
        for step, answer in enumerate(answers):
            ids = [f"call_{number + place}" for place in range(len(answer.calls))]
            number += len(ids)
            said = shape.answer(answer, ids)
            sides = (form(history), form(said))
            made.append(_row(f"l{turn}-{step}", f"r{turn}", "llm", turn, 100 * turn + step, sides))
            results = shape.results(list(zip(ids, answer.calls, strict=True))) if ids else []
            history = history + said + results
    return made


def _row(name: str, parent: str, kind: str, turn: int, at: int, sides: tuple[Any, Any]) -> bytes:
    attributes = {
        "span_id": name,
        "trace_id": f"t{turn}",
        "parent_id": parent,
        "span_kind": kind,
        "name": kind,
        "start_ns": _START + at * 1_000_000,
        "duration": 500_000,
        "tags": ["session_id:s-1"],
        "input": sides[0],
        "output": sides[1],
    }
    return json.dumps({"id": name, "type": "span", "attributes": attributes}).encode()


def as_messages(messages: list[Any]) -> Any:
    return {"messages": messages}


def as_text(messages: list[Any]) -> Any:
    return {"messages": json.dumps(messages)}


def as_value(messages: list[Any]) -> Any:
    return {"value": json.dumps(messages)}


FORMS = [as_messages, as_text, as_value]


def understood(lines: list[bytes]) -> Any:
    """Return what was read of a session and made of it, without ids of calls."""
    session, notes = build_session(read_spans(lines, "a"), Unit.SESSION, "s-1")
    session = with_kinds(session, _PROFILE)
    evidence = collect(session)
    ended = [(reading.call.id, reading.outcome, reading.why) for reading in evidence.readings]
    findings = [replace(finding, quote="") for finding in evidence.findings]
    return _read(session), ended, findings, notes


def _read(session: Session) -> Any:
    return [
        (
            turn.user_text,
            turn.final_text,
            turn.unknown,
            [
                (
                    one.text,
                    one.reasoning,
                    [(c.name, c.arguments, parsed(c.result), c.error) for c in one.tool_calls],
                )
                for one in turn.iterations
            ],
        )
        for turn in session.turns
    ]


@pytest.mark.parametrize("name", SHAPES)
@_FEW
@given(found=turns, form=st.sampled_from(FORMS), bare=st.booleans())
def test_a_conversation_is_read_the_same_in_any_shape(
    name: str, found: Turns, form: Callable[[list[Any]], Any], *, bare: bool
) -> None:
    """Turns, calls, outcomes and findings are those of the SDK's own shape; only ids differ."""
    expected = understood(rows(SHAPES["datadog"], found, as_messages, bare))

    assert understood(rows(SHAPES[name], found, form, bare)) == expected


@pytest.mark.parametrize("name", SHAPES)
@_FEW
@given(found=turns)
def test_every_call_has_its_own_result(name: str, found: Turns) -> None:
    """Parallel calls, equal ones too, and calls over several turns keep their pairs."""
    lines = rows(SHAPES[name], [*found, ("Bye", [Answer("", "Bye.", ())])], as_messages, bare=True)
    session, _ = build_session(read_spans(lines, "a"), Unit.SESSION, "s-1")

    asked = [call for _, answers in found for answer in answers for call in answer.calls]
    assert [(c.name, c.arguments, parsed(c.result)) for c in session.tool_calls] == [
        (call.name, call.arguments, call.result) for call in asked
    ]


def test_there_are_shapes_to_compare() -> None:
    """A comparison of one shape with itself would pass for ever."""
    assert len(SHAPES) > 10
