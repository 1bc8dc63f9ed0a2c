"""Which spans are a session's and which of them are a turn, whatever trace they lie in."""

from pathlib import Path
from typing import Any

import pytest

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
