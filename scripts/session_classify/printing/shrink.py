"""Shorten tool results by structure: JSON as compact lines and tables.

A list of records becomes one line each under a header with the field names. If space is short,
whole lines are dropped and counted; lines that a later call or answer refers to go last.
"""

from collections.abc import Iterator

from session_classify.evidence.conversation.records import JsonObject
from session_classify.model import JsonValue
from session_classify.printing.lines import Layout, Line, inline, nested, shorten
from session_classify.printing.tables import table
from session_classify.printing.text import digest_line


def lay_out(data: JsonValue, layout: Layout) -> tuple[Line, ...]:
    """Return a JSON value as compact lines, with rows ranked by their ids."""
    lines: list[Line] = []
    counted = 0
    for line in _lines(data, "", layout):
        if len(lines) < layout.lines or not line.row or line.rank == 2:
            lines.append(line)
        else:
            counted += 1
    if counted:
        lines.append(Line("", row=True, rank=0, rows=counted))
    return tuple(lines)


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
            yield from _list_lines(digest_line(str(key)), value, indent, layout)
        elif isinstance(value, dict) and value:
            yield from _dict_lines(digest_line(str(key)), value, indent, layout)


def _fields(plain: JsonObject, head: str, layout: Layout) -> Iterator[Line]:
    """Yield plain fields, as many per line as fit; all but the first line may be dropped."""
    text, first = head, True
    for key, value in plain.items():
        field = f"{digest_line(str(key))}={nested(value, layout.cell)}"
        if text != head and len(text) + len(field) > 4 * layout.cell:
            yield Line(text, row=not first, rank=1)
            text, first = " " * len(head), False
            head = text
        text += field if text == head else f", {field}"
    yield Line(text, row=not first, rank=1)


def _dict_lines(name: str, value: JsonObject, indent: str, layout: Layout) -> Iterator[Line]:
    inner = list(value.values())
    if len(inner) > 1 and all(isinstance(item, dict) and item for item in inner):
        rows = [
            item if key in map(str, item.values()) else {"key": key, **item}
            for key, item in value.items()
        ]
        yield from table(name, rows, indent, layout)
    elif all(not isinstance(item, dict | list) for item in inner):
        yield from _fields(value, f"{indent}{name}: ", layout)
    else:
        yield Line(f"{indent}{name}:")
        yield from _lines(value, indent + "  ", layout)


def _list_lines(name: str, items: list[JsonValue], indent: str, layout: Layout) -> Iterator[Line]:
    if all(isinstance(item, dict) and item for item in items) and items:
        yield from table(name, items, indent, layout)
        return
    if all(not isinstance(item, dict | list) for item in items):
        label = f"{name} ({len(items)}): " if name else f"({len(items)}) "
        yield Line(
            indent
            + shorten(label + ", ".join(inline(i, layout.cell) for i in items), 4 * layout.cell)
        )
        return
    yield Line(f"{indent}{name} ({len(items)}):")
    for item in items:
        text = indent + "  " + shorten(inline(item, layout.cell), 4 * layout.cell)
        yield Line(text, row=True, rank=layout.rank(item))
