"""The files of a case: names, reading, and replacing all of them together."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
RUN, CASES = "run.json", "cases"
"""What a run over an app samples, and the folder beside it that holds a case for each unit."""
SUBMITTED = "submitted.json"
"""What was submitted of the verdict."""
GATHER = ".gather"
"""The folder of a case while it is gathered."""
READY = ".ready"
"""The name of this folder when it is complete; from then on its files are the case's."""
LOCK, GATHER_LOCK, SUBMIT_LOCK = ".lock", ".gather.lock", ".submit.lock"
"""Lock files: while files of a case are read or changed, a run gathers into it, or submits it."""
LOCKS = (LOCK, GATHER_LOCK, SUBMIT_LOCK)
_VERDICTS = (VERDICT, VERDICT_BEFORE, SUBMITTED)
_WHOLE = (RAW, SESSION, FINDINGS, EVENTS, *_VERDICTS, INFO, READY, GATHER, *LOCKS)
_PATIENCE = 60.0
"""Seconds to wait for another process's access to files, which takes milliseconds."""


class CaseInfo(msgspec.Struct, frozen=True):
    """The content of `case.json`: origin of the case and coverage."""

    unit: Unit
    id: str
    backend: str
    profile: str
    site: str
    nonce: str
    """Derived from the raw bytes; it ends the fence around trace text in all output."""
    coverage: Coverage
    shown: tuple[int, ...] = ()
    """Numbers of the turns that were printed for a reader."""
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    protocol: Protocol = Protocol.LLM_OBS
    """The protocol of `gather`; the default of later commands."""
    files: dict[str, str] = msgspec.field(default_factory=dict)
    """The digest of each JSON file of the case; none in a case of an earlier version."""


def is_case(path: Path) -> bool:
    """Return whether there is a case at `path`, in place or ready to be put there."""
    return (path / INFO).is_file() or (path / READY / INFO).is_file()


def is_own_file(name: str) -> bool:
    """Return whether gathering or a verdict writes an entry of that name into a case."""
    return name.casefold() in _WHOLE


def own_entries(path: Path) -> tuple[list[Path], list[Path]]:
    """Return the entries of a directory that gathering made, and the others.

    The former are in the order of removal: an interrupted removal leaves a directory that is still
    recognized as a case.
    """
    partial = _partial(path)
    made = [*partial, *(path / name for name in _WHOLE if (path / name).exists())]
    return made, sorted(entry for entry in path.iterdir() if entry not in made)


def current_info(path: Path) -> CaseInfo | None:
    """Return the info of the case at `path`, in place or ready; None if there is none."""
    folder = path / READY if (path / READY / INFO).is_file() else path
    try:
        return read_file(folder / INFO, CaseInfo)
    except UnusableInputError:
        return None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock the files of a case while they are read or changed.

    Raises StorageError when another process holds the lock for too long, OSError when locking
    fails.
    """
    busy = f"another process has held {path / LOCK} for {_PATIENCE:g} s; end it and try again"
    with held(path / LOCK, _PATIENCE, busy):
        yield


def put_in_place(path: Path) -> None:
    """Move the files of a ready case to their place; needs the lock.

    A verdict on the same data stays, any other is renamed. `case.json` comes last, and each step
    can be repeated: if the process is killed, the next one finishes.
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
    """Return whether a verdict can be decoded; one of another version may not."""
    try:
        read_file(verdict, Verdict)
    except UnusableInputError:
        return False
    return True


def encoded(value: object) -> bytes:
    """Return a struct as the JSON of a file."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def store(path: Path, name: str, value: object) -> None:
    """Write a JSON file of a case; needs the lock. Raises OSError; the old file then stays."""
    remove_partial(path)
    write_whole(path / name, encoded(value))


def remove_partial(path: Path) -> None:
    """Remove partial files of killed processes; needs the lock."""
    for partial in _partial(path):
        partial.unlink()


def _partial(path: Path) -> list[Path]:
    return [
        one
        for name in (INFO, VERDICT, SUBMITTED)
        for one in sorted(path.glob(f".{name}.*{PARTIAL}"))
    ]


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
    """Return a digest of a file's content."""
    return blake2b(data, digest_size=16).hexdigest()
