"""Answers of the audience API as tables for people."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from session_classify.printing.text import clip, one_line, visible_json

_CELL = 48
_BAR = 30


def rows_table(rows: list[dict[str, Any]], columns: Iterable[str] = ()) -> Iterator[str]:
    """Yield a header and a line a row, with aligned columns; all keys where none are chosen."""
    names = list(columns) or list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(name) for name in names]]
    cells += [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    for line in cells:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        yield "  ".join(padded).rstrip()


def facet_list(result: dict[str, Any]) -> Iterator[str]:
    """Yield the values of a facet by count, each with its share of the largest as a bar."""
    values = sorted(result.get("values", ()), key=lambda one: -one.get("count", 0))
    most = max((one.get("count", 0) for one in values), default=0) or 1
    for rank, one in enumerate(values, start=1):
        count = one.get("count", 0)
        bar = "█" * max(1, round(_BAR * count / most)) if count else ""
        yield f"{rank:>3}. {_cell(one.get('value')):<24} {count:>10,} {bar}".rstrip()
    if found := result.get("range"):
        yield f"range: {_cell(found.get('min'))} to {_cell(found.get('max'))}"


def mapping_rows(attributes: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


def connection_rows(connections: list[dict[str, Any]]) -> list[dict[str, Any]]:
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


def _join(connection: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = connection.get("join") or {}
    return found


def _cell(value: Any) -> str:
    return clip(one_line("-" if value is None or value == "" else str(value)), _CELL)


def as_csv(rows: list[dict[str, Any]], columns: Iterable[str] = ()) -> str:
    """Return rows as CSV; a text that a spreadsheet would run as a formula begins with `'`."""
    import csv
    from io import StringIO

    names = list(columns) or list(dict.fromkeys(key for row in rows for key in row))
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_inert(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def as_lines(rows: list[dict[str, Any]]) -> str:
    """Return rows as JSON, one a line."""
    return "".join(f"{visible_json(msgspec.json.encode(row).decode())}\n" for row in rows)


def _inert(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
