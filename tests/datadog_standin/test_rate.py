"""The stand-in's rate limit: what its headers tell, and what it refuses."""

import pytest

from datadog_standin import rate
from datadog_standin.rate import RateLimit
from tests.cli.run import run


def test_a_period_allows_so_many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers count down; a call over the limit is refused until the period ends."""
    now = 100.0
    monkeypatch.setattr(rate.time, "monotonic", lambda: now)
    limit = RateLimit(2, 10)

    taken = []
    for now in (100.0, 103.0, 104.0, 110.0):  # noqa: B007
        within, told = limit.take()
        taken.append((within, told["X-RateLimit-Remaining"], float(told["X-RateLimit-Reset"])))

    assert taken == [(True, "1", 10), (True, "0", 7), (False, "0", 6), (True, "1", 10)]
    assert limit.refused == 1
    assert (told["X-RateLimit-Limit"], told["X-RateLimit-Period"]) == ("2", "10")


@pytest.mark.parametrize("text", ["5", "0/1", "5/0", "a/b", "-1/2"])
def test_a_limit_that_is_none_is_refused(text: str) -> None:
    """One line with the form that is expected."""
    done = run("serve", "--demo", "--http", 0, f"--rate-limit={text}")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "expected CALLS/SECONDS such as 300/60" in done.stderr
