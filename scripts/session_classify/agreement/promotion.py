"""Whether labelled sessions are evidence enough to promote an ambiguous action to tier B or A.

The rule, with its reasons: `references/promoting.md#the-rule`.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from session_classify.agreement.rates import Rate, check_libraries, rate
from session_classify.agreement.sightings import Key, Seen, Sightings
from session_classify.errors import UnusableInputError
from session_classify.evidence.rum.known_actions import COUNTED_BY_TIER
from session_classify.profiles.profile import ActionRule
from session_classify.vocabulary import ActionCondition, Direction, Tier

FEWEST = 10
"""Sessions with the action, and without it, below which nothing is tested."""
LEVEL = 0.05
"""The corrected p below which an action is told apart from chance."""
ODDS_B, ODDS_A = 1.5, 3.0
"""Odds ratio, or its inverse, that the 95 % interval must be beyond for tier B and tier A."""
DECIDES = 0.8
"""Share of the sessions with the action that must be on its side for tier A: the interval's end."""
_DURING = ActionCondition.AROUND_SESSION


class Measured(msgspec.Struct, frozen=True):
    """How often an action occurs in sessions whose user was satisfied, and in the others."""

    key: Key
    when: ActionCondition
    """`always`, or about a turn of the session: until its last turn's end."""
    satisfied: Rate
    others: Rate
    odds_ratio: float = 1.0
    """Odds of a satisfied user with the action over those without; of a table with a zero, 0.5 is
    added to each cell."""
    low: float = 0.0
    high: float = float("inf")
    p: float = 1.0
    """Of Fisher's exact test, corrected by Holm for all that was tested."""
    right: Rate = Rate(0, 0, 0.0, 1.0)
    """Of the sessions with the action, those on the side that it is more often on."""

    @property
    def table(self) -> tuple[int, int, int, int]:
        """Satisfied with and without the action, others with and without it."""
        yes, no = self.satisfied, self.others
        return yes.hits, yes.of - yes.hits, no.hits, no.of - no.hits

    @property
    def is_tested(self) -> bool:
        """Whether there are enough sessions with and without the action."""
        a, b, c, d = self.table
        return a + c >= FEWEST and b + d >= FEWEST

    @property
    def tier(self) -> Tier:
        """The tier for which this is enough."""
        beyond = max(self.low, 1 / self.high)
        if not self.is_tested or self.p >= LEVEL or beyond < ODDS_B:
            return Tier.AMBIGUOUS
        decides = beyond >= ODDS_A and self.right.low >= DECIDES
        return Tier.A if decides and self.when is _DURING else Tier.B


class Promotion(msgspec.Struct, frozen=True):
    """An action, the measure that speaks for it most, and the rule that it supports."""

    measured: Measured
    rule: ActionRule
    """As the profile has it."""
    tier: Tier
    note: str = ""
    """Why an action whose figures are enough keeps its tier."""

    @property
    def proposal(self) -> ActionRule:
        """The rule with the tier that the figures support."""
        m = self.measured
        positive = m.odds_ratio > 1
        return replace(
            self.rule,
            tier=self.tier,
            direction=Direction.POSITIVE if positive else Direction.NEGATIVE,
            when=m.when,
            source=(
                f"labelled sessions: in {m.satisfied.hits} of {m.satisfied.of} satisfied and "
                f"{m.others.hits} of {m.others.of} others; odds ratio {m.odds_ratio:.2g} "
                f"({m.low:.2g} to {m.high:.2g}), corrected p {m.p:.2g}"
            ),
        )


def promotions(found: Sightings, satisfied: Mapping[str, bool]) -> tuple[Promotion, ...]:
    """Return every ambiguous action with its figures, those with most evidence first.

    `satisfied` tells by unit whether its label is `yes`. Raises MissingExtraError without the
    libraries, UnusableInputError where all sessions are on one side.
    """
    check_libraries()
    seen = [one for one in found.seen if one.unit in satisfied]
    good = sum(satisfied[one.unit] for one in seen)
    if not 0 < good < len(seen):
        raise UnusableInputError(
            f"{good} sessions with events are labelled yes and {len(seen) - good} otherwise; "
            "expected some of both, to compare"
        )
    measures = [
        _measure(key, when, seen, satisfied)
        for key in found.rules
        for when in (ActionCondition.ALWAYS, _DURING)
    ]
    by: dict[Key, list[Measured]] = {}
    for one in _with_figures(measures):
        by.setdefault(one.key, []).append(one)
    made = [_promotion(found.rules[key], both) for key, both in by.items()]
    return tuple(sorted(made, key=_order))


def _measure(
    key: Key, when: ActionCondition, seen: Sequence[Seen], satisfied: Mapping[str, bool]
) -> Measured:
    """Count the sessions with an action; under a condition, of those whose times are known."""
    counts = {True: [0, 0], False: [0, 0]}
    for one in seen:
        sent = one.during if when is _DURING else one.since
        if sent is not None:
            counts[satisfied[one.unit]][key in sent] += 1
    yes, no = counts[True], counts[False]
    return Measured(key, when, rate(yes[1], sum(yes)), rate(no[1], sum(no)))


def _with_figures(measures: Sequence[Measured]) -> list[Measured]:
    """Return the measures with odds ratios and corrected p; one table of an action is one test."""
    from scipy.stats import fisher_exact
    from statsmodels.stats.contingency_tables import Table2x2
    from statsmodels.stats.multitest import multipletests

    tests = {(one.key, one.table): 1.0 for one in measures if one.is_tested}
    if not tests:
        return list(measures)
    raw = [fisher_exact(_square(table)).pvalue for _, table in tests]
    tests = dict(zip(tests, map(float, multipletests(raw, method="holm")[1]), strict=True))
    made = []
    for one in measures:
        if not one.is_tested:
            made.append(one)
            continue
        odds = Table2x2(_square(one.table))
        low, high = odds.oddsratio_confint()
        a, _, c, _ = one.table
        made.append(
            replace(
                one,
                odds_ratio=float(odds.oddsratio),
                low=float(low),
                high=float(high),
                p=tests[one.key, one.table],
                right=rate(a if odds.oddsratio > 1 else c, a + c),
            )
        )
    return made


def _square(table: tuple[int, int, int, int]) -> list[list[int]]:
    a, b, c, d = table
    return [[a, c], [b, d]]


def _promotion(rule: ActionRule, both: Sequence[Measured]) -> Promotion:
    """Return the action with its better measure: tier A before B, and always before a condition."""
    order = (Tier.A, Tier.B, Tier.AMBIGUOUS)
    best = min(both, key=lambda one: (order.index(one.tier), one.when is _DURING))
    if best.tier is not Tier.AMBIGUOUS and rule.category not in COUNTED_BY_TIER:
        note = f"the category {rule.category} counts by rules of its own"
        return Promotion(best, rule, Tier.AMBIGUOUS, note)
    return Promotion(best, rule, best.tier)


def _order(one: Promotion) -> tuple[int, float, str]:
    tiers = (Tier.A, Tier.B, Tier.AMBIGUOUS)
    return tiers.index(one.tier), one.measured.p, one.measured.key.name
