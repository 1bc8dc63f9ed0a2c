"""What a sweep reads, chooses and writes, and the folder in which it keeps its state."""

from hashlib import blake2b
from pathlib import Path

import msgspec

from session_classify.errors import UnusableInputError, UsageError
from session_classify.storage import storing, write_whole
from session_classify.sweeping.sources import is_address

EXTRA = "sweep"
FIX = "name another directory with --out"
TABLES = ("labels", "findings", "errors")
RECORD = "sweep.json"
"""Beside the tables: what was read, for a later sweep of what is new since then."""
SUMMARY = "summary.md"
STATE = ".sweep"
"""The folder below `out` with rows and verdicts of a sweep that has not ended."""
GROUPED, DONE, PLAN = "grouped", "done", "plan.json"
JUDGED = "judged.parquet"
"""What a judge said, among what is done."""


class Plan(msgspec.Struct, frozen=True):
    """One sweep."""

    sources: tuple[str, ...]
    most_rows: int = 20_000
    """A unit with more rows gets an error instead of a worker's memory."""
    sample: int = 0
    """Units of each stratum that are classified; 0 for all."""
    by: str = ""
    """What makes the strata: `ml_app`, `day`, or the tag of a unit's first row; none is one."""
    seed: int = 0
    since: tuple[str, ...] = ()
    """What an earlier sweep read (`Record.seen`): units with rows in that alone are left out."""


class Record(msgspec.Struct, frozen=True):
    """What a sweep did, kept beside its tables."""

    plan: Plan
    files: tuple[str, ...] = ()
    """The files that were read."""
    digests: dict[str, str] = msgspec.field(default_factory=dict)
    """The digest of each local file among them."""
    strata: dict[str, int] = msgspec.field(default_factory=dict)
    """Units of the population by stratum; the empty name where there are no strata."""
    buckets: int = 0
    """Parts in which the units are classified."""

    @property
    def seen(self) -> tuple[str, ...]:
        """What was read, wherever it lies: the digests of local files, and addresses."""
        return tuple(sorted({*self.digests.values(), *filter(is_address, self.files)}))


def sample_place(seed: int, unit: str, unit_id: str) -> bytes:
    """Return where a unit stands in the order of a sample: by its id and the seed alone.

    Other than in `population.sampling`, it stands there however many units come later: a nightly
    sample keeps its units, and the answers on them are not asked for again.
    """
    return blake2b(f"{seed}\n{unit}\n{unit_id}".encode(), digest_size=16).digest()


def begun(out: Path, plan: Plan, *, resume: bool) -> Record | None:
    """Return the state of a sweep that goes on in `out`; None for a new one.

    Raises UsageError where `out` holds tables or another sweep, or one that is not to go on.
    """
    if not (out / STATE / PLAN).is_file():
        if any((out / f"{name}.parquet").exists() for name in TABLES):
            raise UsageError(f"{out} holds the tables of a sweep already; {FIX}")
        return None
    if not resume:
        raise UsageError(f"{out} holds a sweep that has not ended; add --resume, or {FIX[5:]}")
    found = read_record(out / STATE / PLAN)
    if found.plan != plan:
        raise UsageError(f"{out} holds a sweep with other sources or options; {FIX}")
    return found


def read_record(path: Path) -> Record:
    """Read a record; raises UsageError where there is none, UnusableInputError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except FileNotFoundError as error:
        raise UsageError(f"{path.parent} holds no sweep: {path.name} is missing") from error
    except msgspec.DecodeError as error:
        raise UnusableInputError(f"{path} is damaged: {error}; sweep anew") from error


def write_record(path: Path, record: Record) -> None:
    """Write a record; raises StorageError."""
    with storing(path, FIX):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(record) + b"\n")
