"""Two runs side by side: the interval of the difference, and what pairs tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.population.compare import Flip, Observed, difference, mcnemar, paired
from session_classify.population.run import Label
from session_classify.vocabulary import Satisfaction, Unit

BIG = 10**9
"""A population against which the samples are nothing."""
COUNTS = st.integers(1, 200).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(n, 1000))
)


def test_the_interval_is_newcombes() -> None:
    """Newcombe's published example, 56 of 70 against 48 of 80, gives 0.0524 to 0.3339."""
    found = difference(Observed(48, 80, BIG), Observed(56, 70, BIG))

    assert (found.low, found.high) == (
        pytest.approx(0.0524, abs=1e-4),
        pytest.approx(0.3339, abs=1e-4),
    )


@given(COUNTS, COUNTS)
def test_the_interval_holds_the_difference(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    """The difference that was seen lies inside, and swapped runs give the interval mirrored."""
    before, after = Observed(*one), Observed(*two)
    found, mirrored = difference(before, after), difference(after, before)

    assert found.low - 1e-9 <= after.rate - before.rate <= found.high + 1e-9
    assert mirrored.low == pytest.approx(-found.high) and mirrored.high == pytest.approx(-found.low)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (1, 9, 22 / 1024), (9, 1, 22 / 1024), (0, 2000, 0.0)],
)
def test_mcnemar_is_exact(gained: int, lost: int, p: float) -> None:
    """The two-sided p-value is the binomial one, whichever way the verdicts went, at any size."""
    assert mcnemar(gained, lost) == pytest.approx(p)


def test_only_units_with_two_verdicts_are_pairs() -> None:
    """An error, another kind of unit and a unit of one run alone are no pairs."""

    def label(name: str, verdict: Satisfaction | None, unit: Unit = Unit.SESSION) -> Label:
        return Label(unit, name, verdict=verdict, error="" if verdict else "no span has this id")

    before = (label("a", Satisfaction.YES), label("b", None), label("c", Satisfaction.NO))
    after = (
        label("a", Satisfaction.NO),
        label("b", Satisfaction.NO),
        label("c", Satisfaction.NO, Unit.TRACE),
        label("d", Satisfaction.YES),
    )

    assert paired(before, after) == (Flip("a", Satisfaction.YES, Satisfaction.NO),)
