"""Shares with their intervals, by the libraries of the extra `stats`."""

import msgspec

from session_classify.errors import MissingExtraError, pip

EXTRA = "stats"


class Rate(msgspec.Struct, frozen=True):
    """A share with its 95 % Wilson interval."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """The share; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0


def rate(hits: int, count: int) -> Rate:
    """Return the share of `hits` in `count`; of nothing, the interval is all of 0 to 1."""
    from statsmodels.stats.proportion import proportion_confint

    if not count:
        return Rate(0, 0, 0.0, 1.0)
    low, high = proportion_confint(hits, count, method="wilson")
    return Rate(hits, count, float(low), float(high))


def check_libraries() -> None:
    """Raise MissingExtraError where the libraries are not installed."""
    from importlib.util import find_spec

    if find_spec("statsmodels") is None or find_spec("krippendorff") is None:
        raise MissingExtraError(
            "the figures need statsmodels and krippendorff; "
            f"run `{pip('statsmodels', 'krippendorff')}`",
            EXTRA,
        )
