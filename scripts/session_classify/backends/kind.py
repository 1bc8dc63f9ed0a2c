"""One kind of backend as `--backend` names it: how it is written, opened and checked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from session_classify.backends import Backend
from session_classify.backends.caller import Caller


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What a backend is opened with."""

    where: str
    """What follows `KIND:`; empty where nothing does."""
    paths: tuple[str, ...]
    """Further paths that follow the id."""
    case: Path
    """The case directory that is to be made; responses are kept beside it until then."""
    fresh: bool
    """Whether kept responses are dropped."""
    report: Callable[[str], None]
    """Prints a line for the person who waits."""
    is_whole: Callable[[bytes], bool]
    """Whether a response is complete, and may be used again by a later run."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend works here, what was found, and what would make it work."""

    works: bool
    found: str
    fix: str = ""
    extra: str = ""
    """The extra that is all it lacks, where the launcher installs it at the first use."""


@dataclass(frozen=True, slots=True)
class BackendKind:
    """One kind of backend; its module in `kinds/` is all that the rest of the package knows."""

    name: str
    syntax: str
    """How it is written behind `--backend`, such as `bundle:PATH`."""
    open: Callable[[OpenRequest], Backend]
    files: Callable[[str, tuple[str, ...]], tuple[str, ...]] | None = None
    """The paths that it reads, for `where` and further paths; None for one that reads no files."""
    is_safe_address: Callable[[str], bool] | None = None
    """Whether `--restricted` allows an address after the colon; None where none can follow."""
    caller: Callable[[str], Caller] | None = None
    """Returns what answers single calls; None for a kind that has all its data from the start."""
    counts_rum: bool = False
    """Whether it answers `rum-aggregate`."""
    availability: Callable[[], Availability] | None = None
    """Whether it works here; None for a kind that works everywhere."""
    preference: int = 0
    """Its place in the order in which `auto` tries backends; 0 for one that `auto` never takes."""
