"""Find, measure and remove the files that the tool keeps on this machine."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec.structs import replace

from session_classify.errors import NotFoundError, UsageError
from session_classify.gathering.case_files import (
    GATHER,
    INFO,
    LOCKS,
    READY,
    RUN,
    CaseInfo,
    is_case,
    own_entries,
    read_file,
)
from session_classify.instants import instant
from session_classify.lazy import lazy_pattern
from session_classify.places import (
    APP,
    answers_folder,
    cache_folder,
    captures_folder,
    case_of_answers,
    cases_folder,
)
from session_classify.storage import taken


class Kind(StrEnum):
    """The kinds of kept files, which can be removed separately."""

    CASES = "cases"
    RUNS = "runs"
    ANSWERS = "answers"
    CAPTURES = "captures"
    ENVIRONMENTS = "environments"
    CACHES = "caches"


class Outcome(StrEnum):
    """The result for one item."""

    FOUND = "found"
    REMOVED = "removed"
    LEFT = "left"


class Item(msgspec.Struct, frozen=True):
    """One kept item, with the parts that would be removed."""

    kind: Kind
    path: Path
    parts: tuple[Path, ...] = ()
    """What is removed; a case directory may also hold other files."""
    size: int = 0
    """Bytes in `parts`, by the files' lengths."""
    changed: datetime | None = None
    """Time of the last change; None where it was not determined."""
    outcome: Outcome = Outcome.FOUND
    note: str = ""
    """Why it is left, or which part of it is."""
    error: OSError | None = None
    """The system's message when it could not be removed."""


_ANSWERS = lazy_pattern(r"\..+\.answers", re.DOTALL)
_CACHED = (
    (
        Kind.ENVIRONMENTS,
        # An environment is named by its packages; earlier launchers kept them in uv's cache.
        lazy_pattern(r"venv-[0-9a-f]{8,64}(?:-[a-z]{1,20}){0,9}(?:\.lock)?|uv-[0-9a-f]{8,64}"),
    ),
    # Byte code, and what `make plugin` and `make sdk` install.
    (
        Kind.CACHES,
        lazy_pattern(
            r"bytecode|templates|parsed|mappings|sdk(?:-agents)?|claude-code-[\w.-]{1,40}"
        ),
    ),
)


def kept_items() -> list[Item]:
    """Return the content of the tool's own folders; entries of other programs are left."""
    found = _items_in(cases_folder(), Kind.CASES, _stored)
    found += _items_in(captures_folder(), Kind.CAPTURES, _captured)
    found += [
        item
        for item in _items_in(cache_folder(), Kind.CACHES, _cached)
        # Both folders may lie in one, as on Windows.
        if not cases_folder().is_relative_to(item.path)
    ]
    kinds = list(Kind)
    # The environment that this process runs in goes last.
    return sorted(found, key=lambda item: (_runs_here(item), kinds.index(item.kind), item.path))


def named_items(path: Path) -> list[Item]:
    """Return a named case, with its cached responses.

    Raises NotFoundError when there is neither, UnusableInputError when it is damaged, UsageError
    when it is a symbolic link.
    """
    path = path.expanduser()
    path = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
    if path.is_symlink():
        raise UsageError(f"{path} is a symbolic link; name the directory that it points to")
    answers = answers_folder(path)
    kept = [_item(Kind.ANSWERS, answers)] if answers.is_dir() and not answers.is_symlink() else []
    if path.is_dir() and _is_unfinished(path) and (path / GATHER).is_dir():
        return [_case(path), *kept]
    if kept and not path.exists():
        return kept
    if not is_case(path):
        raise NotFoundError(f"no case at {path}: expected a directory with {INFO}")
    folder = path if (path / INFO).is_file() else path / READY
    read_file(folder / INFO, CaseInfo)  # opening the case would lock it
    return [_case(path), *kept]


def remove(item: Item) -> Item:
    """Remove the tool's parts of an item, and return the item with its outcome.

    Symbolic links are removed and never followed. An item in use by another run is left.
    """
    if item.outcome is Outcome.LEFT:
        return item
    try:
        with _claimed(item) as is_free:
            if not is_free:
                return replace(item, outcome=Outcome.LEFT, note="in use by another run")
            # Also removes what a run wrote into the case in the meantime.
            for part in own_entries(item.path)[0] if item.kind is Kind.CASES else item.parts:
                _delete(part)
            left = _remove_empty(item)
    except FileNotFoundError:
        return replace(item, outcome=Outcome.LEFT, note="another run has removed it")
    except OSError as error:
        note = f"cannot remove {error.filename or item.path}: {error.strerror}"
        return replace(_measured(item), outcome=Outcome.LEFT, note=note, error=error)
    return replace(item, outcome=Outcome.REMOVED, note=left)


