"""The tables of a sweep: columns, and how they are written batch by batch."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from session_classify.sweeping.judging import part_of
from session_classify.sweeping.packing import Unpacked, unpacked
from session_classify.sweeping.plan import DONE, JUDGED

_LABEL = {
    "unit": "s", "id": "s", "trace_ids": "l", "verdict": "s", "reason": "s", "failures": "s",
    "cited": "l", "breaches": "s", "confidence": "s", "content_source": "s", "rules": "l",
    "judged_by": "s", "judge": "s", "version": "s", "error": "s", "stratum": "s",
}  # fmt: skip
_FINDING = {"unit": "s", "id": "s", "finding": "s", "rule": "s", "tier": "s", "direction": "s",
            "turn": "i", "summary": "s"}  # fmt: skip
_ERROR = {"unit": "s", "id": "s", "file": "s", "error": "s"}
_COLUMNS = {"labels": _LABEL, "findings": _FINDING, "errors": _ERROR}
_BATCH = 2_000
"""Units that are in memory at a time."""


class Counts(msgspec.Struct, frozen=True):
    """What a sweep found."""

    units: int
    verdicts: dict[str, int]
    """Units by verdict: where a judge was asked, its verdicts alone."""
    failures: dict[str, int]
    """Units without a `yes` by the code of their first failure."""
    broken: int
    """Units with an error instead of a verdict."""
    strata: dict[str, dict[str, int]]
    """Units with a verdict, by stratum and verdict."""
    lines: int
    """Lines and rows that could not be read."""


def split(state: Path, out: Path, names: tuple[str, ...], *, by_part: bool) -> Counts:
    """Write the tables from the packed units in `state` and return the counts; raises OSError.

    With `by_part`, the strata are what the rules make of units, also of those nobody judged.
    """
    import pyarrow as arrow
    from pyarrow import parquet

    types = {"s": arrow.string(), "l": arrow.list_(arrow.string()), "i": arrow.int64()}
    schemas = {
        name: arrow.schema([(key, types[kind]) for key, kind in _COLUMNS[name].items()])
        for name in names
    }
    verdicts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    strata: defaultdict[str, Counter[str]] = defaultdict(Counter)
    units = broken = lines = 0
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                parquet.ParquetWriter(state / f"{name}.parquet", schemas[name])
            )
            for name in names
        }
        judged = _judged(state)
        for rows in _batches(state, judged):
            against = {
                (one["unit"], one["id"])
                for one in rows["findings"]
                if one["direction"] == "negative"
            }
            for label in rows["labels"]:
                broken += label["verdict"] is None
                is_counted = not judged or (label["unit"], label["id"]) in judged
                if by_part and not is_counted and label["verdict"] is not None:
                    key = (label["unit"], label["id"])
                    label["stratum"] = part_of(label, is_against=key in against)
                if label["verdict"] is None or not is_counted:
                    continue
                verdicts[label["verdict"]] += 1
                strata[label["stratum"]][label["verdict"]] += 1
                if label["verdict"] != "yes":
                    listed = msgspec.json.decode(label["failures"])
                    failures[listed[0]["code"] if listed else "not given"] += 1
            units += len(rows["labels"])
            lines += sum(not row["whole"] for row in rows["errors"])
            for name in names:
                table = arrow.Table.from_pylist(rows[name], schema=schemas[name])
                writers[name].write_table(table)
    for name in names:
        (state / f"{name}.parquet").replace(out / f"{name}.parquet")
    by_stratum = {name: dict(found) for name, found in strata.items()}
    return Counts(units, dict(verdicts), dict(failures), broken, by_stratum, lines)


def _judged(state: Path) -> dict[tuple[str, str], Unpacked]:
    """Return what a judge said of units; empty where none was asked."""
    from pyarrow import parquet

    path = state / DONE / JUDGED
    texts = parquet.read_table(path).column("found").to_pylist() if path.exists() else []
    return {(found[0]["unit"], found[0]["id"]): found for found in map(unpacked, texts)}


def _batches(
    state: Path, judged: Mapping[tuple[str, str], Unpacked]
) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Yield the rows of each table, some units at a time; `whole` is an error of a whole unit."""
    from pyarrow import parquet

    for path in sorted((state / DONE).rglob("*.parquet")):
        if path.name == JUDGED:
            continue
        for batch in parquet.ParquetFile(path).iter_batches(_BATCH):
            rows: dict[str, list[dict[str, Any]]] = {"labels": [], "findings": [], "errors": []}
            for text in batch.column("found").to_pylist():
                found = unpacked(text)
                label, findings, lost = judged.get((found[0]["unit"], found[0]["id"]), found)
                rows["labels"].append(label)
                rows["findings"] += findings
                own = {"unit": label["unit"], "id": label["id"], "file": ""}
                if label["error"]:
                    rows["errors"].append({**own, "error": label["error"], "whole": True})
                rows["errors"] += [{**own, "error": told, "whole": False} for told in lost]
            yield rows
    for path in sorted((state / "lines").glob("*.parquet")):
        for batch in parquet.ParquetFile(path).iter_batches(_BATCH):
            told = [
                {"unit": "", "id": "", "file": row["file"], "error": row["error"], "whole": False}
                for row in batch.to_pylist()
            ]
            yield {"labels": [], "findings": [], "errors": told}
