"""Lists of records as tables: a header with field names, then a line for each record."""

from collections.abc import Iterator

from session_classify.evidence.conversation.records import JsonObject, is_id
from session_classify.model import JsonValue
from session_classify.printing.lines import Layout, Line, inline, shorten
from session_classify.printing.text import digest_line

_CHOSEN = 20
"""Most named records with which the others are compared."""
_FEW = 3
"""Number of records up to which all are equal in rank."""


def table(name: str, rows: list[JsonObject], indent: str, layout: Layout) -> Iterator[Line]:
    """Yield a header with the columns, then a line for each record.

    Nested plain objects become columns; a column with one value in all rows moves to the header.
    """
    opened = _uniform_objects(rows)
    flat = [flatten(row, opened) for row in rows]
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
    every = (
        f" each {', '.join(f'{digest_line(k)}={v}' for k, v in shared.items())};" if shared else ""
    )
    yield Line(f"{indent}{label}:{every} {' | '.join(digest_line(key) for key in columns)}")
    ranks = [layout.rank(row) for row in rows]
    head = flat[: layout.lines]
    named = [rank != 1 for rank in ranks[: len(head)]]
    # Without ids there is no ranking: the order of the records is kept.
    matters = len(rows) > _FEW and bool(layout.wanted or layout.told)
    interest, peers = _interest(head, columns, named) if matters else ({}, set())
    numeric = [key for key in columns if any(_is_number(row.get(key)) for row in flat[:_FEW])]
    for position, row in enumerate(flat):
        cells = [inline(row[key], layout.cell) if key in row else "-" for key in columns]
        text = shorten(f"{indent}  {' | '.join(cells)}", 4 * layout.cell)
        numbers: tuple[tuple[str, float], ...] = ()
        if position in peers:
            numbers = tuple((k, float(row[k])) for k in numeric if _is_number(row.get(k)))
        yield Line(text, True, ranks[position], interest.get(position, 0), numbers)


def _interest(
    flat: list[JsonObject], columns: list[str], named: list[bool]
) -> tuple[dict[int, int], set[int]]:
    """Rate each record as an alternative to the named ones, and return the comparable ones.

    To judge a choice, a reader needs the records that nearly equal the chosen one, and the
    cheapest, dearest, first and last available ones.
    """
    chosen = [row for row, is_named in zip(flat, named, strict=True) if is_named][:_CHOSEN]
    shared = [
        max((sum(row.get(key) == other.get(key) for key in columns) for other in chosen), default=0)
        for row in flat
    ]
    peers = {
        i
        for i, row in enumerate(flat)
        if not chosen or any(_flags(row) == _flags(other) for other in chosen)
    }
    extremes: set[int] = set()
    for key in columns:
        numbers = [(value, i) for i in peers if _is_number(value := flat[i].get(key))]
        if numbers:
            extremes |= {min(numbers)[1], max(numbers)[1]}
    return {i: count + 3 * (i in extremes) for i, count in enumerate(shared)}, peers


def _is_number(value: JsonValue) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < 10**15


def _flags(row: JsonObject) -> list[tuple[str, bool]]:
    """Return the boolean fields: an unavailable record is not a cheaper alternative."""
    return [(key, value) for key, value in row.items() if isinstance(value, bool)]


def _uniform_objects(rows: list[JsonObject]) -> frozenset[str]:
    """Return the fields that hold plain objects with the same keys in every row."""
    objects = {key for row in rows for key, value in row.items() if isinstance(value, dict)}
    found = set()
    for key in objects:
        values = [row[key] for row in rows if key in row]
        if all(map(is_plain, values)) and len(set(map(frozenset, values))) == 1:
            found.add(key)
    return frozenset(found)


def is_plain(value: JsonValue) -> bool:
    """Return whether a value is an object whose fields are all plain values."""
    return isinstance(value, dict) and not any(isinstance(v, dict | list) for v in value.values())


def flatten(row: JsonObject, opened: frozenset[str]) -> JsonObject:
    """Turn plain objects into columns; conflicting column names get the object's name as prefix."""
    if not opened:
        return row
    names = [key for key in row if key not in opened]
    names.extend(inner for key in opened if key in row for inner in row[key])
    flat: JsonObject = {}
    for key, value in row.items():
        if key in opened:
            flat.update(
                {f"{key}.{k}" if names.count(k) > 1 else k: inner for k, inner in value.items()}
            )
        else:
            flat[key] = value
    return flat
