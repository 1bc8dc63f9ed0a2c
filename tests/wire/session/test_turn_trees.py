"""Which spans are a session's and which of them are a turn, whatever trace they lie in."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.errors import NotFoundError
from session_classify.model import Session, ToolCall
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import generic_profile
from session_classify.vocabulary import ToolKind, Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import read_spans
from tests.situations import load, situations
from tests.wire.session.short_spans import rows


def built(spans: list[dict[str, Any]], unit: Unit, unit_id: str) -> tuple[Session, tuple[str, ...]]:
    session, notes = build_session(read_spans(rows(spans), "spans"), unit, unit_id)
    return with_kinds(session, generic_profile()), notes


def told(spans: list[dict[str, Any]], unit: Unit, unit_id: str) -> list[Any] | str:
    """Return what a situation expects of one id: a line for each note, a mapping for each turn."""
    try:
        session, notes = built(spans, unit, unit_id)
    except NotFoundError as error:
        return str(error)
    turns = []
    for turn in session.turns:
        calls = [_call(call) for call in turn.tool_calls]
        turns.append(
            {
                "user": turn.user_text,
                "answer": turn.final_text,
                **({"calls": calls} if calls else {}),
                **({"status": turn.status} if turn.status != "ok" else {}),
            }
        )
    return [*turns, *notes]


def _call(call: ToolCall) -> str:
    kind = " (handover)" if call.kind is ToolKind.HANDOVER else ""
    return f"{call.name}{kind}" + (f" → {call.result}" if call.result else "")


@pytest.mark.parametrize("folder", situations("split"))
def test_each_id_gives_its_own_turns(folder: Path) -> None:
    """Each situation's spans give the turns, answers, calls and notes that its ids expect."""
    situation = load(folder / "situation.yaml")

    for unit in Unit:
        found = {
            name: told(situation["spans"], unit, name) for name in situation.get(unit.value, {})
        }
        assert found == situation.get(unit.value, {})


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Make the turns of a conversation: what was typed, which tools ran, what was answered."""
    texts = st.text("abc", min_size=1, max_size=3)
    count = draw(st.integers(1, 3))
    return [
        {
            "user": f"please {number} {draw(texts)}",
            "calls": draw(st.lists(st.sampled_from(["find", "cancel", "note"]), max_size=3)),
            "answer": f"well {number} {draw(texts)}",
        }
        for number in range(count)
    ]


def spans_of(
    turns: list[dict[str, Any]], session: str, layout: str, start: int
) -> list[dict[str, Any]]:
    """Return a conversation's spans: below an `agent` a turn, in `batch` trace t0, or `bare`."""
    found: list[dict[str, Any]] = []
    history: list[Any] = ["system: Be kind."]

    def add(kind: str, under: str = "", **rest: Any) -> str:
        name = f"{session}-{len(found)}"
        trace = "t0" if layout == "batch" else f"{under or name}-trace"
        found.append({"id": name, "kind": kind, "session": session, "trace": trace, **rest})
        if under:
            found[-1]["under"] = under
        return name

    for turn in turns:
        at = start + 10 * len(found)
        history = [*history, f"user: {turn['user']}"]
        top = ""
        if layout != "bare":
            around = "b" if layout == "batch" else ""
            sides = {"in": turn["user"], "out": turn["answer"]}
            top = add("agent", around, at=at, lasts=9, **sides)
            found[-1]["trace"] = "t0" if layout == "batch" else f"{top}-trace"
        for step, tool in enumerate(turn["calls"], start=1):
            call = {"call": tool, "id": f"{session}-{len(found)}", "with": {"step": step}}
            add("llm", top, at=at + step, **{"in": history, "out": [call]})
            told = {"step": step}
            add("tool", top, at=at + step + 0.5, name=tool, **{"in": told, "out": f"did {step}"})
            history = [*history, call, {"result": f"did {step}", "id": call["id"]}]
        said = f"assistant: {turn['answer']}"
        add("llm", top, at=at + 8, **{"in": history, "out": [said]})
        history = [*history, said]
    return found


def expected(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for turn in turns:
        calls = [f"{tool} → did {step}" for step, tool in enumerate(turn["calls"], start=1)]
        made.append({key: turn[key] for key in ("user", "answer")})
        made[-1] |= {"calls": calls} if calls else {}
    return made


def turns_of(spans: list[dict[str, Any]], session: str) -> list[Any]:
    return [one for one in told(spans, Unit.SESSION, session) if isinstance(one, dict)]


BATCH = {"id": "b", "kind": "workflow", "trace": "t0", "in": "evening", "out": "over", "at": 0}


@pytest.mark.parametrize("layout", ["agent", "batch", "bare"])
@given(turns=conversations())
def test_the_layout_of_a_session_does_not_matter(layout: str, turns: list[dict[str, Any]]) -> None:
    """Each turn a trace, all turns in one trace, or each call a trace: the turns are the same."""
    spans = spans_of(turns, "s-1", layout, 1)

    assert turns_of([BATCH, *spans] if layout == "batch" else spans, "s-1") == expected(turns)


@given(conversations(), conversations(), st.integers(0, 40))
def test_sessions_in_one_trace_do_not_touch(
    first: list[dict[str, Any]], second: list[dict[str, Any]], later: int
) -> None:
    """Two sessions below one root, one after the other or at the same time, keep their turns."""
    spans = [
        BATCH,
        *spans_of(first, "s-1", "batch", 1),
        *spans_of(second, "s-2", "batch", 1 + later),
    ]

    assert turns_of(spans, "s-1") == expected(first)
    assert turns_of(spans, "s-2") == expected(second)
