"""Answers of the audience API as tables for people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from session_classify.printing.text import clip, one_line, ranked, visible_json

_CELL = 48
_BAR = 30
_COLUMNS = 9
"""Most columns of a table where none were chosen."""
_KEY = (
    "user_id",
    "user_email",
    "user_name",
    "account_id",
    "account_name",
    "plan_type",
    "first_country_code",
    "first_device_type",
    "first_browser_name",
    "user_count",
    "session_count",
    "last_seen",
)
Row = dict[str, Any]


def rows_table(rows: Sequence[Row], columns: Iterable[str] = ()) -> Iterator[str]:
    """Yield a header and a line a row, with aligned columns; all keys where none are chosen."""
    if not rows:
        yield "none"
        return
    names = list(columns) or list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(name) for name in names]]
    cells += [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    for line in cells:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        yield "  ".join(padded).rstrip()


def key_columns(rows: Sequence[Row]) -> tuple[tuple[str, ...], int]:
    """Return the columns of a table where none were chosen, and how many are left out.

    Who it is, where, with what, and how active come first.
    """
    names = list(dict.fromkeys(key for row in rows for key in row))
    first = [name for name in _KEY if name in names]
    shown = (*first, *(name for name in names if name not in first))[:_COLUMNS]
    return shown, len(names) - len(shown)


def facet_list(result: Row) -> Iterator[str]:
    """Yield the values of a facet, the most frequent first, with shares and bars."""
    counts: Counter[str] = Counter()
    for one in result.get("values") or ():
        counts[_cell(one.get("value"))] += int(one.get("count") or 0)
    most, total = max(counts.values(), default=0) or 1, counts.total() or 1
    width = max((len(name) for name in counts), default=0)
    for rank, (name, count) in enumerate(ranked(counts), start=1):
        bar = "█" * max(1, round(_BAR * count / most)) if count else ""
        yield f"{rank:>3}. {name:<{width}} {count:>9,} {count / total:>4.0%} {bar}".rstrip()
    if not counts:
        yield "no values"
    if found := result.get("range"):
        yield f"range: {_cell(found.get('min'))} to {_cell(found.get('max'))}"


def mapping_rows(attributes: Sequence[Row]) -> list[Row]:
    """Return a row an attribute: name, display name, type, groups and description."""
    return [
        {
            "attribute": one.get("attribute"),
            "display name": one.get("display_name"),
            "type": f"{one.get('type')}{' (custom)' if one.get('is_custom') else ''}",
            "groups": ", ".join(map(str, one.get("groups", ()))),
            "description": one.get("description"),
        }
        for one in attributes
    ]


def connection_rows(connections: Sequence[Row]) -> list[Row]:
    """Return a row a connection: id, type, join, number of fields and last update."""
    return [
        {
            "id": one.get("id"),
            "type": one.get("type"),
            "join": f"{_join(one).get('attribute')} ({_join(one).get('type')})",
            "fields": len(one.get("fields", ())),
            "last update": one.get("updated_at") or one.get("created_at"),
        }
        for one in connections
    ]


def _join(connection: Row) -> Row:
    found: Row = connection.get("join") or {}
    return found


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        value = msgspec.json.encode(value).decode()
    return clip(one_line("-" if value is None or value == "" else str(value)), _CELL)


def as_csv(rows: Sequence[Row], columns: Iterable[str] = ()) -> str:
    """Return rows as CSV; a text that a spreadsheet would run as a formula begins with `'`."""
    import csv
    from io import StringIO

    names = list(columns) or list(dict.fromkeys(key for row in rows for key in row))
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_inert(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def as_lines(rows: Sequence[Row]) -> str:
    """Return rows as JSON, one a line."""
    return "".join(f"{visible_json(msgspec.json.encode(row).decode())}\n" for row in rows)


def _inert(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = msgspec.json.encode(value).decode()
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
