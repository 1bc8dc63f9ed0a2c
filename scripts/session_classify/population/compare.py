"""Two runs side by side: the difference of their rates, and the units whose verdict changed."""

from math import comb, hypot

import msgspec

from session_classify.population.interval import Interval, wilson
from session_classify.population.run import Label
from session_classify.population.stratified import Estimate
from session_classify.vocabulary import Satisfaction


class Observed(msgspec.Struct, frozen=True):
    """A rate as a run saw it: `hits` of `sampled` units, drawn from `population`."""

    hits: int
    sampled: int
    population: int
    weighted: Estimate | None = None
    """The rate where units were drawn by strata."""

    @property
    def rate(self) -> float:
        """The rate among the units that were seen; 0 where there are none."""
        if self.weighted:
            return self.weighted.rate
        return self.hits / self.sampled if self.sampled else 0.0

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the rate."""
        if self.weighted:
            return self.weighted.interval
        return wilson(self.hits, self.sampled, self.population)


class Flip(msgspec.Struct, frozen=True):
    """A unit of both runs, with its verdict in each."""

    id: str
    before: Satisfaction
    after: Satisfaction


def difference(before: Observed, after: Observed) -> Interval:
    """Return the 95 % interval of `after - before`, in -1 to 1, by Newcombe's hybrid method.

    It joins the Wilson intervals of both rates; the samples are taken as independent.
    """
    one, two = before.interval, after.interval
    middle = after.rate - before.rate
    down = hypot(after.rate - two.low, one.high - before.rate)
    up = hypot(two.high - after.rate, before.rate - one.low)
    return Interval(max(-1.0, middle - down), min(1.0, middle + up))


def paired(before: tuple[Label, ...], after: tuple[Label, ...]) -> tuple[Flip, ...]:
    """Return the units that have a verdict in both runs, in the order of the second."""
    known = {(label.unit, label.id): label.verdict for label in before if label.verdict is not None}
    return tuple(
        Flip(label.id, known[label.unit, label.id], label.verdict)
        for label in after
        if label.verdict is not None and (label.unit, label.id) in known
    )


def mcnemar(gained: int, lost: int) -> float:
    """Return the exact two-sided p-value of McNemar's test for the pairs that changed.

    `gained` pairs became satisfied and `lost` pairs ceased to be; without a change it is 1.
    """
    changed, fewer = gained + lost, min(gained, lost)
    tail = sum(comb(changed, n) for n in range(fewer + 1)) / (1 << changed)
    return min(1.0, 2 * tail)
