"""Many calls side by side: what the answers tell of a rate limit holds for all of them."""

from collections.abc import Callable
from threading import Event

import pytest

from session_classify.backends import retries
from session_classify.backends.failures import FailedCallError, of_status
from session_classify.backends.meter import Meter
from session_classify.backends.retries import Pace, Paces
from session_classify.errors import UnreachableError


class Clock(Event):
    """Time that passes where it is waited for, and no other way."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.now, self.waits = 1_000.0, list[float]()
        patch.setattr(retries.time, "monotonic", lambda: self.now)

    def wait(self, timeout: float | None = None) -> bool:
        """Let the time pass."""
        self.now += timeout or 0
        self.waits.append(timeout or 0)
        return self.is_set()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def told(remaining: int, reset: float, limit: int = 2) -> dict[str, str]:
    names = {"Limit": limit, "Remaining": remaining, "Reset": reset}
    return {f"X-RateLimit-{name}": str(value) for name, value in names.items()}


def refused(wait: float | None = None, status: int = 429) -> Callable[[], bytes]:
    def call() -> bytes:
        raise FailedCallError("no", of_status(status), wait=wait)

    return call


def answers(*calls: Callable[[], bytes]) -> Callable[[], bytes]:
    left = iter(calls)

    def call() -> bytes:
        return next(left)()

    return call


def good() -> bytes:
    return b"{}"


def test_no_call_is_made_once_none_is_left(clock: Clock) -> None:
    """Remaining 0 lets the next call wait for the reset, and the period after it begin anew."""
    lines: list[str] = []
    pace, meter = Pace(lines.append), Meter()
    pace.answered(good, meter, clock)
    pace.heard(told(0, 30))

    for _ in range(5):
        pace.answered(good, meter, clock)

    assert clock.waits == [30, 30, 30]
    assert lines == ["the rate limit is used up: waiting 30 s"] * 3


def test_a_refusal_stops_the_others_as_well(clock: Clock) -> None:
    """A 429 waits for its reset, as often as it comes; without a time for some seconds."""
    pace, meter = Pace(lambda _: None), Meter()

    found = pace.answered(answers(refused(7), refused(), refused(9), good), meter, clock)

    assert (found, clock.waits, meter.retries) == (b"{}", [7, 5, 9], 3)


def test_other_errors_are_repeated_twice(clock: Clock) -> None:
    """As without a pace: the third one in a row is raised, and a refusal at once."""
    pace = Pace(lambda _: None)
    broken = refused(status=500)

    assert pace.answered(answers(broken, broken, good), Meter(), clock) == b"{}"
    with pytest.raises(FailedCallError):
        pace.answered(answers(broken, broken, broken), Meter(), clock)
    with pytest.raises(FailedCallError):
        pace.answered(answers(refused(status=403)), Meter(), clock)


def test_a_wait_of_over_an_hour_ends_the_run(clock: Clock) -> None:
    """It says when to go on; so does an hour without any answer."""
    pace = Pace(lambda _: None)
    with pytest.raises(UnreachableError, match="again in 4000 s to go on"):
        pace.answered(answers(refused(4_000), good), Meter(), clock)
    assert clock.waits == []

    always = Pace(lambda _: None)
    with pytest.raises(UnreachableError, match="the rate limit is used up"):
        always.answered(refused(60), Meter(), clock)
    assert 3_600 < sum(clock.waits) <= 3_720


def test_a_closed_client_waits_no_longer(clock: Clock) -> None:
    """Whoever ends the run does not wait for the limit."""
    pace = Pace(lambda _: None)
    clock.set()

    with pytest.raises(UnreachableError, match="the run was ended"):
        pace.answered(refused(9), Meter(), clock)


def test_endpoints_have_limits_of_their_own(clock: Clock) -> None:
    """One that is used up does not hold back another."""
    paces = Paces(lambda _: None)
    paces.of("spans").heard(told(0, 3_000))

    paces.of("rum").answered(good, Meter(), clock)
    assert clock.waits == []
    paces.of("spans").answered(good, Meter(), clock)
    assert clock.waits == [3_000]


def test_headers_that_tell_nothing_change_nothing(clock: Clock) -> None:
    """A server may have no limit, or words in place of numbers."""
    pace = Pace(lambda _: None)
    for headers in ({}, {"X-RateLimit-Remaining": "0"}, told(0, 9) | {"X-RateLimit-Limit": "none"}):
        pace.heard(headers)

    pace.answered(good, Meter(), clock)
    assert clock.waits == []
