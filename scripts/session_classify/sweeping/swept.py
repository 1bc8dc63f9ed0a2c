"""A sweep that has ended, read as a run: for its page, comparisons and agreement."""

from pathlib import Path
from typing import Any

import msgspec

from session_classify.errors import MissingExtraError, UnusableInputError, pip
from session_classify.population.labels import labels_of
from session_classify.population.run import Label, Run, is_run
from session_classify.sweeping.plan import EXTRA, RECORD, SUMMARY, TABLES, read_record
from session_classify.vocabulary import JudgedBy, Unit

BACKEND = "sweep"
"""Where the labels of a sweep, read as a run, come from."""
_LABELS = f"{TABLES[0]}.parquet"


def is_sweep(folder: Path) -> bool:
    """Return whether a folder holds the tables of a sweep."""
    return (folder / RECORD).is_file() and (folder / _LABELS).is_file()


def is_labelled(folder: Path) -> bool:
    """Return whether a folder holds a run or a sweep."""
    return is_run(folder) or is_sweep(folder)


def labelled(folder: Path) -> tuple[Run, tuple[Label, ...]]:
    """Return a run, or a sweep as one, with its labels; raises as `labels_of` and `read_sweep`."""
    return read_sweep(folder) if is_sweep(folder) else labels_of(folder)


def read_sweep(folder: Path) -> tuple[Run, tuple[Label, ...]]:
    """Return a sweep as a run, with its labels.

    Where a judge was asked, the units that it did not read are left out: they are a part of the
    population that was not sampled. The app is the name of the folder, the window the first and the
    last file that was read. Of a sample by strata, or with a judge in two stages, the run knows
    each unit's stratum. Raises UnusableInputError, and MissingExtraError without the libraries of a
    sweep.
    """
    record = read_record(folder / RECORD)
    rows = _rows(folder / _LABELS)
    found = tuple(map(_label, rows))
    names = [Path(name).name for name in record.files]
    is_judged = any(label.judged_by is JudgedBy.COMMAND for label in found)
    labels = tuple(
        one for one in found if not is_judged or one.error or one.judged_by is JudgedBy.COMMAND
    )
    run = Run(
        app=folder.resolve().name,
        start=names[0] if names else "",
        end=names[-1] if names else "",
        granularity=Unit.TRACE if {one.unit for one in found} == {Unit.TRACE} else Unit.SESSION,
        population=max(sum(record.strata.values()), len(found)),
        seed=record.plan.seed,
        backend=BACKEND,
        units=tuple(label.id for label in labels),
        strata=record.strata if len(record.strata) > 1 else {},
        stratum_of={
            label.id: row["stratum"]
            for label, row in zip(found, rows, strict=True)
            if label.verdict
        },
    )
    return run, labels


def swept_summary(folder: Path) -> str:
    """Return what a sweep printed at its end; empty for another folder."""
    path = folder / SUMMARY
    return path.read_text(encoding="utf-8") if is_sweep(folder) and path.is_file() else ""


def _rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of the table of labels, an id that two kinds of units have told apart."""
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise MissingExtraError(
            f"the tables of a sweep need pyarrow; run `{pip('pyarrow')}`", EXTRA
        ) from error
    try:
        rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    except (OSError, ArrowException) as error:
        raise UnusableInputError(f"{path} cannot be read: {error}; sweep again") from error
    seen: set[str] = set()
    for row in sorted(rows, key=lambda row: str(row["unit"])):
        row["id"] = f"{row['unit']} {row['id']}" if row["id"] in seen else row["id"]
        seen.add(row["id"])
    return rows


def _label(row: dict[str, Any]) -> Label:
    """Return the label of a row; raises UnusableInputError for a row of another form."""
    try:
        told = {key: value for key, value in row.items() if value not in (None, "")}
        for name in ("failures", "breaches"):
            told[name] = msgspec.json.decode(row[name])
        return msgspec.convert(told, Label)
    except (msgspec.ValidationError, msgspec.DecodeError, KeyError, TypeError) as error:
        raise UnusableInputError(
            f"the labels of a sweep have an unusable row: {error}; sweep again with this version"
        ) from error
