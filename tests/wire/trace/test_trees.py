"""Traces: app type, agent span, experiments, and what is left of redacted ones."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from session_classify.errors import ClassifyError
from session_classify.evidence.findings import collect
from session_classify.model import Coverage, Session
from session_classify.profiles.kinds import with_kinds
from session_classify.profiles.load import generic_profile
from session_classify.verdict.confidence import confidence
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.session.unreadable import unreadable
from session_classify.wire.trace.spans import read_spans
from tests.situations import load, situations
from tests.wire.outline import outline


def read(folder: Path, unit: Unit, unit_id: str) -> Session:
    """Return a session as `gather` makes it, or raise what it raises."""
    with (folder / "spans.jsonl").open("rb") as file:
        rows = read_spans(file, "spans.jsonl")
    session, _ = build_session(rows, unit, unit_id)
    if lost := unreadable(session):
        raise lost
    return with_kinds(session, generic_profile())


def reading(folder: Path) -> dict[str, Any]:
    """Return what a situation expects: how the trace is read, or why it is not."""
    try:
        session = read(folder, Unit.TRACE, "t1")
    except ClassifyError as error:
        return {"refused": error.code, "exit": error.exit_code}
    evidence = collect(session)
    verdict = rules_only(evidence, load_rules())
    turn = session.turns[0]
    text = outline(session, (), read_spans([], "none"))
    return {
        "app": session.app_type.value,
        "root": f"{turn.root.name} ({turn.root.kind})",
        "agent": turn.agent.name if turn.agent else "none",
        "why": turn.why,
        **({"wanted": turn.expected_text} if turn.expected_text else {}),
        **text,
        **(
            {"spans": [f"{'. ' * s.depth}{s.name} x{s.count} {s.status}" for s in turn.outline]}
            if turn.outline
            else {}
        ),
        "findings": [f"{f.id} {f.rule}" for f in evidence.findings],
        "rules_only": f"{verdict.verdict}: {verdict.reason}",
        "confidence_of_a_reader": confidence(session, Coverage()).value,
    }


@pytest.mark.parametrize("folder", situations("trace"))
def test_a_trace_is_read_by_its_structure(folder: Path) -> None:
    """Each situation's rows give the app type, agent span, texts and rules-only verdict."""
    expected = load(folder / "expected.yaml")
    expected.pop("about")

    assert reading(folder) == expected


@pytest.mark.parametrize("folder", situations("trace"))
def test_a_session_of_one_trace_reads_as_that_trace(folder: Path) -> None:
    """Which of its two ids was given changes the unit and nothing else."""
    try:
        trace = read(folder, Unit.TRACE, "t1")
    except ClassifyError as error:
        with pytest.raises(type(error), match=str(error).partition(" of ")[0]):
            read(folder, Unit.SESSION, "s-1")
        return

    session = read(folder, Unit.SESSION, "s-1")

    assert replace(session, id="t1", unit=Unit.TRACE) == trace
