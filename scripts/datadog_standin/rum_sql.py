"""The answer of `analyze_rum_events`: RUM rows as a table that is queried in SQL.

The position of metadata around the hosted tool's table is not known; here it is a block before it.
Source: `references/sources/rum.md#rum-tables`.
"""

import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from datadog_standin.bodies import (
    Body,
    RequestError,
    count_of,
    list_of,
    text_of,
)
from datadog_standin.bundles import Row
from datadog_standin.events import document_of, found_events
from datadog_standin.query import Document
from datadog_standin.recording import Recording

_COLUMNS = {
    "timestamp": "timestamp",
    "event_type": "@type",
    "session_id": "@session.id",
    "view_id": "@view.id",
    "view_url": "@view.url",
    "application_id": "@application.id",
    "service": "service",
}
"""Default columns, with the facet of each."""
_TYPES = {"string": "TEXT", "int64": "INTEGER", "float64": "REAL", "bool": "INTEGER"}
_SHOWN = 500
"""Rows of an answer; the next ones are requested with `start_at`."""
_STEPS = 20_000_000
"""Database instructions after which a query is cancelled."""


def analyze_rum_events(recording: Recording, body: Body, now: int) -> Row:
    """Answer with `metadata` and `table`, tab-separated with a header of the selected columns.

    `event_type` and `filter` select the rows, `sql_query` reads them as the table `rum`; other than
    default columns must be in `extra_columns`. Raises RequestError 400 for an invalid request.
    """
    kind = text_of(body, "event_type", needed=True)
    given = {key: body.get(key) for key in ("from", "to")}
    given["query"] = text_of(body, "filter")
    documents = map(document_of, found_events(recording.rum, given, now))
    rows = [item for item in documents if item.values("type", is_facet=True) == [kind]]
    names, found = _selected(text_of(body, "sql_query", needed=True), _columns(body), rows)
    start = 0 if body.get("start_at") in (None, 0) else count_of(body, "start_at", 1)
    shown = found[start : start + _SHOWN]
    metadata = {
        "is_truncated": start + len(shown) < len(found),
        "displayed_rows": start + len(shown),
        "total_rows": len(found),
    }
    lines = [names, *shown]
    return {"metadata": metadata, "table": "\n".join("\t".join(map(_cell, row)) for row in lines)}


def blocks_of(answer: Row) -> list[str]:
    """Return the two text blocks of the tool's answer."""
    return [f"<METADATA>\n{json.dumps(answer['metadata'])}\n</METADATA>", answer["table"]]


def _columns(body: Body) -> dict[str, tuple[str, str]]:
    """Return the columns of the table: facet and database type by name."""
    columns = {name: (facet, "TEXT") for name, facet in _COLUMNS.items()}
    for item in list_of(body, "extra_columns"):
        if not isinstance(item, dict):
            raise RequestError(400, "extra_columns must hold objects")
        kind = text_of(item, "type") or "string"
        if kind not in _TYPES:
            raise RequestError(400, f"a column is one of {', '.join(_TYPES)}, not {kind!r}")
        name = text_of(item, "name", needed=True)
        columns[name] = (name, _TYPES[kind])
    return columns


def _selected(
    query: str, columns: dict[str, tuple[str, str]], rows: Iterable[Document]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query on the rows and return column names and results."""
    unknown = sorted({*re.findall(r'"(@[^"]+)"', query)} - columns.keys())
    if unknown:  # sqlite would read the name as a text and match every row
        raise RequestError(400, f"{unknown[0]} is not a column of rum; add it to extra_columns")
    names = ", ".join(f"{_quoted(name)} {kind}" for name, (_, kind) in columns.items())
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as table:
        table.execute(f"CREATE TABLE rum ({names})")
        table.executemany(
            f"INSERT INTO rum VALUES ({', '.join('?' * len(columns))})",  # noqa: S608  no value in it
            ([_value(row, facet) for facet, _ in columns.values()] for row in rows),
        )
        table.set_authorizer(_only_reading)
        table.set_progress_handler(lambda: 1, _STEPS)
        try:
            cursor = table.execute(query)
            return [item[0] for item in cursor.description], cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning, TypeError) as error:
            raise RequestError(400, f"the SQL cannot be run on `rum`: {error}") from error


def _only_reading(action: int, *_: str | None) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _value(row: Document, facet: str) -> Any:
    """Return a row's value of a column; None without the facet."""
    found = row.values(facet.removeprefix("@"), is_facet=facet.startswith("@"))
    value = found[0] if found else None
    return value if isinstance(value, str | int | float | None) else json.dumps(value)


def _cell(value: object) -> str:
    return " ".join(str("" if value is None else value).split())
