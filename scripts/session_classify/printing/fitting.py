"""Fewer items until a text fits: the one way in which printed pages give way to their limit."""

from collections.abc import Callable


def fitted(
    printed: Callable[..., str], counts: tuple[int, ...], limit: int, floors: tuple[int, ...] = ()
) -> str:
    """Return what `printed(*counts)` gives with the largest counts that fit into `limit`.

    Counts fall by a quarter a step, the first one first. Each falls to its floor before any falls
    below one; floors are 0 where none are given. Where nothing fits, the text for counts of 0 is
    returned, longer than the limit.
    """
    tried = list(counts)
    text = printed(*tried)
    for least in (floors or (0,) * len(counts), (0,) * len(counts)):
        for place, floor in enumerate(least):
            while len(text) > limit and tried[place] > floor:
                tried[place] = tried[place] * 3 // 4
                text = printed(*tried)
    return text
