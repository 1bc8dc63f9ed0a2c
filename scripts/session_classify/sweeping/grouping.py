"""Rows to units by a shuffle on Daft: the rows of each unit end up in one bucket.

Only this module and `buckets` import Daft, in the functions that use it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.population.run import Label
from session_classify.storage import storing
from session_classify.sweeping.packing import packed
from session_classify.sweeping.plan import DONE, FIX, GROUPED, Plan, Record, sample_place
from session_classify.sweeping.sources import digests, is_address
from session_classify.sweeping.unit import key_of
from session_classify.vocabulary import Unit

_BUCKET = 200_000
"""Rows of a bucket, about: what is done again when a sweep is interrupted."""


def group(plan: Plan, state: Path) -> Record:
    """Write the rows of each chosen unit into its bucket below `state`; return what was found.

    Units with too many rows and lines that are no rows are written as done. Raises
    UnusableInputError where no source has a row, and what Daft raises.
    """
    from daft import col, lit
    from daft.functions import when

    # Before the rows are read: a file that grows meanwhile is a changed one for the next sweep.
    local = digests(plan.sources)
    keyed = _keyed(plan, local)
    good = keyed.where(col("error") == "")
    # A row belongs to each session of its trace: what names none is told apart by `wire`.
    sizes = good.groupby("trace").agg(col("text").count().alias("rows"), col("is_new").max())
    pairs = good.where(col("session") != "").select("trace", "session").distinct()
    named = sizes.join(pairs, on="trace", how="left").with_columns(
        {
            "unit": when(col("session").is_null(), lit("trace")).otherwise(lit("session")),
            "id": col("session").fill_null(col("trace")),
        }
    )
    members = named.exclude("session").collect()
    if not len(members):
        raise UnusableInputError(_why_nothing(plan, keyed))
    units = members.groupby("unit", "id").agg(col("rows").sum(), col("is_new").max()).collect()
    chosen, strata = _chosen(plan, units, good, members)
    large = chosen.where(col("rows") > plan.most_rows).collect()
    fits = chosen.where(col("rows") <= plan.most_rows).collect()
    kept = members.exclude("rows", "is_new").join(fits.exclude("rows"), on=["unit", "id"])
    rows = sum(fits.to_pydict()["rows"])
    buckets = max(1, -(-rows // _BUCKET))
    found = good.select("trace", "text").join(kept, on="trace").exclude("trace")
    _save(found.with_column("bucket", col("id").hash() % buckets), state / GROUPED, "bucket")
    _save(_too_large(large, plan.most_rows), state / DONE / "large")
    _save(keyed.where(col("error") != "").select("file", "error"), state / "lines")
    files = sorted(set(keyed.select("file").distinct().to_pydict()["file"]))
    return Record(plan, tuple(files), local, strata, buckets)


def _why_nothing(plan: Plan, keyed: Any) -> str:
    first = keyed.select("file", "error").limit(1).to_pydict()
    if first["error"]:
        return f"no line is a span row; the first in {first['file'][0]}: {first['error'][0]}"
    return f"no row in {', '.join(plan.sources)[:200]}; expected one span a line"


def _keyed(plan: Plan, local: Mapping[str, str]) -> Any:
    """Return each line with its file, what groups it, and whether its file is new.

    `local` has the digests of local files by their names.
    """
    import daft
    from daft import DataType, col
    from daft.functions import startswith, substr, when

    known = [path for path, digest in local.items() if digest in plan.since]
    known += filter(is_address, plan.since)
    text = DataType.string()
    kind = DataType.struct({"trace": text, "session": text, "stratum": text, "error": text})

    def keys(lines: Any) -> list[dict[str, str]]:
        return [msgspec.structs.asdict(key_of(line, plan.by)) for line in lines.to_pylist()]

    read = daft.read_text(list(plan.sources), file_path_column="file").where(col("text") != "")
    marked = startswith(col("text"), "\ufeff")
    lines = read.with_column("text", when(marked, substr(col("text"), 1)).otherwise(col("text")))
    keyed = lines.with_column("key", daft.func.batch(return_dtype=kind)(keys)(col("text")))
    return keyed.select(
        "file",
        "text",
        *(col("key")[name].alias(name) for name in ("trace", "session", "stratum", "error")),
        (~col("file").is_in(known or [""])).cast(DataType.int64()).alias("is_new"),
    )


def _chosen(plan: Plan, units: Any, good: Any, members: Any) -> tuple[Any, dict[str, int]]:
    """Return the units to classify, and how many units there are in each stratum."""
    import daft
    from daft import col, lit

    if plan.since:
        units = units.where(col("is_new") == 1).collect()
    if not plan.sample:
        return units.exclude("is_new").with_column("stratum", lit("")), {"": len(units)}
    named = good.groupby("trace").agg(col("stratum").max())
    by_unit = members.join(named, on="trace").groupby("unit", "id").agg(col("stratum").max())
    table = units.join(by_unit, on=["unit", "id"]).to_pydict()
    order = sorted(
        range(len(table["id"])),
        key=lambda n: sample_place(plan.seed, table["unit"][n], table["id"][n]),
    )
    strata: dict[str, int] = {}
    picked = []
    for n in order:
        name = table["stratum"][n] or ""
        strata[name] = strata.get(name, 0) + 1
        if strata[name] <= plan.sample:
            picked.append(n)
    columns = {key: [table[key][n] for n in picked] for key in ("unit", "id", "rows", "stratum")}
    return daft.from_pydict(columns), strata


def _too_large(large: Any, most_rows: int) -> Any:
    """Return the packed error of each unit with too many rows."""
    import daft

    told = "{:,} rows, more than --max-rows {:,}; classify it by itself, or raise the limit"
    table = large.to_pydict()
    columns = zip(*(table[name] for name in ("stratum", "unit", "id", "rows")), strict=True)
    found = [
        packed(stratum, Label(Unit(unit), unit_id, error=told.format(count, most_rows)), (), ())
        for stratum, unit, unit_id, count in columns
    ]
    return daft.from_pydict({"found": found or [""]}).where(daft.col("found") != "")


def _save(frame: Any, folder: Path, bucket: str = "") -> None:
    with storing(folder, FIX):
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        frame.write_parquet(str(folder), partition_cols=[bucket] if bucket else None)
