"""The files of a run: what was sampled, and a label for each unit that was classified."""

from pathlib import Path

import msgspec

from session_classify.errors import NotFoundError, StorageError, UnusableInputError, UsageError
from session_classify.gathering.case_files import CASES, RUN, current_info, is_case, locked
from session_classify.population.grouping import Group
from session_classify.storage import storing, write_whole
from session_classify.verdicts import Failure
from session_classify.vocabulary import (
    DEFAULT_SITE,
    Confidence,
    ContentSource,
    JudgedBy,
    Satisfaction,
    Unit,
)

LABELS = "labels.jsonl"
_FIX = "name another directory for the run"


class Run(msgspec.Struct, frozen=True):
    """What a run samples; after the start, nothing but more units."""

    app: str
    start: str
    """The window's begin, as given or RFC 3339."""
    end: str
    granularity: Unit
    population: int
    """Number of units in the window."""
    seed: int
    units: tuple[str, ...]
    """Ids of the sampled units, in the order of the sample."""
    root_kind: str = ""
    version: str = ""
    backend: str = ""
    site: str = DEFAULT_SITE
    reserve: tuple[str, ...] = ()
    """The units that are sampled next while an interval is too wide; all other units are out."""
    services: dict[str, str] = msgspec.field(default_factory=dict)
    """The service of each unit of sample and reserve."""
    groups: tuple[Group, ...] = ()
    """The whole population by service."""
    notes: tuple[str, ...] = ()
    """What decided the units, and what the population lacks."""
    audience: str = ""
    """The users or accounts to which the population is limited, as typed; empty for no limit."""
    facets: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """Attributes of the users or accounts of each unit of sample and reserve."""
    strata: dict[str, int] = msgspec.field(default_factory=dict)
    """Units of the population by stratum, where each stratum has a sample of its own."""
    stratum_of: dict[str, str] = msgspec.field(default_factory=dict)
    """With strata: the stratum of each unit that counts for the rates."""

    def __post_init__(self) -> None:
        """Raise ValueError where more units are sampled than there are, or one twice."""
        if len(set(self.units)) < len(self.units) or len(self.units) > self.population:
            raise ValueError("a run samples distinct units, at most its population")


class Label(msgspec.Struct, frozen=True):
    """The outcome of one unit: a verdict, or an error."""

    unit: Unit
    id: str
    trace_ids: tuple[str, ...] = ()
    verdict: Satisfaction | None = None
    reason: str = ""
    failures: tuple[Failure, ...] = ()
    cited: tuple[str, ...] = ()
    breaches: dict[str, str] = msgspec.field(default_factory=dict)
    confidence: Confidence | None = None
    content_source: ContentSource | None = None
    judged_by: JudgedBy | None = None
    judge: str = ""
    version: str = ""
    error: str = ""
    """Message of the error; empty where there is a verdict."""
    rules: tuple[str, ...] = ()
    """The rules of its findings, each once, by name."""

    def __post_init__(self) -> None:
        """Raise ValueError unless there is either a verdict or an error."""
        if (self.verdict is None) == (not self.error):
            raise ValueError("a label has either a verdict or an error")


def start_run(folder: Path, run: Run) -> Run:
    """Write a new run, or return the one in the folder so that it goes on.

    Raises UsageError where the folder holds a run of another app, StorageError.
    """
    if (folder / RUN).exists():
        found = read_run(folder)
        if run.audience not in ("", found.audience):
            raise UsageError(
                f"{folder} holds a run of the audience {found.audience!r}, not {run.audience!r}; "
                f"{_FIX}"
            )
        if found.app != run.app:
            raise UsageError(
                f"{folder} holds a run of the app {found.app!r}, not {run.app!r}; {_FIX}"
            )
        return found
    write_run(folder, run)
    return run


def write_run(folder: Path, run: Run) -> None:
    """Write what a run samples, also in the place of a smaller sample; raises StorageError."""
    with storing(folder, _FIX):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / RUN, msgspec.json.encode(run) + b"\n")


def check_by(run: Run, by: tuple[str, ...]) -> None:
    """Raise UsageError for an attribute by which a run cannot be split, with those that it can."""
    known = sorted({name for own in run.facets.values() for name in own})
    for name in by:
        if not known:
            raise UsageError(
                f"--by {name}: the run knows no users or accounts; start one with --audience, such "
                "as 'account *'"
            )
        if name not in known:
            raise UsageError(f"--by {name}: expected one of {', '.join(known)}")


def is_run(folder: Path) -> bool:
    """Return whether a folder holds a run."""
    return (folder / RUN).is_file()


def read_run(folder: Path) -> Run:
    """Return what a run samples; raises NotFoundError, UnusableInputError."""
    path = folder / RUN
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"no run at {folder}: it has no {RUN}; name a run directory") from None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise UnusableInputError(f"{path} is not a run: {error}; classify the app anew") from error


def save_labels(folder: Path, labels: tuple[Label, ...]) -> None:
    """Add labels to a run; a unit's later label replaces its earlier one.

    Nothing is written unless all are of the run. Raises UsageError for an id that was not sampled,
    StorageError.
    """
    known = set(read_run(folder).units)
    if unknown := [label.id for label in labels if label.id not in known]:
        raise UsageError(f"{folder} did not sample {', '.join(unknown)}; use ids of its {RUN}")
    with storing(folder, _FIX), locked(folder):
        rows = {label.id: label for label in (*read_labels(folder), *labels)}
        data = b"".join(msgspec.json.encode(label) + b"\n" for label in rows.values())
        write_whole(folder / LABELS, data)


def read_labels(folder: Path) -> tuple[Label, ...]:
    """Return the labels of a run, none before the first; raises UnusableInputError."""
    path = folder / LABELS
    try:
        rows = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    try:
        return tuple(msgspec.json.decode(row, type=Label) for row in rows)
    except msgspec.DecodeError as error:
        raise UnusableInputError(f"{path} has an unusable row: {error}; remove the row") from error


def pending(
    run: Run, labels: tuple[Label, ...], *, better_than_rules: bool = False
) -> tuple[str, ...]:
    """Return the sampled units without a verdict: not classified yet, or an error.

    With `better_than_rules`, a verdict by rules alone is none.
    """
    judged = {
        label.id
        for label in labels
        if label.verdict is not None
        and not (better_than_rules and label.judged_by is JudgedBy.RULES_ONLY)
    }
    return tuple(unit for unit in run.units if unit not in judged)


def case_paths(folder: Path) -> dict[tuple[Unit, str], Path]:
    """Return the cases of a run by unit and id, whatever their folders are called.

    A link is none of them: it could lead to the case of another run. Raises StorageError.
    """
    cases = folder / CASES
    if not cases.is_dir():
        return {}
    found: dict[tuple[Unit, str], Path] = {}
    with storing(cases, "check its permissions", "read"):
        paths = sorted(path for path in cases.iterdir() if path.is_dir() and not path.is_symlink())
        for path in filter(is_case, paths):
            if info := current_info(path):
                found[info.unit, info.id] = path
    return found
