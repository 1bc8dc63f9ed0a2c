"""Watches what the process does while a command runs: files written, programs, connections."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.mkdir": (0,), "os.rmdir": (0,), "os.remove": (0,), "os.rename": (0, 1), "os.link": (0, 1),
    "os.symlink": (1,), "os.truncate": (0,), "os.chmod": (0,), "os.chown": (0,), "os.utime": (0,),
    "shutil.rmtree": (0,), "shutil.move": (0, 1), "shutil.copyfile": (1,),
}  # fmt: skip
"""Audit events of Python that change files, with the arguments that are paths."""
_STARTS = (
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork",
    "os.forkpty", "pty.spawn", "webbrowser.open",
)  # fmt: skip
"""Events of programs that are started."""
_REACHES = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.sendto",
    "urllib.Request",
)
"""Events of connections that are made or waited for."""


@dataclass(slots=True)
class Watch:
    """What a command did that it must not do."""

    allowed: tuple[Path, ...]
    """Folders and files below which it may write."""
    starts: bool = False
    """It may start programs."""
    port: int = 0
    """A port of this machine that it may connect to; 0 for none."""
    broken: list[str] = field(default_factory=list)

    def told(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take one audit event."""
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, str | bytes | os.PathLike) and (flags or 0) & _WRITING:
                self._written(f"open {mode or oct(flags)}", path)
        elif event in _CHANGES:
            for number in _CHANGES[event]:
                self._written(event, arguments[number], _folder(arguments[-1]))
        elif (event in _STARTS and not self.starts) or (
            event in _REACHES and self._is_away(arguments)
        ):
            self.broken.append(f"{event} {str(arguments)[:200]}")

    def _is_away(self, arguments: tuple[Any, ...]) -> bool:
        """Tell whether a connection leads anywhere but to the port."""
        told = str(arguments)
        if told.endswith("('::1', 0))"):  # urllib3 looks at import whether there is IPv6
            return False
        return not self.port or "127.0.0.1" not in told or str(self.port) not in told

    def _written(self, event: str, path: Any, folder: Path = Path()) -> None:
        if isinstance(path, int):
            return
        # What is removed or renamed is a link itself; what is opened is where it leads.
        named = folder / os.fsdecode(path)
        parent = Path(os.path.realpath(named.parent)) / named.name
        place = Path(os.path.realpath(named)) if event.startswith("open") else parent
        if not any(place == allowed or allowed in place.parents for allowed in self.allowed):
            self.broken.append(f"{event} {place}")


def _folder(descriptor: Any) -> Path:
    """Return the folder that a call with `dir_fd` is relative to."""
    if isinstance(descriptor, int) and descriptor >= 0:
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    return Path()


_watches: list[Watch] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watches:
        watch = _watches.pop()  # what the hook itself does is not watched
        try:
            watch.told(event, arguments)
        finally:
            _watches.append(watch)


_hooked: list[bool] = []


@contextmanager
def watched(*allowed: Path, starts: bool = False, port: int = 0) -> Iterator[Watch]:
    """Watch what happens inside; files may be written below the `allowed` paths alone."""
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    watch = Watch(
        (*(Path(os.path.realpath(path)) for path in allowed), Path(os.devnull)), starts, port
    )
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)


class TooLongError(BaseException):
    """A command did not end in time; nothing in the package catches it."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """End what is inside after so many seconds, wherever it is."""

    def late(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise TooLongError(f"not done after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file below a folder with its size and time, links as they are."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_dir() or path.is_symlink()
    }
