"""The figures of agreement, by statsmodels and krippendorff.

Source: `references/agreement.md#figures`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from session_classify.agreement.matching import Matched, Pair, Rated, matched
from session_classify.agreement.rates import Rate, check_libraries, rate
from session_classify.agreement.ratings import Rating
from session_classify.errors import UnusableInputError
from session_classify.vocabulary import Satisfaction

_RANK = {Satisfaction.NO: 0, Satisfaction.PARTIAL: 1, Satisfaction.YES: 2}
T = TypeVar("T")
_RESAMPLES = 1_000
_SEED = 0


class Coefficient(msgspec.Struct, frozen=True):
    """A coefficient of agreement with its bootstrap interval; None where it is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Group(msgspec.Struct, frozen=True):
    """How often the judge is right in a part of the units."""

    name: str
    right: Rate


class Agreement(msgspec.Struct, frozen=True):
    """A judge held against labels."""

    units: int
    accuracy: Rate
    false_yes: Rate
    """A `yes` among the units that are labelled otherwise."""
    false_no: Rate
    """A `no` among the units that are labelled `yes`."""
    confusion: dict[str, dict[str, int]]
    """By label, then by verdict."""
    kappa: Coefficient
    """Cohen's kappa of the verdicts and the labels."""
    alpha: Coefficient
    """Krippendorff's alpha, ordinal, of the judge and all raters."""
    raters_alpha: Coefficient
    """The same among the raters alone; not defined for one."""
    groups: dict[str, tuple[Group, ...]]
    disagreements: tuple[Pair, ...]
    """Those to look at first: `yes` against `no` before `partial`, the surest before others."""


class Held(msgspec.Struct, frozen=True):
    """Verdicts held against labels: the units of both, and the figures."""

    found: Matched
    figures: Agreement

    @property
    def told(self) -> dict[str, Any]:
        """The figures with what was left out, as data."""
        found = self.found
        return {
            "agreement": self.figures,
            "disputed": found.disputed,
            "unlabelled": found.unlabelled,
            "unjudged": found.unjudged,
            "labels_of_judges": found.is_of_judges,
        }


class Compared(msgspec.Struct, frozen=True):
    """Two judges on the same labelled units."""

    units: int
    first_right: Rate
    second_right: Rate
    only_first: int
    """Units on which the first alone is right."""
    only_second: int
    p: float
    """Of McNemar's exact test."""


def held(verdicts: Iterable[Rating], labels: Iterable[Rating]) -> Held:
    """Return verdicts held against labels; raises as `matched` and `agreement`."""
    found = matched(verdicts, labels)
    return Held(found, agreement(found))


def agreement(found: Matched) -> Agreement:
    """Return the figures; raises MissingExtraError without the libraries."""
    check_libraries()
    pairs = found.pairs
    not_yes = [pair for pair in pairs if pair.label is not Satisfaction.YES]
    yes = [pair for pair in pairs if pair.label is Satisfaction.YES]
    return Agreement(
        len(pairs),
        rate(sum(pair.agrees for pair in pairs), len(pairs)),
        rate(sum(p.judged.verdict is Satisfaction.YES for p in not_yes), len(not_yes)),
        rate(sum(p.judged.verdict is Satisfaction.NO for p in yes), len(yes)),
        _confusion(pairs),
        _resampled(pairs, _kappa),
        _resampled(found.rated, _alpha),
        _resampled(found.rated_alone, _alpha),
        {
            "failure code": _groups(pairs, lambda p: p.judged.failures or ("none",)),
            "confidence": _groups(pairs, lambda p: (p.judged.confidence or "not given",)),
            "content": _groups(pairs, lambda p: (p.judged.content or "not given",)),
        },
        tuple(sorted((p for p in pairs if not p.agrees), key=_urgency)),
    )


