"""Live backends: calls made side by side within a limit, and kept as they come."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from session_classify.backends import RawAnswer
from session_classify.backends.failures import NO_ANSWER, Failure, Kind, as_answer
from session_classify.backends.meter import Meter
from session_classify.backends.queries import Call, search
from session_classify.errors import AuthError, UnreachableError
from session_classify.vocabulary import Unit

SIDE_BY_SIDE = 6
"""Calls that are under way at a time; servers limit their rate per organisation."""


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

    def close(self) -> None:
        """End what is under way, and what was opened for it."""


@dataclass(frozen=True, slots=True)
class Live:
    """A caller as a backend; what it answered stays in `folder` until the case is made."""

    caller: Caller
    folder: Path
    say: Callable[[str], None]
    """Tells which calls are about to be made, for whoever waits."""
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

    @property
    def answers_calls(self) -> bool:
        """Every call is answered by somebody."""
        return True

    def more(self, calls: tuple[Call, ...], *, needed: bool = True) -> Iterator[RawAnswer]:
        """Yield the answers in the order of the calls, so that the same answers make the same case.

        What an earlier, interrupted run got is not asked again. The first needed call for which no
        other will fare better ends the rest.
        """
        asked = [call for call in calls if not self._place(call).is_file()]
        if len(asked) > 1:
            self.say(f"{self.name}: {_listed(asked)}")
        try:
            self._ask_all(asked, needed=needed)
        except BaseException:
            # Whoever stops this run does not wait for what is under way.
            self.caller.close()
            raise
        for call in calls:
            path = self._place(call)
            yield RawAnswer(path.name, "any", iter([path.read_bytes()]), about=call)

    def _ask_all(self, calls: list[Call], *, needed: bool) -> None:
        if len(calls) == 1:  # an interrupt reaches it here, not a thread
            self._count(self._ask(calls[0], needed))
            return
        pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        try:
            for done in as_completed([pool.submit(self._ask, call, needed) for call in calls]):
                self._count(done.result())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _count(self, size: int) -> None:
        self.meter.calls += 1
        self.meter.size += size

    def _ask(self, call: Call, needed: bool) -> int:
        """Keep the answer as soon as it comes, whole or not at all, and return its size in bytes.

        Nobody else may read it.
        """
        try:
            data = self.caller.ask(call, self.meter)
        except (AuthError, UnreachableError) as error:
            if needed:
                raise
            refused = isinstance(error, AuthError)
            data = as_answer(str(error), Failure(Kind.NO_ACCESS) if refused else NO_ANSWER)
        path = self._place(call)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        draft.write_bytes(data)
        draft.replace(path)
        return len(data)

    def _place(self, call: Call) -> Path:
        return self.folder / f"{call.tool}-{blake2b(str(call).encode(), digest_size=8).hexdigest()}"

    def done(self, *, made: bool) -> str:
        """Close the caller and say what it took; answers are forgotten where they are in a case."""
        self.caller.close()
        if made:
            shutil.rmtree(self.folder, ignore_errors=True)
        return f"{self.name}: {self.meter}"


def _listed(calls: list[Call]) -> str:
    counts = Counter(call.tool for call in calls)
    return ", ".join(f"{tool} ×{count}" for tool, count in counts.items())
