"""Wilson score intervals of a rate in a finite population."""

from math import sqrt
from statistics import NormalDist

import msgspec

_Z = NormalDist().inv_cdf(0.975)


class Interval(msgspec.Struct, frozen=True):
    """A 95 % interval of a rate, both ends in 0 to 1."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """The difference of the ends."""
        return self.high - self.low


def wilson(hits: int, sampled: int, population: int) -> Interval:
    """Return the interval of the rate of which `hits` of `sampled` units are an observation.

    The sample was drawn without replacement from `population` units. Its size is corrected for
    that: a sample of the whole population has an interval of width 0. The ends never contradict the
    units that were seen. Raises ValueError unless 0 <= hits <= sampled <= population.
    """
    if not 0 <= hits <= sampled <= population:
        raise ValueError(f"expected 0 <= {hits} <= {sampled} <= {population}")
    if sampled == 0:
        return Interval(0.0, 1.0)
    least, most = hits / population, (population - sampled + hits) / population
    if sampled == population:
        return Interval(least, least)
    size = sampled * (population - 1) / (population - sampled)
    found = of_size(hits / sampled, size)
    return Interval(max(least, found.low), min(most, found.high))


def of_size(rate: float, size: float) -> Interval:
    """Return the interval of a rate that was seen in a simple sample of so many units, above 0."""
    square = _Z * _Z
    middle = (rate + square / (2 * size)) / (1 + square / size)
    half = _Z / (1 + square / size) * sqrt(rate * (1 - rate) / size + square / (4 * size * size))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
