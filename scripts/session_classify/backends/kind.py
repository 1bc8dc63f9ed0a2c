"""One kind of backend: its syntax, how it is opened, and how it is checked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from session_classify.backends import Backend
from session_classify.backends.caller import Caller
from session_classify.queries.call import RecordedAnswer


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """The arguments with which a backend is opened."""

    where: str
    """The text after `KIND:`; may be empty."""
    paths: tuple[str, ...]
    """Further paths after the id."""
    case: Path
    """The case directory to make; responses are cached beside it until then."""
    fresh: bool
    """Whether cached responses are dropped."""
    report: Callable[[str], None]
    """Prints a line of progress."""
    is_whole: Callable[[bytes], bool]
    """Returns whether a response is complete and may be reused by a later run."""
    read_recorded: Callable[[list[bytes]], Iterable[RecordedAnswer]]
    """Returns the answers of Datadog's tools in the rows of a transcript."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend works here, what was found, and what to do if it does not."""

    works: bool
    found: str
    fix: str = ""
    extra: str = ""
    """The extra that is all it lacks, which the launcher installs at the first use."""


@dataclass(frozen=True, slots=True)
class BackendKind:
    """One kind of backend. The rest of the package knows it only by its module in `kinds/`."""

    name: str
    syntax: str
    """The value of `--backend`, such as `bundle:PATH`."""
    open: Callable[[OpenRequest], Backend]
    files: Callable[[str, tuple[str, ...]], tuple[str, ...]] | None = None
    """Returns the paths that it reads, for `where` and further paths; None if it reads no files."""
    is_safe_address: Callable[[str], bool] | None = None
    """Returns whether `--restricted` allows an address after the colon; None if it has none."""
    caller: Callable[[str], Caller] | None = None
    """Returns a client for single calls; None for a kind that has all data from the start."""
    counts_rum: bool = False
    """Whether it supports `rum-aggregate`."""
    availability: Callable[[], Availability] | None = None
    """Returns whether it works here; None for a kind that always works."""
    preference: int = 0
    """Its position in the order of `auto`; 0 if `auto` never chooses it."""
