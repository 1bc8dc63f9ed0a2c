"""Record a reader's answers as verdicts: one on a case, or several on the units of a run."""

from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from session_classify.errors import RefusedError, UnusableInputError, UsageError
from session_classify.evidence.findings import recalled
from session_classify.gathering.case import Case
from session_classify.jsontext import UNREADABLE
from session_classify.verdict.answer import Answer, UnitAnswer
from session_classify.verdict.confidence import confidence
from session_classify.verdict.finalize import VerdictContext, finalize, refusal_lines
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdicts import Verdict

T = TypeVar("T")


def record(opened: Case, answer: Answer, own_rules: Path | None, *, force: bool) -> Verdict:
    """Check an answer against its case and record it; RefusedError names every fix."""
    evidence = recalled(opened.session(), opened.findings())
    level = confidence(evidence.session, opened.info.coverage)
    shown = frozenset(opened.info.shown)
    context = VerdictContext(evidence, shown, level, load_rules(own_rules))
    verdict, refusals = finalize(answer, context)
    if refusals and not force:
        raise RefusedError(*refusal_lines(refusals))
    verdict = replace(verdict, unchecked=tuple(refusal.id for refusal in refusals))
    return opened.save_verdict(verdict)


def answer_in(name: str) -> Answer:
    """Read one answer from a JSON file, or from standard input for `-`.

    Raises UsageError for a file that cannot be read, UnusableInputError for one without an answer.
    """
    from session_classify.cli.persisted import read_file

    return _decoded(read_file(name), Answer, name, "an object with verdict and reason")


def answers_in(name: str) -> tuple[UnitAnswer, ...]:
    """Read the answers on several units: a JSON array, or one object a line.

    Raises as `answer_in`, and UsageError for a unit that has two answers.
    """
    from session_classify.cli.persisted import read_file

    data = read_file(name).strip()
    expected = "an array, or one object a line, each with id, verdict and reason"
    if data.startswith(b"["):
        answers = _decoded(data, tuple[UnitAnswer, ...], name, expected)
    else:
        lines = [line for line in data.splitlines() if line.strip()]
        answers = tuple(
            _decoded(line, UnitAnswer, f"line {number} of {name}", expected)
            for number, line in enumerate(lines, 1)
        )
    ids = [answer.id for answer in answers]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise UsageError(f"{name} has two verdicts on {', '.join(twice)[:200]}; leave one")
    if not answers:
        raise UnusableInputError(f"{name} holds no verdict; expected {expected}")
    return answers


def _decoded(data: bytes, kind: type[T], name: str, expected: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except UNREADABLE as error:
        raise UnusableInputError(
            f"{name} is not a verdict: {error}; expected {expected}, "
            "as references/schemas/answer.json says"
        ) from error
