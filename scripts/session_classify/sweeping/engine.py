"""A sweep on Daft: rows to units by a shuffle, bucket by bucket to labels, and to tables."""

import logging
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from session_classify.errors import (
    ClassifyError,
    MissingExtraError,
    StorageError,
    UnreachableError,
    UnusableInputError,
    UsageError,
    in_line,
    pip,
)
from session_classify.storage import storing
from session_classify.sweeping.buckets import classify_bucket
from session_classify.sweeping.grouping import group
from session_classify.sweeping.judging import JudgePlan, Spent, judge_units
from session_classify.sweeping.plan import (
    DONE,
    EXTRA,
    FIX,
    GROUPED,
    JUDGED,
    PLAN,
    RECORD,
    STATE,
    TABLES,
    Plan,
    Record,
    begun,
    write_record,
)
from session_classify.sweeping.sources import is_address, place_of_no_text
from session_classify.sweeping.tables import Counts, split

LOCAL, RAY = "local", "ray"
WITHOUT = "without a verdict"
"""The stratum of units that the rules could not classify, beside those of two stages."""
_PATIENCE = 5.0
"""Seconds in which the head of a cluster has to answer."""
_ROOM = 1_000_000
"""Bytes; with fewer on the disk, it is the disk that the engine failed on."""
_TRIES = 3
"""How often a part is tried."""


class Sweep(msgspec.Struct, frozen=True):
    """A sweep that has ended."""

    record: Record
    counts: Counts
    spent: Spent | None
    """What a judge used, if there was one."""


def sweep(
    plan: Plan,
    out: Path,
    engine: str,
    tell: Callable[[str], None],
    judge: JudgePlan | None = None,
    *,
    resume: bool = False,
) -> Sweep:
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
        if plan.by and set(record.strata) == {""}:
            tell(f"no span has the tag {plan.by}: there is one stratum")
        for bucket in range(record.buckets):
            _tried(partial(_classify, state, bucket, is_local=is_local), tell)
            if record.buckets > 1:
                tell(f"{bucket + 1} of {record.buckets} parts")
        # What another judge said, or the same with other options, is asked anew: answers are kept.
        (state / DONE / JUDGED).unlink(missing_ok=True)
        spent = judge_units(state, out, judge, tell) if judge else None
        if judge and spent and judge.two_stage:
            lost = sum(record.strata.values()) - sum(spent.parts.values())
            record = replace(record, strata=spent.parts | ({WITHOUT: lost} if lost else {}))
        with storing(out, FIX):
            counts = split(state, out, TABLES, by_part=bool(judge and judge.two_stage))
    write_record(out / RECORD, record)
    return Sweep(record, counts, spent)


def ended(out: Path) -> None:
    """Remove the state of a sweep whose tables and summary are written: it has ended."""
    shutil.rmtree(out / STATE, ignore_errors=True)


def _start(engine: str) -> bool:
    """Choose the engine's runner; return whether it is the embedded one."""
    if find_spec("daft") is None:
        raise MissingExtraError(f"a sweep needs Daft; run `{pip('daft')}`", EXTRA)
    import daft

    # What goes wrong is told in one line; without a handler, the engine's own words are printed.
    logging.getLogger().addHandler(logging.NullHandler())
    name, _, address = engine.partition(":")
    if name == LOCAL and not address:
        return True
    if name != RAY:
        raise UsageError(f"--engine {engine[:80]!r}: expected local, ray or ray:ADDRESS")
    if find_spec("ray") is None:
        raise MissingExtraError(f"--engine ray needs Ray; run `{pip('daft[ray]', 'ray')}`", RAY)
    if address:
        _check_address(address)
    daft.set_runner_ray(address or None, noop_if_initialized=True)
    return False


def _check_address(address: str) -> None:
    """Raise UnreachableError where nothing answers: Ray itself tries for two minutes."""
    parts = urlsplit(address if "://" in address else f"ray://{address}")
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), _PATIENCE):
            return
    except (OSError, ValueError) as error:
        raise UnreachableError(
            f"no Ray cluster answers at {address[:200]}: {error}; expected HOST:PORT of "
            "its head, or ray://HOST:PORT"
        ) from error


def _tried(work: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Do a part, and again where a worker was lost; raises what the last try raises."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except ClassifyError:
            raise
        except Exception as error:  # noqa: BLE001  each engine has errors of its own
            tell(f"a part failed ({type(error).__name__}) and is done again")
    return work()


def _grouped(plan: Plan, out: Path, state: Path) -> Record:
    """Group the rows; until the record is written, nothing of it counts."""
    with storing(out, FIX):
        was_there = out.exists()
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(state, ignore_errors=True)
    try:
        record = group(plan, state.resolve())
    except BaseException:
        shutil.rmtree(state, ignore_errors=True)
        if not was_there:
            with suppress(OSError):
                out.rmdir()
        raise
    write_record(state / PLAN, record)
    return record


def _classify(state: Path, bucket: int, *, is_local: bool) -> None:
    """Write the labels of a bucket, unless it is done or empty."""
    from pyarrow import parquet

    state = state.resolve()
    place = state / DONE / f"{bucket}.parquet"
    if place.exists() or not any((state / GROUPED / f"bucket={bucket}").glob("*.parquet")):
        return
    table = classify_bucket(state, bucket, is_local=is_local)
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
        if shutil.disk_usage(out if out.exists() else out.absolute().parent).free < _ROOM:
            raise StorageError(f"{out}: the disk is full; {FIX}, or --resume with more") from error
        is_no_text = "UTF-8" in str(error)
        if any(map(is_address, plan.sources)) and not is_no_text:
            raise UnreachableError(f"cannot read {named}: {in_line(error)}") from error
        where = place_of_no_text(plan.sources) if is_no_text else ""
        raise UnusableInputError(
            f"the engine cannot read {where or named}: {in_line(error)}; expected UTF-8 text with "
            "one span row a line"
        ) from error
    except ClassifyError:
        raise
    except Exception as error:
        raise UnreachableError(
            f"the engine failed ({type(error).__name__}: {in_line(error)}); --resume goes on "
            f"in {out} with what is done"
        ) from error
