"""Sets of answers as agents leave them: incomplete, masked, cut, from other sessions."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.errors import ClassifyError
from session_classify.queries.call import Call, Received
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_answers import session_of_answers
from session_classify.wire.session.next_calls import next_calls
from session_classify.wire.session.sort_answers import read_answers
from session_classify.wire.session.unreadable import unreadable
from session_classify.wire.trace.spans import SpanRows
from tests.situations import load, situations
from tests.wire.outline import outline


def reading(documents: list[Any], unit: Unit, unit_id: str) -> dict[str, Any]:
    """Return what is read from the documents of a situation; strings are files as they are."""
    files = [
        Received(f"file{n}", (text if isinstance(text, str) else json.dumps(text)).encode())
        for n, text in enumerate(documents, start=1)
    ]
    try:
        answers = read_answers(files, unit_id if unit is Unit.TRACE else "")
        gathered = session_of_answers(answers, unit, unit_id)
        session, notes = gathered.session, gathered.notes
        wanted = next_calls(gathered, answers)
        if lost := unreadable(session, expired=answers.is_gone, more=bool(wanted)):
            raise lost
    except ClassifyError as error:
        return {"refused": error.code or "unusable", "exit": error.exit_code, "says": str(error)}
    rows = SpanRows((), tuple(sorted(answers.rows.unreadable)), 0)
    turns = outline(session, tuple(sorted(notes)), rows)
    for told, turn in zip(turns["turns"], session.turns, strict=True):
        told["why"] = turn.why
    return {
        **turns,
        "shapes": {shape.value: len(names) for shape, names in sorted(answers.shapes.items())},
        "next": [_brief(call) for call in wanted],
    }


def _brief(call: Call) -> str:
    """Return a call's tool and what it is for, without limits and window."""
    said = [
        str(v) for k, v in call.arguments.items() if k.endswith(("_id", "_ids", "field", "cursor"))
    ]
    return " ".join((call.tool, *said))


@pytest.mark.parametrize("folder", situations("answers"))
def test_a_set_of_answers_gives_what_is_in_it(folder: Path) -> None:
    """Turns, texts, sources with their reasons, what could not be placed, what to call next."""
    situation = load(folder / "situation.yaml")

    found = reading(situation["answers"], Unit(situation["unit"]), situation["id"])

    assert found == situation["expected"]


def unordered() -> list[Path]:
    """Return the situations in which something else than the files' order tells the turns'."""
    folders = [param.values[0] for param in situations("answers")]
    return [folder for folder in folders if not load(folder / "situation.yaml").get("ordered")]


@pytest.mark.parametrize("folder", unordered(), ids=lambda folder: str(folder.name))
def test_the_order_of_answers_does_not_matter(folder: Path) -> None:
    """Any order gives the same; what is told of a file names it by its place, and so may differ."""
    situation = load(folder / "situation.yaml")
    about_files = {"unreadable", "says", "notes"}
    expected = {k: v for k, v in situation["expected"].items() if k not in about_files}

    for order in itertools.islice(itertools.permutations(situation["answers"]), 24):
        found = reading(list(order), Unit(situation["unit"]), situation["id"])
        assert {k: v for k, v in found.items() if k not in about_files} == expected


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "t1", "r1", "user", "x" * 30]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "spans iterations timeline span_id trace_id parent_id field content children data "
                "attributes type tags start_ms duration_ms input output preview role span_kind "
                "evaluations llm_info error next_cursor tool_calls messages meta result events "
                "event custom url body".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(st.lists(documents, min_size=1, max_size=3))
def test_any_documents_are_a_session_or_a_clean_refusal(found: list[Any]) -> None:
    """Whatever mixture of the known keys: no traceback, and every refusal is one line."""
    told = reading([json.dumps(document) for document in found], Unit.TRACE, "t1")

    assert told.get("turns") or "\n" not in told["says"]
