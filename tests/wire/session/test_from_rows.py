"""Sessions out of span rows."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from session_classify.errors import NotFoundError
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import SpanRows, ended, read_spans
from tests.situations import load, situation, situations
from tests.wire.outline import outline


def read(folder: Path) -> SpanRows:
    with (folder / "spans.jsonl").open("rb") as file:
        return read_spans(file, "spans.jsonl")


@pytest.mark.parametrize("folder", situations("spans"))
def test_a_session_is_rebuilt_from_its_spans(folder: Path) -> None:
    """Each situation's rows give the turns, texts and calls that it expects."""
    expected = load(folder / "expected.yaml")
    expected.pop("about")
    expected.pop("earlier_runs", None)
    rows = read(folder)

    session, notes = build_session(rows, Unit.SESSION, "s-1")

    assert outline(session, notes, rows) == expected


@pytest.mark.parametrize("folder", situations("spans"))
def test_every_tool_span_is_one_tool_call(folder: Path) -> None:
    """No tool span is lost or counted twice; earlier runs of a call that ran again are no calls."""
    rows = read(folder)
    earlier = load(folder / "expected.yaml").get("earlier_runs", [])

    session, _ = build_session(rows, Unit.SESSION, "s-1")

    called = {call.span_id for call in session.tool_calls}
    traces = {turn.trace_id for turn in session.turns}
    traces |= {span.trace_id for span in rows.spans if span.span_id in called}
    spans = sorted(s.span_id for s in rows.spans if s.kind == "tool" and s.trace_id in traces)
    calls = [call.span_id for call in session.tool_calls if call.span_id]
    assert sorted(calls + earlier) == spans


def test_a_model_call_ends_when_its_span_does() -> None:
    """Start and duration give the end; a span that was still open has none."""
    rows = read(situation("spans-shop-order"))
    model = next(span for span in rows.spans if span.kind == "llm")
    session, _ = build_session(rows, Unit.SESSION, "s-1")

    llm_call = next(s for t in session.turns for s in t.iterations if s.span_id == model.span_id)

    assert llm_call.start is not None
    assert llm_call.end == llm_call.start + timedelta(microseconds=model.duration // 1000)
    assert ended(replace(model, duration=-1)) is None


def test_an_unknown_session_is_answered_with_the_ids_there_are() -> None:
    """Who mistypes an id sees the ones to choose from."""
    rows = read(situation("spans-two-sessions"))

    with pytest.raises(NotFoundError, match=r"no session s-9 in these spans; there are s-1, s-2"):
        build_session(rows, Unit.SESSION, "s-9")


@pytest.mark.parametrize("asked", ["t4", "T4"])
def test_a_trace_is_a_session_of_one_turn(asked: str) -> None:
    """A trace id picks its trace, whatever the case of its letters."""
    rows = read(situation("spans-two-sessions"))

    session, _ = build_session(rows, Unit.TRACE, asked)

    assert [turn.user_text for turn in session.turns] == ["Tagged below"]


def test_a_trace_id_is_known_in_hex_and_in_decimal() -> None:
    """The same trace is written both ways, depending on where the id was copied from."""
    rows = read(situation("spans-numeric-ids"))

    session, _ = build_session(rows, Unit.TRACE, f"{12345678901234567890123:032x}")

    assert session.turns[0].trace_id == "12345678901234567890123"
