"""A reproducible uniform sample of units."""

from collections.abc import Iterable
from random import Random


def shuffled(ids: Iterable[str], seed: int) -> tuple[str, ...]:
    """Return the distinct ids in a random order that depends on ids and seed alone.

    The first n are a uniform sample of n units, so that a larger sample holds a smaller one. The
    order in which a backend listed the ids does not matter.
    """
    order = sorted(set(ids))
    Random(seed).shuffle(order)  # noqa: S311  a sample, not a secret
    return tuple(order)