def compared(first: Matched, second: Matched) -> Compared:
    """Return two judges side by side on the units that both judged."""
    check_libraries()
    from statsmodels.stats.contingency_tables import mcnemar

    others = {pair.judged.id.casefold(): pair for pair in second.pairs}
    both = [(p, others[k]) for p in first.pairs if (k := p.judged.id.casefold()) in others]
    if not both:
        raise UnusableInputError(
            f"no labelled unit has a verdict of both judges: {len(first.pairs)} of the first such "
            f"as {first.pairs[0].judged.id}, {len(others)} of the other such as {min(others)}"
        )
    table = [[0, 0], [0, 0]]
    for one, other in both:
        table[not one.agrees][not other.agrees] += 1
    return Compared(
        len(both),
        rate(table[0][0] + table[0][1], len(both)),
        rate(table[0][0] + table[1][0], len(both)),
        table[0][1],
        table[1][0],
        float(mcnemar(table, exact=True).pvalue),
    )


def _confusion(pairs: Iterable[Pair]) -> dict[str, dict[str, int]]:
    table = {label.value: {word.value: 0 for word in Satisfaction} for label in Satisfaction}
    for pair in pairs:
        table[pair.label.value][pair.judged.verdict.value] += 1
    return table


def _kappa(pairs: Sequence[Pair]) -> float | None:
    """Return Cohen's kappa; None where both sides say one word alone."""
    import numpy
    from statsmodels.stats.inter_rater import cohens_kappa

    if len({p.label for p in pairs} | {p.judged.verdict for p in pairs}) < 2:
        return None
    table = numpy.zeros((3, 3))
    for pair in pairs:
        table[_RANK[pair.label], _RANK[pair.judged.verdict]] += 1
    return float(cohens_kappa(table, return_results=False))


def _alpha(units: Sequence[Rated]) -> float | None:
    """Return Krippendorff's alpha over no < partial < yes; None where it is not defined.

    It is not where no unit was rated twice, nor where all ratings of such units are one word. Units
    with one rating count for nothing.
    """
    import krippendorff

    counts = [
        [words.count(word) for word in sorted(_RANK, key=_RANK.__getitem__)]
        for unit in units
        if len(words := [one.verdict for one in (*unit.raters, unit.judged) if one]) > 1
    ]
    if sum(any(column) for column in zip(*counts, strict=True)) < 2:
        return None
    return float(
        krippendorff.alpha(
            value_counts=counts, level_of_measurement="ordinal", value_domain=[0.0, 1.0, 2.0]
        )
    )


def _resampled(
    pairs: Sequence[T], coefficient: Callable[[Sequence[T]], float | None]
) -> Coefficient:
    """Return a coefficient with the 95 % interval of resampled units; the seed is fixed."""
    import numpy

    value = coefficient(pairs)
    if value is None:
        return Coefficient(None)
    generator: Any = numpy.random.default_rng(_SEED)
    found = []
    for _ in range(_RESAMPLES):
        chosen = generator.integers(0, len(pairs), len(pairs))
        again = coefficient([pairs[int(place)] for place in chosen])
        if again is not None:
            found.append(again)
    if not found:
        return Coefficient(value)
    low, high = numpy.quantile(found, [0.025, 0.975])
    return Coefficient(value, float(low), float(high))


def _groups(pairs: Iterable[Pair], names: Callable[[Pair], Iterable[str]]) -> tuple[Group, ...]:
    by: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        for name in dict.fromkeys(names(pair)):
            by[name].append(pair)
    order = sorted(by, key=lambda name: (-len(by[name]), name))
    return tuple(Group(n, rate(sum(p.agrees for p in by[n]), len(by[n]))) for n in order)


def _urgency(pair: Pair) -> tuple[int, int, str]:
    distance = abs(_RANK[pair.label] - _RANK[pair.judged.verdict])
    sure = ("high", "medium", "low").index(pair.judged.confidence) if pair.judged.confidence in (
        "high", "medium", "low",
    ) else 3  # fmt: skip
    return -distance, sure, pair.judged.id
