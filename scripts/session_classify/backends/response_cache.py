"""Responses cached until gathering succeeds: the next run continues from them."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from session_classify import __version__
from session_classify.queries.call import Call

OLDEST = 4 * 3_600
"""Seconds that a response is kept: windows such as `now-90d` end now, and sessions go on."""
_AHEAD = 60
"""Seconds of tolerated clock difference for file times in the future."""
_DRAFT = ".part"
_LONGEST_HEAD = 80


@dataclass(frozen=True, slots=True)
class ReusableResponses:
    """What is cached from an earlier run, and what was too old."""

    count: int = 0
    oldest: float = 0
    """When the first of them was received, in seconds since 1970."""
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ResponseCache:
    """The responses in a folder; those of another server or login are not among them.

    A file begins with a line that has the digest and the size of the rest.
    """

    folder: Path
    identity: str = field(repr=False)
    """Whose responses these are (`Caller.identity`); only its digest is written."""
    since: float = 0
    """When the case was last made, in seconds since 1970: older files belong to that case."""

    def reusable(self, now: float) -> ReusableResponses:
        """Drop what must not be reused, and return the rest; `now` as `time.time()`."""
        times, dropped = [], 0
        for path in [path for path in self.folder.rglob("*") if path.is_file()]:
            with suppress(OSError):  # another run may have dropped it
                at = path.stat().st_mtime
                is_old = not -_AHEAD <= now - at <= OLDEST
                if path.suffix == _DRAFT and not is_old:
                    continue  # another run may be writing it
                if is_old or at <= self.since or not self._is_response(path):
                    path.unlink()
                    dropped += is_old and path.parent == self._own
                elif path.parent == self._own:
                    times.append(at)
        return ReusableResponses(len(times), min(times, default=0), dropped)

    def has(self, call: Call) -> bool:
        """Return whether the response to a call is cached."""
        return self._place(call).is_file()

    def read(self, call: Call) -> bytes | None:
        """Return the response to a call; None where it is not cached, or damaged."""
        try:
            head, _, data = self._place(call).read_bytes().partition(b"\n")
        except OSError:
            return None
        return data if head == _head(data) else None

    def write(self, call: Call, data: bytes) -> bool:
        """Cache a response atomically, readable by this user alone.

        Returns False where it cannot be written; it is then fetched again.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._own.mkdir(mode=0o700, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._own, suffix=_DRAFT, delete=False) as draft:
                draft.write(_head(data) + b"\n")
                draft.write(data)
            Path(draft.name).replace(self._place(call))
        except OSError:
            return False
        return True

    def drop(self) -> None:
        """Drop every response, of any server and login."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _own(self) -> Path:
        # Another version may send a different request for the same call.
        whose = f"{__version__}\n{self.identity}".encode("utf-8", "surrogatepass")
        return self.folder / blake2b(whose, digest_size=8).hexdigest()

    def _place(self, call: Call) -> Path:
        return self._own / name_of(call)

    def _is_response(self, path: Path) -> bool:
        """Return whether a file is complete, not cut by a kill nor of another version."""
        with path.open("rb") as file:
            head = file.readline(_LONGEST_HEAD)
        size = head.split()[-1:] or [b""]
        is_whole = size[0].isdigit() and path.stat().st_size == len(head) + int(size[0])
        return is_whole and path.parent.parent == self.folder


def name_of(call: Call) -> str:
    """Return the file name of a response: its tool, and a digest of the whole call."""
    text = str(call).encode("utf-8", "surrogatepass")
    return f"{call.tool}-{blake2b(text, digest_size=8).hexdigest()}"


def _head(data: bytes) -> bytes:
    return f"{blake2b(data, digest_size=16).hexdigest()} {len(data)}".encode()
