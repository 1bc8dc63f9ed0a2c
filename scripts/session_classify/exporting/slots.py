"""Slots: half-open ranges of time that cover a longer one without gap or overlap."""

from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from session_classify.instants import instant
from session_classify.queries.rum import Window

_MILLISECOND = 1_000_000
_MARGIN = 1
"""Milliseconds that are queried before and after a slot.

Servers round times, and nothing says whether an end is included
(`references/sources/spans.md#export-windows`).
"""


class Slot(msgspec.Struct, frozen=True, order=True):
    """A range of time from `start` up to, without, `end`, in milliseconds since 1970."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        """Return whether an instant lies in it; nanoseconds since 1970."""
        return self.start <= at // _MILLISECOND < self.end

    @property
    def window(self) -> Window:
        """The window to query: the slot with a margin."""
        return Window(moment(self.start - _MARGIN), moment(self.end + _MARGIN))

    @property
    def name(self) -> str:
        """The start as part of a file name, as short as it can be: `2026-11-20T10`."""
        start = moment(self.start)
        if self.start % 1_000:
            return f"{start:%Y-%m-%dT%H%M%S}.{self.start % 1_000:03}"
        if start.second:
            return f"{start:%Y-%m-%dT%H%M%S}"
        return f"{start:%Y-%m-%dT%H%M}" if start.minute else f"{start:%Y-%m-%dT%H}"


def moment(milliseconds: int) -> datetime:
    """Return the UTC instant of a count of milliseconds since 1970."""
    return instant(milliseconds * _MILLISECOND)


def milliseconds(at: datetime) -> int:
    """Return an instant as milliseconds since 1970, rounded down."""
    return (at - moment(0)) // timedelta(milliseconds=1)


def slots(whole: Slot, step: int) -> tuple[Slot, ...]:
    """Return the slots of a range, `step` milliseconds each, in order.

    They begin at multiples of `step` since 1970, so that a longer range has the same slots and
    more; the first and the last one are shorter where the range begins or ends between.
    """
    inner = range(whole.start - whole.start % step + step, whole.end, step)
    ends = (whole.start, *inner, whole.end)
    return tuple(Slot(start, end) for start, end in pairwise(ends) if start < end)
