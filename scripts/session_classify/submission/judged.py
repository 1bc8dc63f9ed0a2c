"""The judged units of a run: each label that has a verdict, with its case."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from session_classify.errors import ClassifyError, RefusedError, UnusableInputError
from session_classify.gathering.case import Case, open_case
from session_classify.gathering.case_files import CASES
from session_classify.model import Session
from session_classify.population.run import (
    Label,
    case_paths,
    is_run,
    pending,
    read_labels,
    read_run,
)
from session_classify.submission.evaluation import unchecked
from session_classify.verdicts import Verdict

NO_VERDICT = "without a verdict"
UNCHECKED = "unchecked"
NO_CASE = f"without a case below {CASES}/"
UNUSABLE = "unusable"
REFUSED = "refused by the server"
TROUBLES = (NO_CASE, UNUSABLE, REFUSED)
"""Why a unit is left out that could be submitted once something is mended."""


class Judged(msgspec.Struct, frozen=True):
    """A case with a verdict."""

    case: Case
    session: Session
    verdict: Verdict


class Left(msgspec.Struct, frozen=True):
    """A unit that is left out, and why."""

    id: str
    why: str
    """One of few, to count by."""
    detail: str = ""


def judged_case(path: Path) -> Judged:
    """Return the case at `path`; raises NotFoundError without a case or verdict."""
    case = open_case(path)
    return Judged(case, case.session(), case.verdict())


def chosen(folder: Path, left: list[Left], *, include_unchecked: bool) -> Iterator[Judged]:
    """Yield what is submitted of a case or run; what is left out of a run is added to `left`.

    Raises RefusedError for a case whose verdict is unchecked, and what the others here raise.
    """
    if not is_run(folder):
        found = judged_case(folder)
        reasons = unchecked(found.verdict)
        if reasons and not include_unchecked:
            raise RefusedError(
                f"the verdict of {folder} is unchecked ({', '.join(reasons)}); record one that the "
                "check accepts, or add --include-unchecked"
            )
        yield found
        return
    for one in judged_units(folder):
        if isinstance(one, Left):
            left.append(one)
        elif (reasons := unchecked(one.verdict)) and not include_unchecked:
            left.append(Left(one.session.id, UNCHECKED, ", ".join(reasons)))
        else:
            yield one


def judged_units(folder: Path) -> Iterator[Judged | Left]:
    """Yield each unit of a run, in the order of its labels; then those without a label.

    Whether a verdict was checked stands in the case alone, so a label without a case is left out.
    Raises NotFoundError and UnusableInputError for the run itself, before the first unit.
    """
    run, labels = read_run(folder), read_labels(folder)
    paths = case_paths(folder)
    for label in labels:
        path = paths.get((label.unit, label.id))
        if label.verdict is None:
            yield Left(label.id, NO_VERDICT, label.error)
        elif path is None:
            yield Left(label.id, NO_CASE)
        else:
            yield _judged(path, label)
    labelled = {label.id for label in labels}
    for unit in pending(run, labels):
        if unit not in labelled:
            yield Left(unit, NO_VERDICT)


def _judged(path: Path, label: Label) -> Judged | Left:
    try:
        found = judged_case(path)
        if found.verdict.verdict != label.verdict:
            raise UnusableInputError(
                f"the label says {label.verdict}, the case {found.verdict.verdict}; record the "
                "verdict anew"
            )
    except ClassifyError as error:
        return Left(label.id, UNUSABLE, str(error))
    return found
