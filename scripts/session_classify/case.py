"""A case: the directory with everything of one unit, from the raw answers to the verdict."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from session_classify.errors import NotFoundError, UnusableInputError, UsageError
from session_classify.events import Events
from session_classify.model import Coverage, Finding, Session
from session_classify.redaction import redacted
from session_classify.verdicts import Verdict
from session_classify.vocabulary import JudgedBy, Protocol, Unit

T = TypeVar("T")
_INFO, _SESSION, _FINDINGS, _VERDICT = "case.json", "session.json", "findings.json", "verdict.json"
_EVENTS = "events.json"
_LOCK = ".lock"
_FILES = ("raw", _SESSION, _FINDINGS, _EVENTS, _VERDICT, "verdict.before.json", _INFO, _LOCK)


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """What `case.json` holds: where the case came from and how much of it was read."""

    unit: Unit
    id: str
    backend: str
    profile: str
    site: str
    nonce: str
    """Derived from the raw bytes; closes the fence around trace text in everything printed."""
    coverage: Coverage
    shown: tuple[int, ...] = ()
    """Numbers of the turns that were printed for a reader."""
    versions: dict[str, str] = field(default_factory=dict)
    protocol: Protocol = Protocol.LLM_OBS
    """By whose rules it was gathered; other verbs go by it when nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case on disk."""

    path: Path
    info: CaseInfo

    @property
    def raw(self) -> Path:
        """The folder of the answers as they were received."""
        return self.path / "raw"

    def session(self) -> Session:
        """Read the session; raises UnusableInputError when the file is damaged."""
        return _read(self.path / _SESSION, Session)

    def findings(self) -> tuple[Finding, ...]:
        """Read the findings; raises UnusableInputError when the file is damaged."""
        return _read(self.path / _FINDINGS, tuple[Finding, ...])

    def events(self) -> Events:
        """Read what happened around the session; a case of an earlier version has none.

        Raises UnusableInputError when the file is damaged.
        """
        path = self.path / _EVENTS
        return _read(path, Events) if path.is_file() else Events()

    def verdict(self) -> Verdict:
        """Read the verdict; raises NotFoundError when the case has none yet."""
        if not (self.path / _VERDICT).is_file():
            raise NotFoundError(f"{self.path} has no verdict yet; record one with `verdict`")
        return _read(self.path / _VERDICT, Verdict)

    def keep_a_better_verdict(self, judged_by: JudgedBy) -> None:
        """Raise UsageError when the case has the verdict of a better reader than is to come.

        Facts alone do not overrule a command, nor a command the agent or person who read the case.
        """
        order = list(JudgedBy)
        if (self.path / _VERDICT).is_file():
            before = self.verdict().judged_by
            if order.index(before) < order.index(judged_by):
                raise UsageError(
                    f"{self.path} holds a verdict judged by {before}; give --case another directory"
                )

    def save_verdict(self, verdict: Verdict) -> Verdict:
        """Write the verdict, in place of an earlier one, and return it as it was written."""
        masked = redacted(verdict)
        _write(self.path / _VERDICT, masked)
        return masked

    def mark_shown(self, turns: frozenset[int]) -> "Case":
        """Remember that a reader was shown these turns; agents show several things at once."""
        with (self.path / _LOCK).open("w") as lock:
            _hold(lock)
            info = _read(self.path / _INFO, CaseInfo)
            info = replace(info, shown=tuple(sorted(turns.union(info.shown))))
            _write(self.path / _INFO, info)
        return Case(self.path, info)


def default_path(unit: Unit, unit_id: str) -> Path:
    """Return where a case lies when nobody says otherwise: in the user's state directory."""
    from platformdirs import user_state_path

    safe = re.sub(r"[^A-Za-z0-9.-]", "_", unit_id)[:80]
    if safe != unit_id:
        # Two ids that differ only in what a file name cannot hold keep cases of their own.
        safe += "-" + blake2b(unit_id.encode(), digest_size=4).hexdigest()
    return user_state_path("session-classify") / "cases" / f"{unit}-{safe}"


