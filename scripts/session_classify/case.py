"""A case: the directory with everything of one unit, from the raw answers to the verdict."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from session_classify.errors import NotFoundError, UnusableInputError, UsageError
from session_classify.model import Coverage, Finding, Session, Verdict
from session_classify.vocabulary import Unit

T = TypeVar("T")
_INFO, _SESSION, _FINDINGS, _VERDICT = "case.json", "session.json", "findings.json", "verdict.json"


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

    def verdict(self) -> Verdict:
        """Read the verdict; raises NotFoundError when the case has none yet."""
        if not (self.path / _VERDICT).is_file():
            raise NotFoundError(
                f"{self.path} has no verdict yet; record one with `session-classify verdict`"
            )
        return _read(self.path / _VERDICT, Verdict)

    def save_verdict(self, verdict: Verdict) -> None:
        """Write the verdict, in place of an earlier one."""
        _write(self.path / _VERDICT, verdict)

    def mark_shown(self, turns: frozenset[int]) -> "Case":
        """Remember that a reader was shown these turns."""
        shown = tuple(sorted(turns.union(self.info.shown)))
        info = replace(self.info, shown=shown)
        if info != self.info:
            _write(self.path / _INFO, info)
        return Case(self.path, info)


def default_path(unit: Unit, unit_id: str) -> Path:
    """Return where a case lies when nobody says otherwise: in the user's state directory."""
    from platformdirs import user_state_path

    safe = re.sub(r"[^\w.-]", "_", unit_id)[:100]
    return user_state_path("session-classify") / "cases" / f"{unit}-{safe}"


def open_case(path: Path) -> Case:
    """Open a case; raises NotFoundError when there is none at `path`."""
    if not (path / _INFO).is_file():
        raise NotFoundError(
            f"no case at {path}: expected a directory with {_INFO}; make one with `gather`"
        )
    return Case(path, _read(path / _INFO, CaseInfo))


@contextmanager
def new_case(path: Path, unit_id: str) -> Iterator[Path]:
    """Give a private directory to fill, and put it at `path` when that went well.

    An earlier case of the same unit is replaced; one of another unit, or a directory that is no
    case, is left alone with a UsageError. A half-made case never appears at `path`.
    """
    if (path / _INFO).is_file():
        other = open_case(path).info.id
        if other != unit_id:
            raise UsageError(f"{path} holds the case of {other}; give another --case")
    elif path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(f"{path} exists and is no case; give --case an empty or new directory")
    path.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".gather-", dir=path.parent))
    try:
        (making / "raw").mkdir(mode=0o700)
        yield making
        if path.exists():
            shutil.rmtree(path)
        making.rename(path)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def fill_case(
    folder: Path, info: CaseInfo, session: Session, findings: tuple[Finding, ...]
) -> None:
    """Write what was gathered."""
    _write(folder / _SESSION, session)
    _write(folder / _FINDINGS, findings)
    _write(folder / _INFO, info)


def _write(path: Path, value: object) -> None:
    """Write a file whole or not at all: a reader never sees half of it."""
    draft = path.with_suffix(".tmp")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
    draft.replace(path)


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise UnusableInputError(f"{path} is damaged: {error}; gather the case again") from error
