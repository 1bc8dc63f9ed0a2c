"""The table of labels that a person writes while looking at the units of a run."""

import csv
import io
from pathlib import Path

from session_classify.agreement.ratings import read_ratings
from session_classify.errors import ClassifyError
from session_classify.gathering.case import Case, open_case
from session_classify.population.run import case_paths, read_run
from session_classify.storage import storing, write_whole
from session_classify.vocabulary import Satisfaction

_HEAD = ("id", "label", "rater")
_FIRST = ",".join(_HEAD)
_FIX = "name another table with --labels"


def labelled(table: Path, rater: str) -> frozenset[str]:
    """Return the ids that a rater labelled; raises UnusableInputError for another table."""
    if not table.exists() or table.read_text(encoding="utf-8", errors="replace").strip() in (
        "",
        _FIRST,
    ):
        return frozenset()
    return frozenset(one.id for one in read_ratings(table) if one.rater == rater)


def unlabelled(folder: Path, done: frozenset[str]) -> tuple[Case, ...]:
    """Return the cases of a run that are left to label, in the order of the sample.

    A unit without a case that can be opened is left out. Raises NotFoundError without a run.
    """
    run, paths = read_run(folder), case_paths(folder)
    found = []
    for unit_id in run.units:
        path = paths.get((run.granularity, unit_id))
        if path is None or unit_id in done:
            continue
        try:
            found.append(open_case(path))
        except ClassifyError:
            continue
    return tuple(found)


def add_label(table: Path, unit_id: str, label: Satisfaction, rater: str) -> None:
    """Add a row to the table, which has its old or its new content whatever happens.

    Raises StorageError.
    """
    with storing(table, _FIX):
        text = table.read_text(encoding="utf-8") if table.exists() else ""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        if not text.strip():
            writer.writerow(_HEAD)
        elif not text.endswith("\n"):
            out.write("\n")
        writer.writerow((unit_id, label.value, rater))
        write_whole(table, (text + out.getvalue()).encode())
