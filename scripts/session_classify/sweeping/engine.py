"""A sweep on Daft: rows to units by a shuffle, bucket by bucket to labels, and to tables."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from session_classify.errors import (
    MissingExtraError,
    UnreachableError,
    UnusableInputError,
    UsageError,
)
from session_classify.storage import storing
from session_classify.sweeping.buckets import classify_bucket
from session_classify.sweeping.grouping import group
from session_classify.sweeping.plan import (
    DONE,
    FIX,
    GROUPED,
    PLAN,
    RECORD,
    STATE,
    TABLES,
    Plan,
    Record,
    begun,
    write_record,
)
from session_classify.sweeping.tables import Counts, split

EXTRA = "sweep"
LOCAL, RAY = "local", "ray"


def sweep(
    plan: Plan, out: Path, engine: str, tell: Callable[[str], None], *, resume: bool = False
) -> tuple[Record, Counts]:
    """Classify the units in the sources' rows and write the tables to `out`.

    `engine` is `local`, `ray` or `ray:ADDRESS`. An interruption keeps the buckets that are done,
    and `resume` goes on with them. `tell` prints the progress. Raises MissingExtraError, UsageError
    for an `out` that holds tables or another sweep, UnreachableError for a cluster that does not
    answer, UnusableInputError, StorageError.
    """
    is_local = _start(engine)
    before = begun(out, plan, resume=resume)
    state = out / STATE
    with _told(plan, out):
        record = before or _grouped(plan, out, state)
        for bucket in range(record.buckets):
            _classify(state, bucket, is_local=is_local)
            if record.buckets > 1:
                tell(f"{bucket + 1} of {record.buckets} parts")
        with storing(out, FIX):
            counts = split(state, out, TABLES)
    write_record(out / RECORD, record)
    shutil.rmtree(state, ignore_errors=True)
    return record, counts


def _start(engine: str) -> bool:
    """Choose the engine's runner; return whether it is the embedded one."""
    if find_spec("daft") is None:
        raise MissingExtraError(
            "a sweep needs Daft; run `pip install 'session-classify[sweep]'`", EXTRA
        )
    import daft

    name, _, address = engine.partition(":")
    if name == LOCAL and not address:
        return True
    if name != RAY:
        raise UsageError(f"--engine {engine[:80]!r}: expected local, ray or ray:ADDRESS")
    if find_spec("ray") is None:
        raise MissingExtraError(
            "--engine ray needs Ray; run `pip install 'session-classify[ray]'`", RAY
        )
    try:
        daft.set_runner_ray(address or None, noop_if_initialized=True)
    except (ConnectionError, RuntimeError, ValueError) as error:
        told = " ".join(str(error).split())[:300]
        raise UnreachableError(f"no Ray cluster at {address or 'auto'}: {told}") from error
    return False


def _grouped(plan: Plan, out: Path, state: Path) -> Record:
    """Group the rows; until the record is written, nothing of it counts."""
    with storing(out, FIX):
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(state, ignore_errors=True)
    try:
        record = group(plan, state.resolve())
    except BaseException:
        shutil.rmtree(state, ignore_errors=True)
        raise
    write_record(state / PLAN, record)
    return record


def _classify(state: Path, bucket: int, *, is_local: bool) -> None:
    """Write the labels of a bucket, unless it is done or empty."""
    from pyarrow import parquet

    place = state.resolve() / DONE / f"{bucket}.parquet"
    if place.exists() or not any((state / GROUPED / f"bucket={bucket}").glob("*.parquet")):
        return
    table = classify_bucket(state.resolve(), bucket, is_local=is_local)
    with storing(place, FIX):
        place.parent.mkdir(mode=0o700, exist_ok=True)
        parquet.write_table(table, f"{place}.part")
        Path(f"{place}.part").replace(place)


@contextmanager
def _told(plan: Plan, out: Path) -> Iterator[None]:
    """Tell errors of the engine in one line each."""
    from daft.exceptions import DaftCoreException

    named = ", ".join(plan.sources)[:200]
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(f"no file at {named}; name files of span rows, or a pattern") from error
    except DaftCoreException as error:
        told = " ".join(str(error).split())[:300]
        raise UnusableInputError(
            f"the engine cannot go on with {named}: {told}; expected UTF-8 text with one span row "
            f"a line; --resume goes on in {out} with what is done"
        ) from error
