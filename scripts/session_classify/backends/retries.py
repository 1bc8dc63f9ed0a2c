"""Retry failed calls where that can help, after the wait that the server asks for."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from threading import Event

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
        meter.retries += 1
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
