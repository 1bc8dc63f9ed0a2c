"""Lines of a laid-out value, and which of them are kept when room is short."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from session_classify.evidence.conversation.records import mentioned_ids
from session_classify.model import JsonValue
from session_classify.printing.text import digest_line

_SHORTENED = re.compile(r"\[[\d,]+ (?:more|characters left out)\]")
_TOLD = 120
"""Characters of the line that tells what was left out."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How long fields and lines may be, and which ids decide about the rows that hold them."""

    wanted: frozenset[str] = frozenset()
    """Named by later calls and answers: their rows are kept."""
    told: frozenset[str] = frozenset()
    """Described in the ledger: their rows go first, and rows like them stay as alternatives."""
    cell: int = 300
    """Characters of a single field, and a quarter of those of a line; more keeps head and tail."""
    lines: int = 2_000
    """Lines that one result is laid out in; of the rows beyond, only wanted ones are."""

    def rank(self, item: JsonValue) -> int:
        """Return 2 for a record that names a wanted id, 0 for a told one, 1 for any other."""
        if not self.wanted and not self.told:
            return 1
        found = set(mentioned_ids(item))
        return 2 if found & self.wanted else 0 if found & self.told else 1


class Line(NamedTuple):
    """One line of a laid-out result; `row` tells a table's row from a line that must stay."""

    text: str
    row: bool = False
    rank: int = 2
    """Rows of rank 2 are kept, those of rank 0 are dropped first (`Layout.rank`)."""
    interest: int = 0
    """Among rows of one rank, which to keep first: the higher."""
    numbers: tuple[tuple[str, float], ...] = ()
    """Numbers of a row that could have been chosen: what is left out is told by its range."""
    rows: int = 1
    """Rows that the line stands for; more than one for rows that were only counted."""


def fit_lines(lines: tuple[Line, ...], limit: int, margin: int = 3) -> list[str]:
    """Return the lines that fit into `limit` characters, a margin for each, in their order.

    Rows come in the order of rank, interest and place. Lines that are no rows stay as long as there
    is room at all. A last line tells how many are left out, and the range of their numbers.
    """
    room = limit
    if sum(len(line.text) + margin for line in lines) > limit:
        room -= _TOLD + margin
    kept: set[int] = set()
    order = sorted(
        range(len(lines)),
        key=lambda i: (lines[i].row, -lines[i].rank, -lines[i].interest, i),
    )
    for i in order:
        cost = len(lines[i].text) + margin
        if cost <= room and lines[i].rows == 1:
            kept.add(i)
            room -= cost
    shown = [lines[i].text for i in sorted(kept)]
    left = [line for i, line in enumerate(lines) if i not in kept]
    total = sum(line.rows for line in lines)
    return [*shown, _left_out(left, total)] if left else shown


def _left_out(left: list[Line], total: int) -> str:
    ranges: dict[str, list[float]] = {}
    # A row that the ledger describes is no unseen one.
    for line in (line for line in left if line.rank):
        for name, number in line.numbers:
            ranges.setdefault(name, []).append(number)
    spans = [
        f"{name} {min(values):g} to {max(values):g}"
        for name, values in list(ranges.items())[:3]
        if min(values) < max(values)
    ]
    told = f", the comparable ones with {', '.join(spans)}" if spans else ""
    count = sum(line.rows for line in left)
    return shorten(f"[{count:,} of {total:,} lines left out{told}]", _TOLD)


def wanted_size(lines: tuple[Line, ...], margin: int = 3) -> int:
    """Return the characters of the lines that should not be dropped, margins included."""
    return sum(len(line.text) + margin for line in lines if line.rank == 2 or not line.row)


def inline(value: JsonValue, limit: int = 300) -> str:
    """Return a JSON value on one line, as `a=1, b=[2, 3]`, long strings shortened."""
    if isinstance(value, dict):
        return ", ".join(f"{digest_line(str(k))}={nested(v, limit)}" for k, v in value.items())
    return nested(value, limit)


def nested(value: JsonValue, limit: int) -> str:
    """Return a value inside another one, braces and brackets around what has parts."""
    if isinstance(value, str):
        return shorten(digest_line(value), limit)
    if isinstance(value, dict):
        return "{" + inline(value, limit) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(nested(item, limit) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Sums of prices come as 69.55999999999997; no reader needs more than four decimals.
        return repr(round(value, 4))
    return "null" if value is None else str(value)


def is_shortened(text: str) -> bool:
    """Tell whether a field of a line, or the line, was shortened."""
    return _SHORTENED.search(text) is not None


def shorten(text: str, limit: int) -> str:
    """Return about `limit` characters of a field: head, count of what is left out, tail."""
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]}…[{len(text) - limit:,} more]…{text[-limit // 3 :]}"
