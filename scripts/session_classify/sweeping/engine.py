"""A sweep on Daft: rows to units by a shuffle, units to labels, tables as Parquet.

Only this module imports Daft, in the functions that use it.
"""

import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from session_classify.errors import MissingExtraError, UnusableInputError, UsageError
from session_classify.population.run import Label
from session_classify.population.threads import prepare_for_threads
from session_classify.redaction import without_secrets
from session_classify.storage import storing
from session_classify.sweeping.tables import Counts, finding_rows, label_row, split
from session_classify.sweeping.unit import classified, key_of
from session_classify.vocabulary import Unit

EXTRA = "sweep"
TABLES = ("labels", "findings", "errors")
_PART = ".units.part"
_FIX = "name another directory with --out"


def sweep(sources: tuple[str, ...], out: Path, most_rows: int) -> Counts:
    """Classify every unit in the sources' rows and write the tables to `out`.

    A unit with more than `most_rows` rows gets an error instead of a worker's memory. Raises
    MissingExtraError, UsageError for an `out` that holds tables, UnusableInputError, StorageError.
    """
    if find_spec("daft") is None:
        raise MissingExtraError(
            "a sweep needs Daft; run `pip install 'session-classify[sweep]'`", EXTRA
        )
    if any((out / f"{name}.parquet").exists() for name in TABLES):
        raise UsageError(f"{out} holds the tables of a sweep already; {_FIX}")
    from daft.exceptions import DaftCoreException

    prepare_for_threads()
    part = out / _PART
    with storing(out, _FIX):
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
    try:
        _write_units(sources, part, most_rows)
        return _write_tables(part, out)
    except FileNotFoundError as error:
        named = ", ".join(sources)[:200]
        raise UsageError(f"no file at {named}; name files of span rows, or a pattern") from error
    except DaftCoreException as error:
        raise UnusableInputError(
            f"the engine cannot read {', '.join(sources)[:200]}: {error}; expected UTF-8 text with "
            "one span row a line"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_units(sources: tuple[str, ...], part: Path, most_rows: int) -> None:
    """Write one row a unit and one a line that is no row, in the columns of all tables."""
    import daft
    from daft import col, lit
    from daft.functions import when

    lines = daft.read_text(list(sources), file_path_column="file").where(col("text") != "")
    keyed = lines.with_column("key", _keys()(col("text"))).select(
        "file",
        "text",
        col("key")["trace"].alias("trace"),
        col("key")["session"].alias("session"),
        col("key")["error"].alias("error"),
    )
    good = keyed.where(col("error") == "")
    # A row belongs to each session of its trace: what names none is told apart by `wire`.
    sizes = good.groupby("trace").agg(col("text").count().alias("rows"))
    pairs = good.where(col("session") != "").select("trace", "session").distinct()
    members = sizes.join(pairs, on="trace", how="left").select("trace", "session", "rows").collect()
    if not len(members) and not keyed.count_rows():
        raise UnusableInputError(f"no row in {', '.join(sources)[:200]}; expected one span a line")
    named = members.with_columns(
        {
            "unit": when(col("session").is_null(), lit("trace")).otherwise(lit("session")),
            "id": col("session").fill_null(col("trace")),
        }
    )
    totals = named.groupby("unit", "id").agg(col("rows").sum()).where(col("rows") > most_rows)
    large = totals.collect()
    kept = named.exclude("rows", "session").join(large, on=["unit", "id"], how="anti")
    units = good.select("trace", "text").join(kept, on="trace")
    found = units.groupby("unit", "id").map_groups(
        _classify()(col("unit"), col("id"), col("text")).alias("found")
    )
    _save(found.select("found"), part / "units")
    _save(large.select(_too_large(most_rows)(col("unit"), col("id"), col("rows")).alias("found")),
          part / "units")  # fmt: skip
    _save(keyed.where(col("error") != "").select("file", "error"), part / "lines")


def _save(frame: Any, folder: Path) -> None:
    with storing(folder, _FIX):
        frame.write_parquet(str(folder), write_mode="append")


def _keys() -> Any:
    import daft
    from daft import DataType

    text = DataType.string()
    kind = DataType.struct({"trace": text, "session": text, "error": text})

    def keys(lines: Any) -> list[dict[str, str]]:
        return [msgspec.structs.asdict(key_of(line)) for line in lines.to_pylist()]

    return daft.func.batch(return_dtype=kind)(keys)


def _classify() -> Any:
    import daft
    from daft import DataType

    def classify(units: Any, ids: Any, lines: Any) -> list[str]:
        unit, unit_id = Unit(units.to_pylist()[0]), str(ids.to_pylist()[0])
        label, findings, unreadable = classified(unit, unit_id, lines.to_pylist())
        return [_packed(label, finding_rows(label, findings), unreadable)]

    return daft.func.batch(return_dtype=DataType.string())(classify)


def _too_large(most_rows: int) -> Any:
    import daft
    from daft import DataType

    def refuse(units: Any, ids: Any, rows: Any) -> list[str]:
        both = zip(units.to_pylist(), ids.to_pylist(), rows.to_pylist(), strict=True)
        told = "{:,} rows, more than --max-rows {:,}; classify it by itself, or raise the limit"
        return [
            _packed(Label(Unit(unit), unit_id, error=told.format(count, most_rows)), [], ())
            for unit, unit_id, count in both
        ]

    return daft.func.batch(return_dtype=DataType.string())(refuse)


def _packed(label: Label, findings: list[dict[str, Any]], unreadable: Iterable[str]) -> str:
    lost = tuple(map(without_secrets, unreadable))
    row = label_row(label)
    row["error"] = without_secrets(row["error"])  # an error may quote trace text
    return msgspec.json.encode((row, findings, lost)).decode()


def _write_tables(part: Path, out: Path) -> Counts:
    """Split the units' rows into the tables; each appears under its name once it is whole."""
    with storing(out, _FIX):
        return split(part, out, TABLES)
