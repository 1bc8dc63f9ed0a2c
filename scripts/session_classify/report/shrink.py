"""Tool results shrunk by structure: JSON as compact lines and tables, not cut by length.

A list of records becomes one line each under a header that names the fields once; what is dropped
for want of room is whole lines, counted, and last of all those that a later call or answer names.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from session_classify.evidence.records import is_id, mentioned_ids
from session_classify.model import JsonValue
from session_classify.report.text import one_line


@dataclass(frozen=True, slots=True)
class Layout:
    """How long fields and lines may be, and which ids decide about the rows that hold them."""

    wanted: frozenset[str] = frozenset()
    """Named by later calls and answers: their rows are kept."""
    told: frozenset[str] = frozenset()
    """Described in the ledger: their rows go first, and rows like them stay as alternatives."""
    cell: int = 120
    """Characters of a single field, and a fifth of those of a line; more keeps head and tail."""
    lines: int = 2_000
    """Lines that one result is laid out in."""

    def rank(self, item: JsonValue) -> int:
        """Return 2 for a record that names a wanted id, 0 for a told one, 1 for any other."""
        found = set(mentioned_ids(item))
        return 2 if found & self.wanted else 0 if found & self.told else 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a laid-out result; `row` tells a table's row from a line that must stay."""

    text: str
    row: bool = False
    rank: int = 2
    """Rows of rank 2 are kept, those of rank 0 are dropped first (`Layout.rank`)."""
    interest: int = 0
    """Among rows of one rank, which to keep first: the higher."""


def lay_out(data: JsonValue, layout: Layout) -> tuple[Line, ...]:
    """Return a JSON value as compact lines, its rows ranked by the ids they hold."""
    lines: list[Line] = []
    for line in _lines(data, "", layout):
        lines.append(line)
        if len(lines) == layout.lines:
            lines.append(Line("… more than can be laid out here"))
            break
    return tuple(lines)


def fit_lines(lines: tuple[Line, ...], limit: int) -> tuple[list[str], int]:
    """Return the lines that fit into `limit` characters in their order, and how many rows do not.

    Rows come in the order of rank, interest and place. Lines that are no rows stay as long as there
    is room at all.
    """
    room = limit
    kept: set[int] = set()
    order = sorted(
        range(len(lines)),
        key=lambda i: (lines[i].row, -lines[i].rank, -lines[i].interest, i),
    )
    for i in order:
        cost = len(lines[i].text) + 3
        if cost <= room:
            kept.add(i)
            room -= cost
    return [lines[i].text for i in sorted(kept)], len(lines) - len(kept)


def size(lines: tuple[Line, ...]) -> int:
    """Return the characters that all the lines take, line marks included."""
    return sum(len(line.text) + 3 for line in lines)


def wanted_size(lines: tuple[Line, ...]) -> int:
    """Return the characters of the lines that should not be dropped."""
    return sum(len(line.text) + 3 for line in lines if line.rank == 2 or not line.row)


def inline(value: JsonValue, limit: int = 120) -> str:
    """Return a JSON value on one line, as `a=1, b=[2, 3]`, long strings shortened."""
    if isinstance(value, dict):
        return ", ".join(f"{one_line(str(k))}={_nested(v, limit)}" for k, v in value.items())
    return _nested(value, limit)