def remove_empty_folders() -> None:
    """Remove the tool's own folders where they are empty."""
    for folder in (cases_folder(), captures_folder(), cases_folder().parent, cache_folder()):
        if not folder.is_symlink():
            with suppress(OSError):
                folder.rmdir()


def _items_in(folder: Path, kind: Kind, read: Callable[[Path], Item]) -> list[Item]:
    """Return the items in one of the tool's folders; none if the folder is a link."""
    for place in (folder, folder.parent):
        if place.is_symlink() and place.name in (APP, folder.name):
            return [_left(kind, place, "a symbolic link")]
    items = []
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            items.append(read(path))
        except OSError as error:
            items.append(_left(kind, path, f"cannot read it: {error.strerror}"))
    return items


def _stored(path: Path) -> Item:
    """Return an entry of the folder of cases."""
    if path.is_symlink():
        return _left(Kind.CASES, path, "a symbolic link")
    if path.is_dir() and _ANSWERS.fullmatch(path.name):
        return _item(Kind.ANSWERS, path)
    if path.is_dir() and (is_case(path) or _is_unfinished(path)):
        return _case(path)
    if (path / RUN).is_file():
        return _item(Kind.RUNS, path)
    return _left(Kind.CASES, path, "not a case")


def _captured(path: Path) -> Item:
    """Return an entry of the folder of captured results: the log, or a conversation."""
    if path.is_symlink():
        return _left(Kind.CAPTURES, path, "a symbolic link")
    return _item(Kind.CAPTURES, path)


def _cached(path: Path) -> Item:
    """Return an entry of the cache folder."""
    kind = next((kind for kind, name in _CACHED if name.fullmatch(path.name)), None)
    if kind is None:
        return _left(Kind.CACHES, path, f"not made by {APP}")
    if path.is_symlink():
        return _left(kind, path, "a symbolic link")
    return _item(kind, path)


def _is_unfinished(path: Path) -> bool:
    """Return whether a directory holds only the remains of a killed run."""
    return not is_case(path) and not own_entries(path)[1]


def _case(path: Path) -> Item:
    return _item(Kind.CASES, path, tuple(own_entries(path)[0]))


def _item(kind: Kind, path: Path, parts: tuple[Path, ...] | None = None) -> Item:
    item = _measured(Item(kind, path, (path,) if parts is None else parts))
    if os.name == "nt" and _runs_here(item):
        return replace(item, outcome=Outcome.LEFT, note="this command runs in it")
    return item


def _measured(item: Item) -> Item:
    """Return an item with its current size and time."""
    stats = [one.lstat() for part in item.parts for one in _tree(part)]
    times = [stat.st_mtime_ns for stat in stats]
    if os.path.lexists(item.path):
        times.append(item.path.lstat().st_mtime_ns)
    changed = instant(max(times)) if times else None
    return replace(item, size=sum(stat.st_size for stat in stats), changed=changed)


def _left(kind: Kind, path: Path, why: str) -> Item:
    return Item(kind, path, outcome=Outcome.LEFT, note=why)


def _tree(path: Path) -> Iterator[Path]:
    """Yield a file or link, or all below a directory; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        for folder, _, files in os.walk(path):
            yield from (Path(folder, name) for name in files)
    elif os.path.lexists(path):
        yield path


def _runs_here(item: Item) -> bool:
    return Path(sys.prefix).resolve() == item.path.resolve()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_empty(item: Item) -> str:
    """Remove a case directory unless it holds other files; return a note on what is left."""
    others = sorted(path.name for path in item.path.iterdir()) if item.path.is_dir() else []
    if others:
        return f"its directory stays, with {', '.join(others)}"
    if item.path.is_dir():
        item.path.rmdir()
    return ""


@contextmanager
def _claimed(item: Item) -> Iterator[bool]:
    """Hold the locks of an item while it is removed; yields False where another run holds one."""
    with ExitStack() as stack:
        for lock in filter(Path.is_file, _locks(item)):
            handle = taken(lock)
            if handle is None:
                yield False
                return
            stack.callback(os.close, handle)
        yield True


def _locks(item: Item) -> tuple[Path, ...]:
    """Return the lock files of an item."""
    if item.kind in (Kind.CASES, Kind.RUNS):
        return tuple(item.path / name for name in LOCKS)
    if item.kind is Kind.ANSWERS:
        return tuple(case_of_answers(item.path) / name for name in LOCKS)
    return (item.path.with_suffix(".lock"),)
