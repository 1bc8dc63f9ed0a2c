"""Statistics of a live backend: calls, bytes, retries, time."""

import time
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Meter:
    """Counts calls, bytes and retries since it was made; threads count side by side."""

    calls: int = 0
    size: int = 0
    retries: int = 0
    started: float = field(default_factory=time.monotonic)
    _counting: Lock = field(default_factory=Lock)

    def count(self, *, calls: int = 0, size: int = 0, retries: int = 0) -> None:
        """Add to the counts."""
        with self._counting:
            self.calls += calls
            self.size += size
            self.retries += retries

    def __str__(self) -> str:
        """Return the statistics in one line."""
        seconds = time.monotonic() - self.started
        return (
            f"{self.calls} calls, {self.size / 1_000_000:.1f} MB, {self.retries} retries, "
            f"{seconds:.1f} s"
        )
