"""Atomic writes, locks between processes, and one-line messages for storage errors."""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from session_classify.errors import StorageError

PARTIAL = ".part"
"""Suffix of a file that is being written."""
ELSEWHERE = "give --case a directory that can be written, or set XDG_STATE_HOME to one"
"""What to try where a case cannot be written."""
_PAUSE = 0.01
"""Seconds between two tries of a lock."""
_SOON = 0.2
"""Seconds of waiting that nobody is told of."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def storing(place: Path, fix: str, act: str = "write to") -> Iterator[None]:
    """Convert an OSError to a StorageError: what, where, why, what to try."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"cannot {act} {error.filename or place}: {reason(error)}; "
            f"{'free space there, or ' if error.errno in _FULL else ''}{fix}"
        ) from error


def keep_cached(path: Path, data: bytes) -> None:
    """Write a file that can be made again, readable by this user alone; without it if that fails.

    It is whole or not there, and not forced to the disk as `write_whole` does.
    """
    draft = path.with_suffix(f".{os.getpid()}{PARTIAL}")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(path)


def reason(error: OSError) -> str:
    """Return the operating system's message of an error, without number and file name."""
    return error.strerror or str(error) or type(error).__name__


def write_whole(path: Path, data: bytes, *, anew: bool = False) -> None:
    """Replace a file atomically: after any failure it has its old or its new content.

    A symbolic link is followed, and an existing file keeps its permissions. A device or a pipe is
    written to directly. Raises OSError, with `anew` FileExistsError for an existing file.
    """
    if anew:
        path.touch(exist_ok=False)
    elif path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()
    draft = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}{PARTIAL}")
    try:
        with draft.open("xb") as file:
            with suppress(FileNotFoundError):
                draft.chmod(stat.S_IMODE(path.stat().st_mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        for made in (draft, path) if anew else (draft,):
            with suppress(OSError):
                made.unlink()
        raise


def sync_tree(folder: Path) -> None:
    """Flush all files of a folder to disk before a rename makes them valid.

    They are flushed in parallel, so that a file system writes its journal once for many of them.
    """
    from concurrent.futures import ThreadPoolExecutor

    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    files = [path for inside in folders for path in inside.iterdir() if path.is_file()]
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(_sync, files):
            pass
    if os.name == "posix":  # elsewhere a folder cannot be opened
        for inside in reversed(folders):
            _sync(inside)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def held(
    lock: Path, patience: float, busy: str, waiting: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold a lock file; whoever holds it cannot take it again.

    `waiting` is called once if another process goes on holding it. Raises StorageError with `busy`
    when it is not free within `patience` seconds, OSError when locking is not possible.
    """
    start = time.monotonic()
    while (handle := _tried(lock, start + patience)) is None:
        waited = time.monotonic() - start
        if waited > patience:
            raise StorageError(busy)
        if waiting is not None and waited > _SOON:
            waiting()
            waiting = None
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        os.close(handle)


def _tried(lock: Path, end: float) -> int | None:
    """Return the handle of a lock file in a folder that its last holder may be removing."""
    try:
        lock.parent.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        if os.path.lexists(lock.parent) and not lock.parent.is_dir():
            raise
    try:
        return taken(lock)
    except FileNotFoundError:
        if time.monotonic() > end:
            raise
        return None


def taken(lock: Path) -> int | None:
    """Lock a file, and return its handle; None while another process holds it.

    Closing the handle releases the lock. Raises OSError when locking is not possible.
    """
    handle, is_taken = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), False
    try:
        is_taken = _is_free(handle) and _is_at(lock, handle)
    finally:
        if not is_taken:
            os.close(handle)
    return handle if is_taken else None


def _is_free(handle: int) -> bool:
    """Lock an open file; return whether no other process has locked it.

    `scripts/launcher/make.py` locks in the same way, because it runs on older Pythons.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, handle: int) -> bool:
    """Return whether an open file is still at a path: its last holder may have removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
