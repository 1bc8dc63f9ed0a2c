"""The time axis of a chart: instants as percent of its width, with long pauses shortened."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

import msgspec

_LEFT, _WIDTH = 1.0, 97.0
"""Percent of the width before the first instant, and between the first and the last."""
_APART = 11.0
"""Percent between two labels."""


class Tick(msgspec.Struct, frozen=True):
    """A label of the axis; a shortened pause has the text of its length."""

    x: float
    text: str
    is_pause: bool = False


class Axis(msgspec.Struct, frozen=True):
    """Instants in order, and the position of each in percent."""

    instants: tuple[datetime, ...]
    places: tuple[float, ...]
    pauses: tuple[Tick, ...] = ()

    def x(self, at: datetime) -> float:
        """Return the position of an instant, in percent; the ends hold what lies beyond them."""
        after = bisect_right(self.instants, at)
        if after == 0:
            return self.places[0]
        if after == len(self.instants):
            return self.places[-1]
        left, right = self.instants[after - 1], self.instants[after]
        share = (at - left) / (right - left)
        low, high = self.places[after - 1], self.places[after]
        return round(low + share * (high - low), 3)

    def ticks(self, wanted: Iterable[datetime]) -> tuple[Tick, ...]:
        """Return labels at the instants that are wanted, where they do not overlap."""
        made: list[Tick] = []
        for at in sorted(wanted):
            x = self.x(at)
            if x < 92.0 and (not made or x - made[-1].x >= _APART):
                made.append(Tick(x, at.strftime("%H:%M:%S")))
        return tuple(made)


def axis_of(instants: Iterable[datetime], longest: float) -> Axis:
    """Return the axis of instants; a pause of over `longest` seconds is drawn as that long."""
    points = tuple(sorted(set(instants)))
    steps = [(b - a).total_seconds() for a, b in pairwise(points)]
    drawn = [min(step, longest) for step in steps]
    scale = _WIDTH / (sum(drawn) or 1.0)
    places = [_LEFT]
    for step in drawn:
        places.append(places[-1] + step * scale)
    pauses = tuple(
        Tick(round((places[n] + places[n + 1]) / 2, 3), duration(step), is_pause=True)
        for n, step in enumerate(steps)
        if step > longest
    )
    return Axis(points, tuple(round(place, 3) for place in places), pauses)


def duration(seconds: float) -> str:
    """Return seconds in words: `850 ms`, `12.5 s`, `4 min`, `3.2 h`, `2.1 d`."""
    for most, unit, factor in ((1, "ms", 1000), (120, "s", 1), (7200, "min", 1 / 60)):
        if seconds < most:
            return f"{seconds * factor:.3g} {unit}"
    hours = seconds / 3600
    return f"{hours:.3g} h" if hours < 48 else f"{hours / 24:,.1f} d"
