"""The label of a unit, from its case."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from session_classify import __version__
from session_classify.errors import ClassifyError, NotFoundError
from session_classify.gathering.case import Case, case_name, open_case
from session_classify.gathering.case_files import CASES
from session_classify.model import Finding, Session
from session_classify.population.run import (
    Label,
    Run,
    case_paths,
    read_labels,
    read_run,
    save_labels,
)
from session_classify.verdicts import Verdict
from session_classify.vocabulary import ContentSource, Unit

_BEST_FIRST = tuple(ContentSource)


def case_of(folder: Path, unit: Unit, unit_id: str) -> Path:
    """Return where a unit's case lies in a run's folder."""
    return folder / CASES / case_name(unit, unit_id)


def label_of(case: Case) -> Label | None:
    """Return the label that a case gives its unit; None where it has no verdict yet.

    Raises UnusableInputError for a damaged case.
    """
    try:
        verdict = case.verdict()
    except NotFoundError:
        return None
    return label_from(case.session(), verdict, case.findings())


def label_from(session: Session, verdict: Verdict, findings: Iterable[Finding]) -> Label:
    """Return the label of a session with this verdict and these findings."""
    sources = Counter(turn.content_source for turn in session.turns)
    return Label(
        unit=session.unit,
        id=session.id,
        trace_ids=tuple(dict.fromkeys(turn.trace_id for turn in session.turns)),
        verdict=verdict.verdict,
        reason=verdict.reason,
        failures=verdict.failures,
        cited=verdict.cited,
        breaches=verdict.breaches,
        confidence=verdict.confidence,
        content_source=max(
            sources, key=lambda one: (sources[one], -_BEST_FIRST.index(one)), default=None
        ),
        rules=tuple(sorted({finding.rule for finding in findings})),
        judged_by=verdict.judged_by,
        judge=verdict.judge,
        version=verdict.version or __version__,
    )


def keep_label(case: Case) -> None:
    """Save the label of a case in its run, if it is one of its units; else nothing is written.

    Raises StorageError, and UnusableInputError for a run that cannot be read.
    """
    folder = case.path.parents[1]
    run = read_run(folder)
    key = (case.info.unit, case.info.id)
    if case.info.id in run.units and case_paths(folder).get(key) == case.path:
        label = label_of(open_case(case.path))
        if label is not None:
            save_labels(folder, (label,))


def failed(unit: Unit, unit_id: str, error: ClassifyError) -> Label:
    """Return the label of a unit that could not be classified."""
    told = " ".join(str(error).split()) or type(error).__name__
    return Label(unit, unit_id, error=told, version=__version__)


def collect_labels(folder: Path, run: Run, labels: Iterable[Label]) -> tuple[Label, ...]:
    """Return the labels of a run, with the verdicts that were recorded on its cases since then.

    They are saved where they differ. A case that cannot be read leaves its label as it is. Raises
    StorageError.
    """
    known: Mapping[str, Label] = {label.id: label for label in labels}
    new = []
    paths = case_paths(folder)
    for unit_id in run.units:
        path = paths.get((run.granularity, unit_id))
        if path is None:
            continue
        try:
            label = label_of(open_case(path))
        except ClassifyError:
            continue
        if label is not None and label != known.get(unit_id):
            new.append(label)
    if new:
        save_labels(folder, tuple(new))
    merged = {**known, **{label.id: label for label in new}}
    return tuple(merged[unit_id] for unit_id in run.units if unit_id in merged)


def labels_of(folder: Path) -> tuple[Run, tuple[Label, ...]]:
    """Return a run and its labels, with the verdicts that agents recorded on its cases."""
    run = read_run(folder)
    return run, collect_labels(folder, run, read_labels(folder))
