"""The table of labels that a person writes while looking at the units of a run."""

import csv
import io
from pathlib import Path

from session_classify.agreement.ratings import read_ratings
from session_classify.agreement.tables import head_of, rows_of, text_of
from session_classify.errors import ClassifyError, UsageError
from session_classify.gathering.case import Case, open_case
from session_classify.population.run import case_paths, read_run
from session_classify.storage import held, storing, write_whole
from session_classify.vocabulary import Satisfaction

_HEAD = ("id", "label", "rater")
_FIX = "name another table with --labels"
_PATIENCE = 10.0
"""Seconds to wait for another rater who writes to the same table."""


def labelled(table: Path, rater: str) -> frozenset[str]:
    """Return the ids that a rater labelled.

    Raises UsageError for a table to which labels cannot be added, UnusableInputError for one that
    cannot be read.
    """
    text = _text(table)
    if not text.strip():
        return frozenset()
    _, head = head_of(text, table)
    if lacking := [name for name in _HEAD if name not in head]:
        raise UsageError(
            f"{table} has no column {lacking[0]}: its head is {', '.join(head)[:200]}; expected "
            f"{', '.join(_HEAD)}, among others; {_FIX}"
        )
    if not any(rows_of(text, table)):
        return frozenset()
    known = read_ratings(table, by_people=True)
    return frozenset(one.id for one in known if one.rater.casefold() == rater.casefold())


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
    lock = table.with_name(f".{table.name}.lock")
    busy = f"another process goes on writing {table}; try again"
    with storing(table, _FIX), held(lock, _PATIENCE, busy):
        text = _text(table) or f"{','.join(_HEAD)}\n"
        separator, head = head_of(text, table)
        out = io.StringIO(newline="")
        if not text.endswith("\n"):
            out.write("\n")
        writer = csv.DictWriter(out, head, delimiter=separator, lineterminator="\n")
        writer.writerow({"id": unit_id, "label": label.value, "rater": rater})
        write_whole(table, (text + out.getvalue()).encode())


def _text(table: Path) -> str:
    """Return the text of the table; empty where there is none. Raises as `text_of` does."""
    return text_of(table.read_bytes(), table) if table.exists() else ""
