"""Decode RUM tables of the MCP server: tab-separated, with text around them.

Source: `references/sources/rum.md#rum-tables`.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from session_classify.events import RumEvent
from session_classify.instants import any_instant
from session_classify.jsontext import UNREADABLE, parsed
from session_classify.lazy import lazy_pattern

_TRUNCATED = lazy_pattern(r"""is_truncated["']?\s*[:=]\s*["']?true""", re.IGNORECASE)
_DISPLAYED = lazy_pattern(r"""displayed_rows["']?\s*[:=]\s*["']?(\d+)""", re.IGNORECASE)
_COLUMN = lazy_pattern(r"@?[A-Za-z_][\w.:()*-]{0,120}")
_ID = lazy_pattern(r"[\w-]{4,80}")
_NAMES = {
    "timestamp": ("timestamp", "time", "date", "@timestamp"),
    "name": ("@action.name", "action_name", "@action.target.name"),
    "action_type": ("@action.type", "action_type"),
    "url": ("view_url", "@view.url", "view.url", "url"),
    "view_id": ("@view.id", "view_id"),
    "dwell": ("@view.time_spent", "view_time_spent", "time_spent"),
    "rum_session": ("session_id", "@session.id", "session.id"),
    "user_id": ("@usr.id", "usr_id", "user_id"),
    "user_email": ("@usr.email", "usr_email", "user_email"),
    "frustrations": ("@action.frustration.type", "action.frustration.type"),
    "error": ("@error.message", "error_message"),
    "error_source": ("@error.source", "error_source"),
    "type": ("@type", "event_type", "type"),
    "id": ("event_id", "id"),
}
_LONGEST = 366 * 86_400 * 1e9
_KNOWN = frozenset(name for names in _NAMES.values() for name in names)
_NOTHING = frozenset({"", "null", "NULL", "None", "\\N", "-"})


class Table(msgspec.Struct, frozen=True):
    """A decoded table: its rows as events, and information from the text around it."""

    events: tuple[RumEvent, ...]
    sessions: tuple[str, ...]
    """RUM session ids in the rows, in order."""
    rows: int
    is_truncated: bool
    displayed: int | None
    """The number of rows that the server reports; None where it reports none."""
    unreadable: tuple[str, ...]


def read_table(text: str, name: str) -> Table | None:
    """Decode a tab-separated table; None for a text without one.

    The header row is recognized by the columns of `analyze_rum_events`; several pages in one text
    have a header each. Lines with another number of cells belong to the surrounding text if they
    have no tab, else they are reported as unreadable. Cell content is never read as metadata.
    """
    columns: tuple[str, ...] = ()
    around: list[str] = []
    events: list[RumEvent] = []
    sessions: dict[str, None] = {}
    unreadable: list[str] = []
    rows = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        cells = tuple(map(_bare, line.split("\t")))
        if _is_header(cells):
            columns = cells
            continue
        if not columns or len(cells) != len(columns) or _is_outside(cells):
            if line.strip() and columns and len(cells) > 1:
                unreadable.append(f"{name}:{number}: {len(cells)} cells in {len(columns)} columns")
                rows += 1
            else:
                around.append(line)
            continue
        rows += 1
        try:
            row = _row(columns, cells)
        except (ValueError, OverflowError) as error:
            unreadable.append(f"{name}:{number}: {error}")
            continue
        if row.get("rum_session"):
            sessions.setdefault(str(row["rum_session"]))
        if "at" in row:
            events.append(RumEvent(**row))
    if not columns:
        return None
    said = "\n".join(around)
    displayed = _DISPLAYED.search(said)
    return Table(
        tuple(events),
        tuple(sessions),
        rows,
        _TRUNCATED.search(said) is not None,
        int(displayed.group(1)) if displayed else None,
        tuple(unreadable),
    )


def seconds(nanos: float) -> float:
    """Return the seconds of a duration in nanoseconds.

    Raises ValueError for an impossible one.
    """
    if not 0 <= nanos <= _LONGEST:
        raise ValueError(f"a time spent of {nanos:g} ns; expected up to a year")
    return nanos / 1e9


def frustration_types(value: Any) -> tuple[str, ...]:
    """Return the types of frustration of an action: an object with `type`, a list, or one word."""
    found = value.get("type") if isinstance(value, dict) else value
    words = found if isinstance(found, list) else [found]
    return tuple(word for word in words if isinstance(word, str) and word)


def table_text(data: bytes) -> str | None:
    """Return the text of an object with a table in one of its strings; None without one.

    The object's other fields precede the table, one per line.
    """
    try:
        value = msgspec.json.decode(data)
    except UNREADABLE:
        return None
    said = list(_leaves(value, 0))
    tables = [text for _, text in said if isinstance(text, str) and _begins_table(text)]
    if not tables:
        return None
    plain = [f"{key}: {leaf}" for key, leaf in said if isinstance(leaf, bool | int)]
    return "\n".join((*plain, *tables))


def _begins_table(text: str) -> bool:
    return any(_is_header(tuple(map(_bare, line.split("\t")))) for line in text.split("\n")[:20])


def _leaves(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth < 3:
        for key, item in value.items():
            if isinstance(item, dict):
                yield from _leaves(item, depth + 1)
            else:
                yield key, item


def _bare(cell: str) -> str:
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _is_header(cells: tuple[str, ...]) -> bool:
    return any(cell in _KNOWN for cell in cells) and all(map(_COLUMN.fullmatch, cells))


def _is_outside(cells: tuple[str, ...]) -> bool:
    """Return whether a line is text, not a one-cell row: a session id has no blank."""
    return len(cells) == 1 and _ID.fullmatch(cells[0]) is None


def _row(columns: tuple[str, ...], cells: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of an event; without `at` if the table has no time column.

    Raises ValueError for an invalid time or number.
    """
    given = {c: v for c, v in zip(columns, cells, strict=True) if v not in _NOTHING}
    found: dict[str, Any] = {
        field: next(given[name] for name in names if name in given)
        for field, names in _NAMES.items()
        if not given.keys().isdisjoint(names)
    }
    if "timestamp" in found:
        found["at"] = any_instant(found.pop("timestamp"))
        found.setdefault("id", "")
        kinds = (("name", "action"), ("error", "error"))
        found.setdefault("type", next((kind for key, kind in kinds if key in found), "view"))
    elif set(_NAMES["timestamp"]) & set(columns):
        raise ValueError("no timestamp")
    if "frustrations" in found:
        found["frustrations"] = frustration_types(parsed(found["frustrations"]))
    if "dwell" in found:
        found["dwell"] = seconds(float(found["dwell"]))
    context: dict[str, Any] = {}
    flags: dict[str, Any] = {}
    for column, cell in given.items():
        if column.startswith("@context."):
            _put(context, column.removeprefix("@context.").split("."), parsed(cell))
        elif column.startswith("@feature_flags."):
            flags[column.removeprefix("@feature_flags.")] = parsed(cell)
    return {**found, "context": context, "feature_flags": flags}


def _put(into: dict[str, Any], path: list[str], value: Any) -> None:
    for key in path[:-1]:
        inner = into.setdefault(key, {})
        into = inner if isinstance(inner, dict) else into
    into[path[-1]] = value
