"""A rate limit as Datadog's API has: so many calls a period, told in headers of every answer."""

import time
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class RateLimit:
    """Allows `calls` calls in each period of `seconds`; shared by threads."""

    calls: int
    seconds: float
    refused: int = 0
    """How many calls were over the limit."""
    _used: int = 0
    _end: float = 0
    _lock: Lock = field(default_factory=Lock)

    def take(self) -> tuple[bool, dict[str, str]]:
        """Count a call; return whether it is within the limit, and the headers that tell it.

        The reset is in seconds with a fraction, where Datadog's is in whole seconds.
        """
        with self._lock:
            now = time.monotonic()
            if now >= self._end:
                self._used, self._end = 0, now + self.seconds
            is_within = self._used < self.calls
            self._used += is_within
            self.refused += not is_within
            told = {
                "X-RateLimit-Limit": str(self.calls),
                "X-RateLimit-Period": f"{self.seconds:g}",
                "X-RateLimit-Remaining": str(self.calls - self._used),
                "X-RateLimit-Reset": f"{self._end - now:.3f}",
            }
            return is_within, told
