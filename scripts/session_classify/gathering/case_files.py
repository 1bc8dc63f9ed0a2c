"""The files of a case: their names, how they are read, and how new ones replace them together."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.model import Coverage
from session_classify.storage import PARTIAL, held, write_whole
from session_classify.verdicts import Verdict
from session_classify.vocabulary import Protocol, Unit

T = TypeVar("T")
INFO, SESSION, FINDINGS, EVENTS = "case.json", "session.json", "findings.json", "events.json"
VERDICT, VERDICT_BEFORE, RAW = "verdict.json", "verdict.before.json", "raw"
GATHER = ".gather"
"""The folder of a case that is still being gathered."""
READY = ".ready"
"""The same folder when it is whole; once it has this name, its files are those of the case."""
LOCK, GATHER_LOCK = ".lock", ".gather.lock"
"""What is locked while files of a case are read or changed, and while a run gathers into it."""
LOCKS = (LOCK, GATHER_LOCK)
_WHOLE = (RAW, SESSION, FINDINGS, EVENTS, VERDICT, VERDICT_BEFORE, INFO, READY, GATHER, *LOCKS)
_PATIENCE = 60.0
"""Seconds to wait for another process to read or write files, which takes it milliseconds."""


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
    """By whose rules it was gathered; other commands go by it when nobody says otherwise."""
    files: dict[str, str] = field(default_factory=dict)
    """The digest of each JSON file that belongs to it; a case of an earlier version has none."""


def is_case(path: Path) -> bool:
    """Tell whether there is a case at `path`, in place or ready to be put there."""
    return (path / INFO).is_file() or (path / READY / INFO).is_file()


def is_own_file(name: str) -> bool:
    """Tell whether gathering or a verdict writes an entry of that name into a case directory."""
    return name.casefold() in _WHOLE


def own_entries(path: Path) -> tuple[list[Path], list[Path]]:
    """Return the entries of a directory that gathering made, and those that it did not make.

    The first are in the order in which to remove them: a removal that is interrupted leaves a
    directory that still shows what it is.
    """
    partial = _partial(path)
    made = [*partial, *(path / name for name in _WHOLE if (path / name).exists())]
    return made, sorted(entry for entry in path.iterdir() if entry not in made)


def current_info(path: Path) -> CaseInfo | None:
    """Return the info of the case at `path`, in place or ready, if there is one to be read."""
    folder = path / READY if (path / READY / INFO).is_file() else path
    try:
        return read_file(folder / INFO, CaseInfo)
    except UnusableInputError:
        return None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the files of a case while they are read or changed.

    Raises StorageError when another process does not let them go, OSError when none can be locked.
    """
    busy = f"another process has held {path / LOCK} for {_PATIENCE:g} s; end it and try again"
    with held(path / LOCK, _PATIENCE, busy):
        yield


def put_in_place(path: Path) -> None:
    """Move the files of a ready case to where they belong; needs the lock.

    A verdict on the same data stays, any other is put aside. `case.json` comes last, and each step
    can be repeated: when a process is killed in here, the next one finishes.
    """
    ready = path / READY
    if not ready.is_dir():
        return
    if (ready / INFO).is_file():
        verdict = path / VERDICT
        if verdict.is_file() and not (_is_same_data(path, ready) and _is_readable(verdict)):
            verdict.replace(path / VERDICT_BEFORE)
        if (ready / RAW).is_dir():
            shutil.rmtree(path / RAW, ignore_errors=True)
            (ready / RAW).rename(path / RAW)
        for name in (SESSION, FINDINGS, EVENTS, INFO):
            if (ready / name).is_file():
                (ready / name).replace(path / name)
    shutil.rmtree(ready)


def _is_same_data(path: Path, ready: Path) -> bool:
    try:
        old, new = (read_file(folder / INFO, CaseInfo) for folder in (path, ready))
    except UnusableInputError:
        return False
    return old.nonce == new.nonce


def _is_readable(verdict: Path) -> bool:
    """Tell whether a verdict can be read; one that another version wrote may not be."""
    try:
        read_file(verdict, Verdict)
    except UnusableInputError:
        return False
    return True


def encoded(value: object) -> bytes:
    """Return a struct as the JSON of a file."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def store(path: Path, name: str, value: object) -> None:
    """Write a JSON file of a case; needs the lock. Raises OSError, and the old file stays."""
    remove_partial(path)
    write_whole(path / name, encoded(value))


def remove_partial(path: Path) -> None:
    """Remove the files that killed processes were writing; needs the lock."""
    for partial in _partial(path):
        partial.unlink()


def _partial(path: Path) -> list[Path]:
    return [one for name in (INFO, VERDICT) for one in sorted(path.glob(f".{name}.*{PARTIAL}"))]


def decoded(data: bytes, path: Path, kind: type[T]) -> T:
    """Return the struct in a file's JSON; raises UnusableInputError when it is damaged."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise UnusableInputError(f"{path} is damaged: {error}; gather the case again") from error


def read_file(path: Path, kind: type[T]) -> T:
    """Read a struct; raises UnusableInputError when the file is missing or damaged, or OSError."""
    return decoded(read_bytes(path), path, kind)


def read_bytes(path: Path) -> bytes:
    """Return what is in a file; raises UnusableInputError when it is missing, or OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnusableInputError(f"{path} is missing; gather the case again") from error


def digest(data: bytes) -> str:
    """Return what tells a file from any other."""
    return blake2b(data, digest_size=16).hexdigest()
