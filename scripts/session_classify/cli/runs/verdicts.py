"""Several verdicts at once on the units of a run."""

from pathlib import Path

from session_classify.cli.protocol import spoken
from session_classify.cli.recording import record
from session_classify.cli.reports import check_protocol
from session_classify.cli.runs.app import compact_block
from session_classify.errors import ClassifyError, UsageError
from session_classify.gathering.case import open_case
from session_classify.population.labels import label_from
from session_classify.population.run import Label, case_paths, read_run, save_labels
from session_classify.verdict.answer import UnitAnswer


def record_all(
    folder: Path,
    answers: tuple[UnitAnswer, ...],
    own_rules: Path | None,
    protocol: str | None,
    *,
    force: bool,
) -> tuple[str, tuple[str, ...]]:
    """Record each answer on the case of its unit; return a block for each, and lines of refusals.

    An answer that cannot be recorded costs no other its verdict. Raises UsageError before anything
    is recorded for an id that is not of the run.
    """
    run = read_run(folder)
    if unknown := [answer.id for answer in answers if answer.id not in run.units]:
        raise UsageError(
            f"the run did not sample {', '.join(unknown)[:200]}; nothing was recorded; use the "
            f"ids of `report {folder}`"
        )
    paths = case_paths(folder)
    labels: list[Label] = []
    refused: list[str] = []
    for answer in answers:
        path = paths.get((run.granularity, answer.id))
        try:
            if path is None:
                raise UsageError("it has no case; run `gather app` again")
            label = _recorded(path, answer, own_rules, protocol, force=force)
            labels.append(label)
        except ClassifyError as error:
            refused += [f"{answer.id}: {line}" for line in error.lines]
    save_labels(folder, tuple(labels))
    return "".join(f"{compact_block(label)}\n" for label in labels), tuple(refused)


def _recorded(
    path: Path, answer: UnitAnswer, own_rules: Path | None, protocol: str | None, *, force: bool
) -> Label:
    opened = open_case(path)
    with spoken(protocol or opened.info.protocol, opened.info.id) as terms:
        check_protocol(opened, terms)
        verdict = record(opened, answer, own_rules, force=force)
    return label_from(opened.session(), verdict, opened.findings())