def _nested(value: JsonValue, limit: int) -> str:
    if isinstance(value, dict):
        return "{" + inline(value, limit) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_nested(item, limit) for item in value) + "]"
    if isinstance(value, str):
        return _shorten(one_line(value), limit)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Sums of prices come as 69.55999999999997; no reader needs more than four decimals.
        return repr(round(value, 4))
    return "null" if value is None else str(value)


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]}…[{len(text) - limit:,} more]…{text[-limit // 3 :]}"


def _lines(data: JsonValue, indent: str, layout: Layout) -> Iterator[Line]:
    if isinstance(data, list):
        yield from _list_lines("", data, indent, layout)
        return
    if not isinstance(data, dict):
        yield Line(indent + inline(data, layout.cell))
        return
    plain = {k: v for k, v in data.items() if not isinstance(v, dict | list) or not v}
    if plain:
        yield from _fields(plain, indent, layout)
    for key, value in data.items():
        if isinstance(value, list) and value:
            yield from _list_lines(one_line(str(key)), value, indent, layout)
        elif isinstance(value, dict) and value:
            yield from _dict_lines(one_line(str(key)), value, indent, layout)


def _fields(plain: dict[str, JsonValue], head: str, layout: Layout) -> Iterator[Line]:
    """Yield plain fields, as many on a line as a line holds; all but the first line can go."""
    text, first = head, True
    for key, value in plain.items():
        field = f"{one_line(str(key))}={_nested(value, layout.cell)}"
        if text != head and len(text) + len(field) > 5 * layout.cell:
            yield Line(text, row=not first, rank=1)
            text, first = " " * len(head), False
            head = text
        text += field if text == head else f", {field}"
    yield Line(text, row=not first, rank=1)


def _dict_lines(
    name: str, value: dict[str, JsonValue], indent: str, layout: Layout
) -> Iterator[Line]:
    inner = list(value.values())
    if len(inner) > 1 and all(isinstance(item, dict) and item for item in inner):
        rows = [
            item if key in map(str, item.values()) else {"key": key, **item}
            for key, item in value.items()
        ]
        yield from _table(name, rows, indent, layout)
    elif all(not isinstance(item, dict | list) for item in inner):
        yield from _fields(value, f"{indent}{name}: ", layout)
    else:
        yield Line(f"{indent}{name}:")
        yield from _lines(value, indent + "  ", layout)


def _list_lines(name: str, items: list[JsonValue], indent: str, layout: Layout) -> Iterator[Line]:
    if all(isinstance(item, dict) and item for item in items) and items:
        yield from _table(name, items, indent, layout)
        return
    if all(not isinstance(item, dict | list) for item in items):
        label = f"{name} ({len(items)}): " if name else f"({len(items)}) "
        yield Line(
            indent
            + _shorten(label + ", ".join(inline(i, layout.cell) for i in items), 5 * layout.cell)
        )
        return
    yield Line(f"{indent}{name} ({len(items)}):")
    for item in items:
        text = indent + "  " + _shorten(inline(item, layout.cell), 5 * layout.cell)
        yield Line(text, row=True, rank=layout.rank(item))


def _table(
    name: str, rows: list[dict[str, JsonValue]], indent: str, layout: Layout
) -> Iterator[Line]:
    """Yield a header with the columns, then a line for each record.

    Nested plain objects open into columns; a column with one value everywhere moves to the header.
    """
    opened = _uniform_objects(rows)
    flat = [_flatten(row, opened) for row in rows]
    columns = list(dict.fromkeys(key for row in flat for key in row))
    shared = {
        key: inline(flat[0][key], layout.cell)
        for key in columns
        if len(flat) > 2 and all(key in row and row[key] == flat[0][key] for row in flat)
    }
    columns = [key for key in columns if key not in shared]
    columns.sort(key=lambda key: not any(is_id(row.get(key)) and key in row for row in flat[:3]))
    label = f"{name} ({len(rows)})" if name else f"({len(rows)})"
    if len(rows) == 1:
        yield Line(f"{indent}{label}: {inline(flat[0], layout.cell)}")
        return
    every = f" each {', '.join(f'{k}={v}' for k, v in shared.items())};" if shared else ""
    yield Line(f"{indent}{label}:{every} {' | '.join(one_line(key) for key in columns)}")
    ranks = [layout.rank(row) for row in rows]
    interest = _interest(flat, columns, [rank != 1 for rank in ranks])
    for position, row in enumerate(flat):
        cells = [inline(row[key], layout.cell) if key in row else "-" for key in columns]
        text = _shorten(f"{indent}  {' | '.join(cells)}", 5 * layout.cell)
        yield Line(text, row=True, rank=ranks[position], interest=interest[position])


def _interest(flat: list[dict[str, JsonValue]], columns: list[str], named: list[bool]) -> list[int]:
    """Rate each record as an alternative to the named ones: what it shares, and its extremes.

    Whether a choice was right is seen in the records that nearly equal the chosen one, and in the
    cheapest, dearest, first and last.
    """
    chosen = [row for row, is_named in zip(flat, named, strict=True) if is_named]
    shared = [
        max((sum(row.get(key) == other.get(key) for key in columns) for other in chosen), default=0)
        for row in flat
    ]
    peers = [
        i
        for i, row in enumerate(flat)
        if not chosen or any(_flags(row) == _flags(other) for other in chosen)
    ]
    extremes: set[int] = set()
    for key in columns:
        numbers = [
            (value, i)
            for i in peers
            if isinstance(value := flat[i].get(key), int | float) and not isinstance(value, bool)
        ]
        if numbers:
            extremes |= {min(numbers)[1], max(numbers)[1]}
    return [count + 3 * (i in extremes) for i, count in enumerate(shared)]


def _flags(row: dict[str, JsonValue]) -> list[tuple[str, bool]]:
    """Return the yes-or-no fields: what is not available is no cheapest one to choose."""
    return [(key, value) for key, value in row.items() if isinstance(value, bool)]


def _uniform_objects(rows: list[dict[str, JsonValue]]) -> frozenset[str]:
    """Return the fields that hold plain objects with the same keys in every row that has them."""
    shapes: dict[str, set[frozenset[str] | None]] = {}
    for row in rows:
        for key, value in row.items():
            plain = isinstance(value, dict) and not any(
                isinstance(inner, dict | list) for inner in value.values()
            )
            shapes.setdefault(key, set()).add(frozenset(value) if plain else None)
    return frozenset(key for key, seen in shapes.items() if len(seen) == 1 and None not in seen)


def _flatten(row: dict[str, JsonValue], opened: frozenset[str]) -> dict[str, JsonValue]:
    flat: dict[str, JsonValue] = {}
    for key, value in row.items():
        if key in opened:
            prefix = f"{key}." if set(value) & set(row) else ""
            flat.update({f"{prefix}{inner}": v for inner, v in value.items()})
        else:
            flat[key] = value
    return flat
