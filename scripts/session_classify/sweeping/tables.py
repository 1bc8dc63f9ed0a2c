"""The tables of a sweep: columns, and how they are written batch by batch."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from session_classify.model import Finding
from session_classify.population.run import Label

_LABEL = {
    "unit": "s", "id": "s", "trace_ids": "l", "verdict": "s", "reason": "s", "failures": "s",
    "cited": "l", "breaches": "s", "confidence": "s", "content_source": "s", "rules": "l",
    "judged_by": "s", "judge": "s", "version": "s", "error": "s",
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
    failures: dict[str, int]
    """Units without a `yes` by the code of their first failure."""
    broken: int
    """Units with an error instead of a verdict."""
    lines: int
    """Lines and rows that could not be read."""


def label_row(label: Label) -> dict[str, Any]:
    """Return a label as a row: the fields of its JSON; nested ones as JSON text."""
    row: dict[str, Any] = msgspec.to_builtins(label)
    for name in ("failures", "breaches"):
        row[name] = msgspec.json.encode(row[name]).decode()
    return row


def finding_rows(label: Label, findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Return the findings of a unit as rows."""
    return [
        {
            "unit": label.unit.value,
            "id": label.id,
            "finding": finding.id,
            "rule": finding.rule,
            "tier": str(finding.tier),
            "direction": str(finding.direction),
            "turn": finding.turn,
            "summary": finding.summary,
        }
        for finding in findings
    ]


def split(part: Path, out: Path, names: tuple[str, ...]) -> Counts:
    """Write the tables from the units' rows and return the counts; raises OSError."""
    import pyarrow as arrow
    from pyarrow import parquet

    types = {"s": arrow.string(), "l": arrow.list_(arrow.string()), "i": arrow.int64()}
    schemas = {
        name: arrow.schema([(key, types[kind]) for key, kind in _COLUMNS[name].items()])
        for name in names
    }
    verdicts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    broken = lines = 0
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                parquet.ParquetWriter(part / f"{name}.parquet", schemas[name])
            )
            for name in names
        }
        for rows in _batches(part):
            for label in rows["labels"]:
                if label["verdict"] is None:
                    broken += 1
                    continue
                verdicts[label["verdict"]] += 1
                if label["verdict"] != "yes":
                    listed = msgspec.json.decode(label["failures"])
                    failures[listed[0]["code"] if listed else "not given"] += 1
            lines += sum(not row["whole"] for row in rows["errors"])
            for name in names:
                table = arrow.Table.from_pylist(rows[name], schema=schemas[name])
                writers[name].write_table(table)
    for name in names:
        (part / f"{name}.parquet").replace(out / f"{name}.parquet")
    units = verdicts.total() + broken
    return Counts(units, dict(verdicts), dict(failures), broken, lines)


def _batches(part: Path) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Yield the rows of each table, some units at a time; `whole` is an error of a whole unit."""
    from pyarrow import parquet

    for path in sorted((part / "units").glob("*.parquet")):
        for batch in parquet.ParquetFile(path).iter_batches(_BATCH):
            rows: dict[str, list[dict[str, Any]]] = {"labels": [], "findings": [], "errors": []}
            for text in batch.column("found").to_pylist():
                label, findings, lost = msgspec.json.decode(text)
                rows["labels"].append(label)
                rows["findings"] += findings
                own = {"unit": label["unit"], "id": label["id"], "file": ""}
                if label["error"]:
                    rows["errors"].append({**own, "error": label["error"], "whole": True})
                rows["errors"] += [{**own, "error": told, "whole": False} for told in lost]
            yield rows
    for path in sorted((part / "lines").glob("*.parquet")):
        for batch in parquet.ParquetFile(path).iter_batches(_BATCH):
            told = [
                {"unit": "", "id": "", "file": row["file"], "error": row["error"], "whole": False}
                for row in batch.to_pylist()
            ]
            yield {"labels": [], "findings": [], "errors": told}
