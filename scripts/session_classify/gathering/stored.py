"""What the stored answers of a unit hold: its session, and the calls that it still lacks."""

from pathlib import Path

import msgspec

from session_classify.backends import RawAnswer
from session_classify.errors import ClassifyError, UnusableInputError
from session_classify.model import Coverage, Session
from session_classify.queries.call import Call, Received
from session_classify.vocabulary import Unit
from session_classify.wire.session.from_rows import build_session
from session_classify.wire.trace.spans import Span, SpanRows, read_spans

Stored = list[tuple[RawAnswer, Path]]
"""Answers, each with the file to which it was written."""


class Read(msgspec.Struct, frozen=True):
    """A unit as far as its answers tell it, and the calls that would tell more."""

    session: Session
    coverage: Coverage
    spans: tuple[Span, ...] = ()
    """Spans of every session in the answers."""
    rum: frozenset[str] = frozenset()
    """Names of the answers with RUM events."""
    audit: frozenset[str] = frozenset()
    """Names of the answers with audit rows."""
    wanted: tuple[Call, ...] = ()
    evaluation_calls: tuple[Call, ...] = ()
    unrecognised: frozenset[str] = frozenset()
    """Names of the files of unknown content."""
    error: ClassifyError | None = None
    """Why there is no session; further pages may still bring one."""


def read_stored(stored: Stored, unit: Unit, unit_id: str) -> Read:
    """Decode the stored answers: exported rows by their backend, others by detected content."""
    paths = {answer.shape: path for answer, path in stored}
    if "spans" not in paths:
        return _read_answers(stored, unit, unit_id)
    rows = _read_rows(paths["spans"])
    session, notes = build_session(rows, unit, unit_id)
    return Read(
        session,
        Coverage(rows=rows.rows, unreadable=rows.unreadable, notes=notes),
        rows.spans,
        frozenset({paths["rum"].name} if "rum" in paths else ()),
        frozenset({paths["audit"].name} if "audit" in paths else ()),
    )


def _read_answers(stored: Stored, unit: Unit, unit_id: str) -> Read:
    # imported here: only files and tool answers need it
    from session_classify.wire.answers.shapes import Shape
    from session_classify.wire.session.from_answers import session_of_answers
    from session_classify.wire.session.next_calls import (
        further_pages,
        missing_evaluations,
        next_calls,
    )
    from session_classify.wire.session.sort_answers import read_answers

    received = (as_received(answer, path) for answer, path in stored)
    answers = read_answers(received, unit_id if unit is Unit.TRACE else "")
    try:
        gathered = session_of_answers(answers, unit, unit_id)
    except ClassifyError as error:
        nothing = Session(unit_id, unit, "", ())
        pages = further_pages(answers, unit, unit_id)
        return Read(nothing, Coverage(), wanted=pages, error=error)
    recognised = frozenset[str]().union(*answers.shapes.values())
    wanted, evaluation_calls = next_calls(gathered, answers), missing_evaluations(gathered, answers)
    coverage = Coverage(
        rows=answers.rows.rows,
        unreadable=answers.rows.unreadable,
        truncated=answers.truncated,
        notes=(
            *gathered.notes,
            *(f"evaluations were not fetched: {call.told}" for call in evaluation_calls),
        ),
        next_calls=tuple(call.told for call in wanted),
        evaluations_asked=bool(answers.rows.spans) and not evaluation_calls,
        is_expired=answers.is_gone,
    )
    return Read(
        gathered.session,
        coverage,
        answers.rows.spans,
        answers.named(Shape.RUM) | answers.named(Shape.RUM_COUNTS),
        answers.named(Shape.AUDIT),
        tuple(call for call in wanted if call.is_plain),
        tuple(call for call in evaluation_calls if call.is_plain),
        frozenset(answer.origin for answer, _ in stored if answer.origin) - recognised,
    )


def as_received(answer: RawAnswer, path: Path) -> Received:
    """Return a stored answer under the name of its origin."""
    return Received(answer.origin or answer.name, path.read_bytes(), answer.about)


def _read_rows(path: Path) -> SpanRows:
    with path.open("rb") as file:
        rows = read_spans(file, path.name)
    if not rows.rows:
        raise UnusableInputError(f"{path.name} is empty; expected one span a line")
    if not rows.spans:
        raise UnusableInputError(
            f"no usable span in {rows.rows} rows: {rows.unreadable[0]}; "
            "expected rows of the LLM Observability Export API"
        )
    return rows
