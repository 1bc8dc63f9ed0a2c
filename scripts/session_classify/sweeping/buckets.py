"""The units of one bucket to packed labels, on the engine's workers."""

import os
from pathlib import Path
from typing import Any

from session_classify.population.threads import prepare_for_threads
from session_classify.sweeping.packing import packed
from session_classify.sweeping.plan import GROUPED
from session_classify.sweeping.unit import classified
from session_classify.vocabulary import Unit

_FEW = 100
"""So many units are classified sooner than further processes start; a task's share on a cluster."""
_BATCH = 25


def labels(strata: Any, units: Any, ids: Any, rows: Any) -> list[str]:
    """Return the packed label of each unit; the arguments are columns of the engine."""
    prepare_for_threads()
    columns = (column.to_pylist() for column in (strata, units, ids, rows))
    return [
        packed(stratum, *classified(Unit(unit), str(one), lines))
        for stratum, unit, one, lines in zip(*columns, strict=True)
    ]


def classify_bucket(state: Path, bucket: int, *, is_local: bool) -> Any:
    """Return the packed labels of the units of a bucket as an Arrow table with a column `found`."""
    import daft
    from daft import DataType, col

    rows = daft.read_parquet(f"{state / GROUPED}/bucket={bucket}/*.parquet")
    units = (
        rows.groupby("stratum", "unit", "id").agg(col("text").list_agg().alias("rows")).collect()
    )
    many = len(units) > _FEW
    if many and not is_local:
        # On a cluster tasks, no actors: a task is done again elsewhere when its node is lost, and
        # actors wait for ever for a place that there is no more.
        units = units.repartition(-(-len(units) // _FEW), "unit", "id")
    spread = is_local and many and (os.cpu_count() or 1) > 1
    made = daft.func.batch(
        return_dtype=DataType.string(), batch_size=_BATCH, use_process=spread or None
    )
    columns = map(col, ("stratum", "unit", "id", "rows"))
    return units.select(made(labels)(*columns).alias("found")).to_arrow()
