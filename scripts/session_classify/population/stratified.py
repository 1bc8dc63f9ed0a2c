"""The rate of a population from samples of its strata, with its 95 % interval.

Source: `references/sweeping.md#rates-from-a-sample`.
"""

from collections.abc import Iterable

import msgspec

from session_classify.population.interval import Interval, of_size, wilson


class Stratum(msgspec.Struct, frozen=True):
    """A part of a population: its units, those that were judged, and those that count."""

    units: int
    judged: int
    count: int


class Estimate(msgspec.Struct, frozen=True):
    """An estimated rate and its interval."""

    rate: float
    interval: Interval


def stratified(strata: Iterable[Stratum]) -> Estimate:
    """Return the rate of the whole, each stratum weighted by its units.

    The estimator is the sum of the strata's rates by their shares; it is unbiased where the judged
    units of each stratum are drawn at random. The interval is Wilson's for the sample of a simple
    draw that would be as exact, with one success and one failure added to each stratum's variance,
    so that a stratum of equal outcomes is not taken for certain. A stratum without a judged unit
    can have any rate: the estimate is that of the others, and the interval as wide as it may be.
    One stratum alone is a simple sample.
    """
    given = list(strata)
    if len(given) == 1:
        (one,) = given
        rate = one.count / one.judged if one.judged else 0.0
        return Estimate(rate, wilson(one.count, one.judged, one.units))
    known = [one for one in given if one.units]
    total = sum(one.units for one in known)
    if not total:
        return Estimate(0.0, Interval(0.0, 1.0))
    rate = variance = middle = open_share = 0.0
    for one in known:
        share = one.units / total
        if not one.judged:
            open_share += share
            continue
        rate += share * one.count / one.judged
        smooth = (one.count + 1) / (one.judged + 2)
        middle += share * smooth
        unseen = 1 - one.judged / one.units
        variance += share**2 * smooth * (1 - smooth) / one.judged * unseen
    within = 1 - open_share
    if not within:
        return Estimate(0.0, Interval(0.0, 1.0))
    if not variance:
        return Estimate(rate / within, Interval(rate, rate + open_share))
    middle, seen = middle / within, rate / within
    found = of_size(seen, middle * (1 - middle) / (variance / within**2))
    return Estimate(seen, Interval(found.low * within, found.high * within + open_share))
