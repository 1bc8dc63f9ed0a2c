"""Divide the space of a digest: which parts are shortened, in which order, and how far."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cached_property

import msgspec

from session_classify.printing.lines import Line, fit_lines, is_shortened, wanted_size
from session_classify.printing.passages import shorten_lines
from session_classify.printing.text import block


class Part(StrEnum):
    """The parts of a digest that can be shortened, in this order."""

    READS = "reads"
    RESULTS = "results"
    RULES = "rules"
    STEPS = "steps"
    MIDDLE = "middle turns"
    LEDGER = "ledger"
    ENDS = "first and last turn"
    USER = "user texts"


UNCUT = 300
"""Texts up to this length are not cut while longer ones can be."""

_START: Mapping[Part, int] = {
    Part.READS: 6_000,
    Part.RESULTS: 4_000,
    Part.RULES: 8_000,
    Part.STEPS: 4_000,
    Part.MIDDLE: 4_000,
    Part.LEDGER: 4_000,
    Part.ENDS: 6_000,
    Part.USER: 4_000,
}
_ROUNDS: tuple[Mapping[Part, int], ...] = (
    dict.fromkeys(Part, UNCUT) | {Part.RULES: 3_000, Part.USER: 400, Part.ENDS: 1_000},
    dict.fromkeys(Part, 120) | {Part.RULES: 1_000, Part.USER: 200, Part.ENDS: 400},
    dict.fromkeys(Part, 0) | {Part.MIDDLE: 40, Part.USER: 40, Part.LEDGER: 40, Part.ENDS: 120},
)


class Slot(msgspec.Struct, frozen=True, dict=True):
    """A place in a digest for a text, or for the lines of a formatted result."""

    part: Part
    text: str = ""
    lines: tuple[Line, ...] = ()
    indent: str = ""
    beyond: int = 0
    """Characters of the text that were removed earlier, after its first two thirds."""

    @cached_property
    def length(self) -> int:
        """Characters of the whole content as printed."""
        if self.lines:
            return sum(len(line.text) for line in self.lines) + self._margin * len(self.lines)
        return len(self.text) + (self._margin - 1) * (self.text.count("\n") + 1)

    @cached_property
    def abridged(self) -> bool:
        """Some content was cut before the budget applies."""
        counted = any(line.rows > 1 for line in self.lines)
        return self.beyond > 0 or counted or any(is_shortened(line.text) for line in self.lines)

    @property
    def _margin(self) -> int:
        """Characters of each printed line besides its text."""
        return len(self.indent) + len("| \n")

    @cached_property
    def floor(self) -> int:
        """Characters that the slot keeps in the first round: rows that are referred to later."""
        return min(wanted_size(self.lines, self._margin), 4 * UNCUT) if self.lines else 0

    def show(self, cap: int) -> str:
        """Return the content in at most `cap` characters, each line marked as trace text."""
        if cap <= 0:
            return ""
        if self.lines:
            return block("\n".join(fit_lines(self.lines, cap, self._margin)), self.indent)
        room = cap
        shown = block(shorten_lines(self.text, room, self.beyond), self.indent)
        while len(shown) > cap and room > 1:
            # A shorter text may have more lines: without room for a tail, only the head is kept.
            marks = (self._margin - 1) * (shown.count("\n") + 1)
            room = max(min(room - 1, cap - marks), 1)
            shown = block(shorten_lines(self.text, room, self.beyond), self.indent)
        return shown


class Budget(msgspec.Struct, frozen=True):
    """The characters per slot for each part."""

    caps: Mapping[Part, int]
    keep_floors: bool
    fits: bool

    def cap(self, slot: Slot) -> int:
        """Return the most characters for a slot."""
        cap = self.caps[slot.part]
        return max(cap, slot.floor) if self.keep_floors else cap

    def cuts(self, slot: Slot) -> bool:
        """Return whether the budget shortens the slot."""
        return slot.length > self.cap(slot)

    def hides(self, slot: Slot) -> bool:
        """Return whether any content of the slot is hidden, by the budget or earlier."""
        return slot.abridged or self.cuts(slot)


NOTHING = Budget(dict.fromkeys(Part, 0), keep_floors=False, fits=False)
"""A budget that shows no slot: only the digest's own text is printed."""


def fit(slots: Iterable[Slot], room: int, rounds: int) -> Budget:
    """Return the largest caps under which the slots fit into `room` characters.

    Nothing is shortened while the whole fits. Else the parts are shortened one after the other, as
    far as needed, down to a floor. When all are at their floor, the next of `rounds` begins with a
    lower floor. If the last round does not fit, `fits` is False and the caller has to omit whole
    items.
    """
    sizes: dict[Part, list[tuple[int, int]]] = defaultdict(list)
    for slot in slots:
        sizes[slot.part].append((slot.length, slot.floor))
    if sum(length for part in sizes.values() for length, _ in part) <= room:
        return Budget(dict.fromkeys(Part, room), keep_floors=False, fits=True)
    caps = dict(_START)
    for number, floors in enumerate(_ROUNDS[:rounds]):
        keep = number == 0
        taken = {part: _shown(sizes[part], caps[part], keep=keep) for part in Part}
        for part in Part:
            over = sum(taken.values()) - room
            if over <= 0:
                break
            low = min(floors[part], caps[part])
            caps[part] = _largest(low, caps[part], _gives(sizes[part], taken[part] - over, keep))
            taken[part] = _shown(sizes[part], caps[part], keep=keep)
        if sum(taken.values()) <= room:
            return Budget(caps, keep, fits=True)
    return Budget(caps, keep_floors=False, fits=False)


def _shown(sizes: list[tuple[int, int]], cap: int, *, keep: bool) -> int:
    return sum(min(length, max(cap, floor) if keep else cap) for length, floor in sizes)


def _gives(sizes: list[tuple[int, int]], room: int, keep: bool) -> Callable[[int], bool]:
    return lambda cap: _shown(sizes, cap, keep=keep) <= room


def _largest(low: int, high: int, fits: Callable[[int], bool]) -> int:
    """Return the largest cap between the two for which `fits` holds, or `low` if there is none."""
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low
