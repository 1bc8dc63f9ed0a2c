"""Live backends: calls made side by side within a limit, and kept as they come."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from session_classify.backends import RawAnswer
from session_classify.backends.queries import Call, search
from session_classify.vocabulary import Unit

SIDE_BY_SIDE = 6
"""Calls that are under way at a time; servers limit their rate per organisation."""


@dataclass(slots=True)
class Meter:
    """What a backend did, for the closing line."""

    calls: int = 0
    size: int = 0
    retries: int = 0
    started: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        """Say it in one line."""
        seconds = time.monotonic() - self.started
        return (
            f"{self.calls} calls, {self.size / 1_000_000:.1f} MB, {self.retries} retries, "
            f"{seconds:.1f} s"
        )


class Caller(Protocol):
    """A place that answers one call at a time."""

    @property
    def name(self) -> str:
        """The backend as the case records it."""

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return the answer to a call, or what was said instead of one.

        Raises AuthError when no call will be answered, UnreachableError when nobody is there.
        """


@dataclass(frozen=True, slots=True)
class Live:
    """A caller as a backend; what it answered stays in `folder` until the case is made."""

    caller: Caller
    folder: Path
    meter: Meter = field(default_factory=Meter)

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return self.caller.name

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""
        return self.caller.site

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:
        """Yield the list that everything begins with."""
        return self.more((search(unit, unit_id),))

    def more(self, calls: tuple[Call, ...]) -> Iterator[RawAnswer]:
        """Yield the answers as they come; what an earlier, interrupted run got is not asked again.

        The first call for which no other will fare better ends the rest.
        """
        places = [(call, self.folder / _file(call)) for call in calls]
        for call, path in places:
            if path.is_file():
                yield _answer(call, path.read_bytes())
        pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        try:
            waiting = {
                pool.submit(self.caller.ask, call, self.meter): (call, path)
                for call, path in places
                if not path.is_file()
            }
            for done in as_completed(waiting):
                call, path = waiting[done]
                data = done.result()
                self.meter.calls += 1
                self.meter.size += len(data)
                _keep(path, data)
                yield _answer(call, data)
        finally:
            pool.shutdown(cancel_futures=True)

    def done(self) -> str:
        """Forget the answers, which are in the case now, and say what it took."""
        shutil.rmtree(self.folder, ignore_errors=True)
        return f"{self.name}: {self.meter}"


def _keep(path: Path, data: bytes) -> None:
    """Write an answer whole or not at all, where nobody else may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(data)
    draft.replace(path)


def _file(call: Call) -> str:
    return f"{call.tool}-{blake2b(str(call).encode(), digest_size=8).hexdigest()}"


def _answer(call: Call, data: bytes) -> RawAnswer:
    return RawAnswer(_file(call), "any", iter([data]), about=call)
