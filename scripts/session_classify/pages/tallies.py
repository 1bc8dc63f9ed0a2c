"""Counts of a run's units by verdict: in all, by group, and by failure mode."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from session_classify.pages.units import UNKNOWN, UnitRow
from session_classify.population.interval import Interval, wilson
from session_classify.population.stratified import Estimate
from session_classify.vocabulary import Satisfaction

_YEAR = 366
"""Days; a chart of more would have columns of less than a pixel or two."""


class Tally(msgspec.Struct, frozen=True):
    """How many units of a group have which verdict."""

    name: str
    counts: dict[str, int]
    """Number of units by verdict: yes, partial and no."""
    without: int
    """Units of the group without a verdict; no rate counts them."""
    population: int
    """At most this many units of the window may be of the group."""
    weighted: dict[str, Estimate] = {}
    """The shares by verdict where units were drawn by strata."""

    @property
    def judged(self) -> int:
        """Units with a verdict."""
        return sum(self.counts.values())

    def rate(self, verdict: str) -> float:
        """Return the share of a verdict among the units with one; 0 where there are none."""
        if verdict in self.weighted:
            return self.weighted[verdict].rate
        return self.counts[verdict] / self.judged if self.judged else 0.0

    def interval(self, verdict: str) -> Interval:
        """Return the 95 % interval of the share."""
        if verdict in self.weighted:
            return self.weighted[verdict].interval
        return wilson(self.counts[verdict], self.judged, self.population)


class Mode(msgspec.Struct, frozen=True):
    """A failure mode with the units that have it."""

    code: str
    rows: tuple[UnitRow, ...]
    share: float
    """Share among the units that failed; a unit with two modes counts in both."""


def tally(name: str, rows: Iterable[UnitRow], unseen: int) -> Tally:
    """Return the counts of rows; `unseen` units of the window have no verdict.

    All of the unseen may be of the group, so the intervals are as wide as they may have to be.
    """
    states = [row.state for row in rows]
    counts = {word.value: states.count(word) for word in Satisfaction}
    judged = sum(counts.values())
    return Tally(name, counts, len(states) - judged, judged + unseen)


def breakdown(rows: tuple[UnitRow, ...], key: str, unseen: int) -> tuple[Tally, ...]:
    """Return the counts by the values of a group: days in order, others by size, unknown last.

    A unit with several values is counted in each.
    """
    by: dict[str, list[UnitRow]] = defaultdict(list)
    for row in rows:
        for value in row.groups[key]:
            by[value].append(row)
    order = sorted(
        by, key=lambda name: (name == UNKNOWN, 0 if key == "day" else -len(by[name]), name)
    )
    return tuple(tally(name, by[name], unseen) for name in order)


def calendar(days: tuple[Tally, ...]) -> tuple[Tally, ...]:
    """Return a tally for each day from the first to the last, also for those without a unit.

    Empty for less than two days, and for more than a year, which no chart can show.
    """
    known = {date.fromisoformat(one.name): one for one in days if one.name != UNKNOWN}
    if len(known) < 2 or (max(known) - min(known)).days >= _YEAR:
        return ()
    length = (max(known) - min(known)).days + 1
    every = (min(known) + timedelta(days=n) for n in range(length))
    return tuple(known.get(day) or tally(day.isoformat(), (), 0) for day in every)


def modes(rows: tuple[UnitRow, ...]) -> tuple[Mode, ...]:
    """Return the failure modes, the most frequent first."""
    failed = [row for row in rows if row.failed]
    by: dict[str, list[UnitRow]] = defaultdict(list)
    for row in failed:
        for code in row.modes:
            by[code].append(row)
    order = sorted(by, key=lambda code: (-len(by[code]), code))
    return tuple(Mode(code, tuple(by[code]), len(by[code]) / len(failed)) for code in order)
