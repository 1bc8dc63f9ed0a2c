"""Lines of formatted JSON values, and which of them are kept when space is short."""

from typing import NamedTuple

import msgspec

from session_classify.evidence.conversation.records import mentioned_ids
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue
from session_classify.printing.text import digest_line, omitted

_SHORTENED = lazy_pattern(r"\[[\d,]+ (?:more|characters left out)\]")
_NOTE = 120
"""Characters of the line that reports what was left out."""


class Layout(msgspec.Struct, frozen=True):
    """Limits for fields and lines, and the ids that decide which rows are kept."""

    wanted: frozenset[str] = frozenset()
    """Ids named by later calls and answers: their rows are kept."""
    told: frozenset[str] = frozenset()
    """Ids described in the ledger: their rows are dropped first, similar rows are kept."""
    cell: int = 300
    """Characters of a field, and a quarter of those of a line; longer ones keep head and tail."""
    lines: int = 2_000
    """Most lines of one result; of the rows beyond, only wanted ones are formatted."""

    def rank(self, item: JsonValue) -> int:
        """Return 2 for a record with a wanted id, 0 for one described in the ledger, else 1."""
        if not self.wanted and not self.told:
            return 1
        found = set(mentioned_ids(item))
        return 2 if found & self.wanted else 0 if found & self.told else 1


class Line(NamedTuple):
    """One line of a formatted result; `row` separates table rows from lines that must stay."""

    text: str
    row: bool = False
    rank: int = 2
    """Rows of rank 2 are kept, rows of rank 0 are dropped first (`Layout.rank`)."""
    interest: int = 0
    """Order within a rank: higher is kept longer."""
    numbers: tuple[tuple[str, float], ...] = ()
    """Numbers of a row that could have been chosen: ranges of dropped rows are reported."""
    rows: int = 1
    """Rows that the line represents; more than one for rows that were only counted."""


def fit_lines(lines: tuple[Line, ...], limit: int, margin: int = 3) -> list[str]:
    """Return the lines that fit into `limit` characters, with a margin for each, in their order.

    Rows are kept by rank, interest and position. Other lines stay as long as there is any room. A
    last line counts the dropped lines and gives the range of their numbers.
    """
    room = limit
    if sum(len(line.text) + margin for line in lines) > limit:
        room -= _NOTE + margin
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
    # A row that the ledger describes is shown elsewhere.
    for line in (line for line in left if line.rank):
        for name, number in line.numbers:
            ranges.setdefault(name, []).append(number)
    spans = [
        f"{name} {min(values):g} to {max(values):g}"
        for name, values in list(ranges.items())[:3]
        if min(values) < max(values)
    ]
    spread = f"; those that could have been chosen: {', '.join(spans)}" if spans else ""
    count = sum(line.rows for line in left)
    return shorten(f"[{count:,} of {total:,} lines left out{spread}]", _NOTE)


def wanted_size(lines: tuple[Line, ...], margin: int = 3) -> int:
    """Return the characters of the lines that should be kept, margins included."""
    return sum(len(line.text) + margin for line in lines if line.rank == 2 or not line.row)


def inline(value: JsonValue, limit: int = 300) -> str:
    """Return a JSON value on one line, as `a=1, b=[2, 3]`, with long strings shortened."""
    if isinstance(value, dict):
        return ", ".join(f"{digest_line(str(k))}={nested(v, limit)}" for k, v in value.items())
    return nested(value, limit)


def nested(value: JsonValue, limit: int) -> str:
    """Return a nested value, in braces or brackets where it has parts."""
    if isinstance(value, str):
        return shorten(digest_line(value), limit)
    if isinstance(value, dict):
        return "{" + inline(value, limit) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(nested(item, limit) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Sums of prices come as 69.55999999999997; four decimals are enough.
        return repr(round(value, 4))
    return "null" if value is None else str(value)


def is_shortened(text: str) -> bool:
    """Return whether a field of a line, or the line, was shortened."""
    return _SHORTENED.search(text) is not None


def shorten(text: str, limit: int) -> str:
    """Return about `limit` characters of a field: head, number of omitted characters, tail."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, len(text) - limit // 3
    return f"{text[:head]}…[{omitted(text[head:tail]):,} more]…{text[tail:]}"