def open_case(path: Path) -> Case:
    """Open a case; raises NotFoundError when there is none at `path`."""
    path = path.expanduser().resolve()
    if not (path / _INFO).is_file():
        raise NotFoundError(
            f"no case at {path}: expected a directory with {_INFO}; make one with `gather`"
        )
    return Case(path, _read(path / _INFO, CaseInfo))


def is_case(path: Path) -> bool:
    """Tell whether a directory holds a case, a damaged one included."""
    return (path / _INFO).is_file()


def is_own_file(name: str) -> bool:
    """Tell whether this module writes an entry of that name into a case directory."""
    return name.casefold() in _FILES


@contextmanager
def new_case(path: Path, unit: Unit, unit_id: str) -> Iterator[Path]:
    """Give a private directory to fill, and put its files at `path` when that went well.

    An earlier case of the same unit is replaced, file by file, and its verdict stays where the raw
    data is the same; a case of another unit, or a directory that is no case, is left alone with a
    UsageError. A half-made case never appears at `path`, and nothing else in there is touched.
    """
    try:
        _check_place(path, unit, unit_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        inside = path if path.is_dir() else path.parent
        making = Path(tempfile.mkdtemp(prefix=".gather-", dir=inside))
    except OSError as error:
        raise UsageError(f"cannot make a case at {path}: {error.strerror}") from error
    try:
        (making / "raw").mkdir(mode=0o700)
        yield making
        path.mkdir(mode=0o700, exist_ok=True)
        with (path / _LOCK).open("w") as lock:
            _hold(lock)
            _replace(making, path)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _check_place(path: Path, unit: Unit, unit_id: str) -> None:
    if not (path / _INFO).is_file():
        others = path.is_dir() and any(not p.name.startswith(".gather-") for p in path.iterdir())
        if others or (path.exists() and not path.is_dir()):
            raise UsageError(f"{path} exists and is no case; give --case an empty or new directory")
        return
    try:
        info = open_case(path).info
    except UnusableInputError:
        return  # a damaged case is what gathering again is for
    if (info.unit, info.id) != (unit, unit_id):
        raise UsageError(f"{path} holds the case of {info.unit} {info.id}; give another --case")


def _replace(making: Path, path: Path) -> None:
    """Move the new files over the old ones; what was read and judged counts for the same data."""
    new = _read(making / _INFO, CaseInfo)
    try:
        old = _read(path / _INFO, CaseInfo)
    except UnusableInputError:
        old = None
    same = old is not None and old.nonce == new.nonce
    if old is not None and same:
        _write(making / _INFO, replace(new, shown=old.shown))
    if (path / _VERDICT).is_file() and not (same and _is_whole(path / _VERDICT)):
        (path / _VERDICT).replace(path / "verdict.before.json")
    shutil.rmtree(path / "raw", ignore_errors=True)
    for name in ("raw", _SESSION, _FINDINGS, _EVENTS, _INFO):
        (making / name).replace(path / name)


def _is_whole(verdict: Path) -> bool:
    """Tell whether a verdict can be read; one that another version wrote may not be."""
    try:
        _read(verdict, Verdict)
    except UnusableInputError:
        return False
    return True


def _hold(lock: IO[str]) -> None:
    """Wait for the lock of an open file; where the system has none, the last one wins."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(lock, fcntl.LOCK_EX)


def fill_case(
    folder: Path,
    info: CaseInfo,
    session: Session,
    findings: tuple[Finding, ...],
    events: Events,
) -> None:
    """Write what was gathered."""
    _write(folder / _SESSION, session)
    _write(folder / _FINDINGS, findings)
    _write(folder / _EVENTS, events)
    _write(folder / _INFO, info)


def _write(path: Path, value: object) -> None:
    """Write a file whole or not at all: a reader never sees half of it."""
    data = msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".write-", delete=False) as draft:
        draft.write(data)
    Path(draft.name).replace(path)


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise UnusableInputError(f"{path} is damaged: {error}; gather the case again") from error
