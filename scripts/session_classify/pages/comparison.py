"""Two runs side by side: rates, failure modes, and the units whose verdict changed."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from session_classify.pages.units import UnitRow
from session_classify.population.compare import Flip, Observed, difference, mcnemar, paired
from session_classify.population.interval import Interval
from session_classify.population.run import Run
from session_classify.population.stratified import Estimate, Stratum, stratified
from session_classify.vocabulary import Satisfaction


class RatePair(msgspec.Struct, frozen=True):
    """The rate of a verdict in both runs, and the interval of the difference."""

    verdict: str
    before: Observed
    after: Observed
    by: Interval

    @property
    def says(self) -> str:
        """What the interval of the difference allows to say."""
        if not (self.before.sampled and self.after.sampled):
            return "nothing to compare"
        if self.by.low == self.by.high == 0:
            return "no difference"
        if self.by.low > 0:
            return "higher"
        return "lower" if self.by.high < 0 else "too small a sample to tell"


class ModePair(msgspec.Struct, frozen=True):
    """The units with a failure mode in both runs."""

    code: str
    before: int
    after: int

    @property
    def says(self) -> str:
        """Whether the mode is in one of the runs alone."""
        return "new" if not self.before else "" if self.after else "gone"


class Compared(msgspec.Struct, frozen=True):
    """An earlier run beside a later one."""

    run: Run
    rates: tuple[RatePair, ...]
    modes: tuple[ModePair, ...]
    both: int
    """Units with a verdict in both runs."""
    flips: tuple[Flip, ...]
    """Those of them whose verdict changed."""
    gained: int
    lost: int
    p: float
    """Of McNemar's test on the units that became satisfied and those that ceased to be."""


def compared(
    run: Run, before: tuple[UnitRow, ...], later: Run, after: tuple[UnitRow, ...]
) -> Compared:
    """Return a run beside a later one."""
    pairs = paired(
        tuple(row.label for row in before if row.label),
        tuple(row.label for row in after if row.label),
    )
    flips = tuple(pair for pair in pairs if pair.before != pair.after)
    gained = sum(flip.after is Satisfaction.YES for flip in flips)
    lost = sum(flip.before is Satisfaction.YES for flip in flips)
    return Compared(
        run,
        tuple(_rates(word, run, before, later, after) for word in Satisfaction),
        _modes(before, after) if all(map(_is_judged, (before, after))) else (),
        len(pairs),
        flips,
        gained,
        lost,
        mcnemar(gained, lost),
    )


def _rates(
    word: Satisfaction,
    run: Run,
    before: tuple[UnitRow, ...],
    later: Run,
    after: tuple[UnitRow, ...],
) -> RatePair:
    one, two = _observed(word, run, before), _observed(word, later, after)
    return RatePair(word.value, one, two, difference(one, two))


def _observed(word: Satisfaction, run: Run, rows: tuple[UnitRow, ...]) -> Observed:
    states = Counter(row.state for row in rows)
    judged = sum(states[one] for one in Satisfaction)
    return Observed(states[word], judged, run.population, weighted(word, run, rows))


def weighted(word: Satisfaction, run: Run, rows: tuple[UnitRow, ...]) -> Estimate | None:
    """Return the rate of a verdict in a run of which each stratum was sampled; else None."""
    return stratified(_strata(word, run, rows)) if run.strata else None


def _strata(word: Satisfaction, run: Run, rows: tuple[UnitRow, ...]) -> Iterator[Stratum]:
    """Yield what was seen of each stratum of a run."""
    seen = Counter(
        (run.stratum_of[row.id], row.state == word)
        for row in rows
        if row.id in run.stratum_of and row.state in tuple(Satisfaction)
    )
    for name, units in run.strata.items():
        yield Stratum(units, seen[name, True] + seen[name, False], seen[name, True])


def _is_judged(rows: tuple[UnitRow, ...]) -> bool:
    return any(row.label and row.label.verdict for row in rows)


def _modes(before: tuple[UnitRow, ...], after: tuple[UnitRow, ...]) -> tuple[ModePair, ...]:
    one = Counter(code for row in before for code in row.modes)
    two = Counter(code for row in after for code in row.modes)
    order = sorted({*one, *two}, key=lambda code: (-two[code], -one[code], code))
    return tuple(ModePair(code, one[code], two[code]) for code in order)
