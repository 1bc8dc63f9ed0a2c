"""Retry failed calls where that can help, after the wait that the server asks for."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from threading import Event, Lock

from session_classify.backends.failures import FailedCallError, Failure, Kind, as_answer
from session_classify.backends.meter import Meter
from session_classify.errors import AuthError, UnreachableError

_WAITS = (0.5, 2.0)
"""Seconds before the first and the second retry, where the server asks for no wait."""
LONGEST_WAIT = 60.0
"""Longest wait that is obeyed; for longer ones the run ends with a message."""
_KEPT = 600
"""Characters of an error message that are stored as the answer."""
_LIMITED = 429
_EPOCH = 1_000_000_000
"""From this number of seconds on, a value is an instant, not a wait."""


def asked_wait(headers: Mapping[str, str], now: float, status: int = _LIMITED) -> float | None:
    """Return how many seconds a response asks to wait; None where it does not say.

    `Retry-After` is seconds or a date (RFC 9110, 10.2.3). `X-RateLimit-Reset` is the seconds until
    the period of Datadog's limit ends (docs.datadoghq.com/api/latest/rate-limits); every response
    has it, and it counts only where the limit is used up. `now` is in seconds since 1970.
    """
    lower = {key.lower(): value.strip() for key, value in headers.items()}
    reset = ("x-ratelimit-reset",) if status == _LIMITED else ()
    for name in ("retry-after", *reset):
        with suppress(ValueError, OverflowError):
            seconds = float(lower.get(name, ""))
            seconds -= now if seconds >= _EPOCH else 0
            if seconds < float("inf"):  # also excludes NaN
                return max(seconds, 0.0)
    with suppress(ValueError, OverflowError):
        return max(parsedate_to_datetime(lower.get("retry-after", "")).timestamp() - now, 0.0)
    return None


def with_retries(call: Callable[[], bytes], meter: Meter, closed: Event) -> bytes:
    """Return the answer of a call; temporary errors are retried, twice at most.

    Raises the last FailedCallError where the error persists. Raises UnreachableError once `closed`
    is set, or where the server asks to wait longer than `LONGEST_WAIT`.
    """
    for wait in _WAITS:
        try:
            return call()
        except FailedCallError as error:
            pause = _pause(error, wait)
        meter.count(retries=1)
        if closed.wait(pause):
            raise UnreachableError("the run was ended before the call was answered")
    try:
        return call()
    except FailedCallError as error:
        if error.failure.status == _LIMITED:
            raise UnreachableError(_limit(error.wait)) from error
        raise


def _pause(error: FailedCallError, wait: float) -> float:
    """Return how long to wait before the next attempt; raises where none follows."""
    if error.failure.kind is not Kind.PASSING:
        raise error
    server_wait = error.wait or 0.0
    if server_wait > LONGEST_WAIT and error.failure.status == _LIMITED:
        raise UnreachableError(_limit(server_wait)) from error
    return min(max(server_wait, wait), LONGEST_WAIT)


def _limit(wait: float | None) -> str:
    when = f"in {wait:.0f} s" if wait else "later"
    return f"the rate limit is used up; run the same command again {when} to go on from here"


_PATIENCE = 3_600.0
"""Longest wait, and longest time without any answer, that an export puts up with, in seconds."""
_UNTOLD = 5.0
"""Seconds to wait where a server refuses a call for its rate and names no time."""
_SAME, _SILENT = 1.0, 2.0
"""Seconds by which answers may differ on when a period ends, and of waits that are not told."""


class Pace:
    """The rate limit of many calls side by side, as the answers tell it; shared by threads.

    Where answers say how many calls are left (`X-RateLimit-Remaining`), no more are made until the
    period ends. A call that is refused for its rate stops all of them until the reset.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` prints that the rate limit is waited for."""
        self._say = say
        self._lock = Lock()
        self._left: int | None = None
        self._most: int | None = None
        self._period = 0.0
        self._until = 0.0
        self._told = 0.0
        self._answered_at = time.monotonic()

    def answered(self, call: Callable[[], bytes], meter: Meter, closed: Event) -> bytes:
        """Return the answer of a call: as `with_retries`, but it waits for the limit's reset.

        Raises UnreachableError where that takes more than an hour, or once `closed` is set.
        """
        waits = iter(_WAITS)
        while True:
            self._hold(closed)
            try:
                data = call()
            except FailedCallError as error:
                if error.failure.status == _LIMITED:
                    self._refused(error.wait)
                    meter.count(retries=1)
                    continue
                wait = next(waits, None)
                if wait is None:
                    raise
                pause = _pause(error, wait)
            else:
                self._answered_at = time.monotonic()
                return data
            meter.count(retries=1)
            if closed.wait(pause):
                raise UnreachableError("the run was ended before the call was answered")

    def heard(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer how many calls are left in the period.

        Source: `references/sources/clients.md#rate-limits`.
        """
        lower = {key.lower(): value for key, value in headers.items()}
        try:
            left, most = (int(lower[f"x-ratelimit-{name}"]) for name in ("remaining", "limit"))
            reset = float(lower["x-ratelimit-reset"])
        except (KeyError, ValueError):
            return
        with self._lock:
            # Calls that are under way are counted here before the server counts them.
            is_same = time.monotonic() < self._until and self._left is not None
            self._left = min(left, self._left or 0) if is_same else left
            self._most, self._period = most, max(reset, self._period)
            self._until = time.monotonic() + reset

    def _hold(self, closed: Event) -> None:
        """Return once a call may be made, and count it."""
        while True:
            with self._lock:
                now = time.monotonic()
                if now >= self._until:
                    # As long as the last period, until an answer tells about the new one.
                    self._left, self._until = self._most, now + self._period
                if self._left is None or self._left > 0:
                    self._left = None if self._left is None else self._left - 1
                    return
                pause = self._until - now
                is_told, self._told = self._told + _SAME >= self._until, self._until
            if pause > _PATIENCE:
                raise UnreachableError(_limit(pause))
            if pause > _SILENT and not is_told:
                self._say(f"the rate limit is used up: waiting {pause:.0f} s")
            if closed.wait(pause):
                raise UnreachableError("the run was ended before the call was answered")

    def _refused(self, wait: float | None) -> None:
        wait = _UNTOLD if wait is None else wait
        now = time.monotonic()
        if now - self._answered_at > _PATIENCE:
            raise UnreachableError(_limit(wait))
        with self._lock:
            self._left, self._until = 0, max(now + wait, self._until)


class Paces:
    """The limits of several endpoints: each has one of its own."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` prints that a rate limit is waited for."""
        self._say, self._paces, self._lock = say, dict[str, Pace](), Lock()

    def of(self, endpoint: str) -> Pace:
        """Return the limit of an endpoint."""
        with self._lock:
            return self._paces.setdefault(endpoint, Pace(self._say))


def answered(call: Callable[[], bytes], meter: Meter, closed: Event, fix: str) -> bytes:
    """Return the answer of a call, or its error message as an answer.

    Raises AuthError, with `fix`, without access, and what `with_retries` raises.
    """
    try:
        return with_retries(call, meter, closed)
    except FailedCallError as error:
        message = brief(error.message)
        if error.failure.kind is Kind.NO_ACCESS:
            raise no_access(error.failure, message, fix) from error
        return as_answer(message, error.failure)


def no_access(failure: Failure, message: str, fix: str) -> AuthError:
    """Return the exception for credentials without access."""
    known = not failure.status or str(failure.status) in message
    return AuthError(
        f"no access: {message if known else f'HTTP {failure.status}: {message}'}; {fix}"
    )


def brief(message: str) -> str:
    """Return the end of a message, on one line."""
    return " ".join(message.split())[-_KEPT:].removeprefix("Error: ") or "no error message"
