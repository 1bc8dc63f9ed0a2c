"""Live backends: parallel calls within a limit; responses are cached as they arrive."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from session_classify.backends import RawAnswer
from session_classify.backends.caller import Caller
from session_classify.backends.failures import NO_ANSWER, Failure, Kind, as_answer
from session_classify.backends.kind import OpenRequest
from session_classify.backends.meter import Meter
from session_classify.backends.response_cache import OLDEST, ResponseCache, name_of
from session_classify.errors import AuthError, UnreachableError
from session_classify.places import answers_folder
from session_classify.queries.call import Call
from session_classify.queries.trace import search
from session_classify.vocabulary import Unit

SIDE_BY_SIDE = 6
"""Most parallel calls; servers limit their rate per organisation."""


def _nothing(_: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Live:
    """A caller as a backend; complete responses are cached in `folder` until the case is made."""

    caller: Caller
    folder: Path
    say: Callable[[str], None]
    """Prints which calls are about to be made."""
    is_whole: Callable[[bytes], bool] = _nothing
    """Returns whether a response is complete and worth caching."""
    since: float = 0
    """When the case was last made, in seconds since 1970; 0 for a new one."""
    meter: Meter = field(default_factory=Meter)
    _answers: dict[str, bytes] = field(default_factory=dict)
    """Responses of this run that are not cached, by name."""
    _begun: Event = field(default_factory=Event)
    _checks: Lock = field(default_factory=Lock)
    """Responses are checked one by one: msgspec must not learn a struct in two threads at once."""
    _kept: ResponseCache = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_kept", ResponseCache(self.folder, self.caller.identity, self.since)
        )

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return self.caller.name

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""
        return self.caller.site

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:
        """Yield the initial list of spans."""
        return self.more((search(unit, unit_id),))

    @property
    def answers_calls(self) -> bool:
        """True: supports follow-up calls."""
        return True

    def more(self, calls: tuple[Call, ...], *, needed: bool = True) -> Iterator[RawAnswer]:
        """Yield the answers in the order of the calls, so that equal answers make equal cases.

        Complete responses of an interrupted run are reused. The first needed call with a permanent
        error ends the rest.
        """
        self._say_what_is_reused()
        asked = [call for call in calls if not self._kept.has(call)]
        if len(asked) > 1:
            self.say(f"{self.name}: {_listed(asked)}")
        try:
            self._ask_all(asked, needed=needed)
        except BaseException:
            # An interrupted run does not wait for running calls.
            self.caller.close()
            raise
        for call in calls:
            yield RawAnswer(name_of(call), "any", iter([self._answer(call, needed)]), about=call)

    def _say_what_is_reused(self) -> None:
        if self._begun.is_set():
            return
        self._begun.set()
        found = self._kept.reusable(time.time())
        if found.dropped:
            hours = OLDEST // 3_600
            self.say(f"{self.name}: dropped {found.dropped} responses from over {hours} h ago")
        if found.count:
            at = time.strftime("%H:%M", time.localtime(found.oldest))
            self.say(f"{self.name}: reusing {found.count} responses from {at} (--fresh asks again)")

    def _ask_all(self, calls: list[Call], *, needed: bool) -> None:
        if len(calls) == 1:  # an interrupt is raised here, not in a thread
            self._ask(calls[0], needed)
            return
        pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        try:
            for done in as_completed([pool.submit(self._ask, call, needed) for call in calls]):
                done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, call: Call, needed: bool) -> None:
        """Cache a complete answer as soon as it arrives, and count it."""
        try:
            data = self.caller.ask(call, self.meter)
        except (AuthError, UnreachableError) as error:
            if needed:
                raise
            refused = isinstance(error, AuthError)
            data = as_answer(str(error), Failure(Kind.NO_ACCESS) if refused else NO_ANSWER)
        with self._checks:
            is_whole = self.is_whole(data)
        if not (is_whole and self._kept.write(call, data)):
            self._answers[name_of(call)] = data
        self.meter.count(calls=1, size=len(data))

    def _answer(self, call: Call, needed: bool) -> bytes:
        """Return the answer of this or an earlier run; a damaged cache file is fetched again."""
        data = self._answers.pop(name_of(call), None)
        if data is None and (data := self._kept.read(call)) is None:
            self._ask(call, needed)
            data = self._answers.pop(name_of(call), None) or self._kept.read(call)
        return data or b""

    @property
    def unanswered(self) -> dict[str, str]:
        """None: every call is made here."""
        return {}

    def drop_kept(self) -> None:
        """Drop all cached responses, so that everything is fetched again."""
        self._kept.drop()

    def done(self, *, made: bool) -> str:
        """Close the caller and return statistics; drops cached responses if the case was made."""
        self.caller.close()
        if made:
            self._kept.drop()
        return f"{self.name}: {self.meter}"


def _listed(calls: list[Call]) -> str:
    counts = Counter(call.tool for call in calls)
    return ", ".join(f"{tool} ×{count}" for tool, count in counts.items())


def open_live(caller: Caller, request: OpenRequest) -> Live:
    """Return a caller as a backend; what was kept before the case was last made is not used."""
    made = request.case / "case.json"
    since = made.stat().st_mtime if made.is_file() else 0
    folder = answers_folder(request.case)
    live = Live(caller, folder, request.report, request.is_whole, since)
    if request.fresh:
        live.drop_kept()
    return live
