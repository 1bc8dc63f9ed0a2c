"""Reduce the number of printed items until a text fits its limit."""

from collections.abc import Callable


def fitted(
    printed: Callable[..., str], counts: tuple[int, ...], limit: int, floors: tuple[int, ...] = ()
) -> str:
    """Return `printed(*counts)` with the largest counts for which it fits into `limit`.

    Counts fall by a quarter per step, the first one first. Each falls to its floor before any falls
    below one; floors default to 0. If nothing fits, the text for counts of 0 is returned, longer
    than the limit.
    """
    tried = list(counts)
    text = printed(*tried)
    for least in (floors or (0,) * len(counts), (0,) * len(counts)):
        for place, floor in enumerate(least):
            while len(text) > limit and tried[place] > floor:
                tried[place] = tried[place] * 3 // 4
                text = printed(*tried)
    return text
