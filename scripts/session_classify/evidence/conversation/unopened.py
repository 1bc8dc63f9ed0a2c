"""Ids that a result listed, that a tool of the session opens one by one, and that no call named.

Source: `references/sources/rules.md#listed-and-never-opened`.
"""

from collections.abc import Iterator, Sequence

import msgspec

from session_classify.evidence.conversation.records import is_id, listed_ids, record_id
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.jsontext import compact_json
from session_classify.model import JsonValue, Session
from session_classify.profiles.kinds import name_words
from session_classify.vocabulary import LEDGER_KINDS

_READING = frozenset("get read fetch show view open describe lookup retrieve load find".split())
_MOST_CALLS = 10_000


class Unopened(msgspec.Struct, frozen=True):
    """The ids of one list that no call named."""

    field: str
    call: str
    """The call whose result listed them."""
    ids: tuple[str, ...]


def unopened_ids(session: Session, readings: Sequence[ToolResult]) -> tuple[Unopened, ...]:
    """Return the listed ids that no call named, where such ids are opened one by one.

    They are where a read call of the session was made with an id of the list, or where the app has
    a tool that reads one thing of the field's name (`reservations`, `get_reservation_details`).
    Ids of rows that the list itself shows count where two of them or half were opened.
    """
    called = " ".join(compact_json(call.arguments) for call in session.tool_calls[:_MOST_CALLS])
    asked = {
        str(value)
        for reading in readings
        if reading.call.kind not in LEDGER_KINDS and isinstance(reading.call.arguments, dict)
        for value in reading.call.arguments.values()
        if isinstance(value, str | int)
    }
    names = {tool.name for tool in session.tools} | {call.name for call in session.tool_calls}
    opened_by_name = {
        word
        for name in names
        if (words := _words(name))[:1] and words[0] in _READING
        for word in words[1:]
    }
    found: list[Unopened] = []
    told: set[str] = set()
    for reading in readings:
        for field, keys, is_rows in _lists(reading.data):
            left = tuple(key for key in keys if key not in called and key not in told)
            told.update(left)
            opened = sum(key in asked for key in keys)
            enough = min(2, len(keys) // 2) if is_rows else 1
            by_name = not is_rows and _singular(field) in opened_by_name
            if left and (opened >= max(enough, 1) or by_name):
                found.append(Unopened(field, reading.call.id, left))
    return tuple(found)


def _lists(data: JsonValue) -> Iterator[tuple[str, list[str], bool]]:
    """Yield each list of ids by field, and each list of rows that have ids of their own."""
    by_field: dict[str, dict[str, None]] = {}
    for field, key in listed_ids(data):
        by_field.setdefault(field, {})[key] = None
    for field, keys in by_field.items():
        yield field, list(keys), False
    yield from _rows(data, "")


def _rows(data: JsonValue, name: str) -> Iterator[tuple[str, list[str], bool]]:
    if isinstance(data, dict):
        for field, value in data.items():
            yield from _rows(value, field)
    elif isinstance(data, list) and len(data) > 1 and all(isinstance(row, dict) for row in data):
        keys = [_own_id(row, _singular(name)) for row in data]
        if all(is_id(key) for key in keys):
            yield name, list(dict.fromkeys(keys)), True


def _own_id(row: dict[str, JsonValue], what: str) -> str:
    """Return the id by which a row of a list of things is one of them, not what it refers to."""
    names = ("id", f"{what}_id", f"{what}Id") if what else ("id", *list(row)[:1])
    return next((record_id({key: row[key]}) for key in names if key in row), "")


def _words(name: str) -> list[str]:
    return [word.lower() for word in name_words(name.rpartition("__")[2])]


def _singular(field: str) -> str:
    """Return what a field lists: `reservations` and `reservation_ids` list a `reservation`."""
    words = [word for word in _words(field) if word not in ("id", "ids")]
    last = words[-1] if words else ""
    return last[:-1] if last.endswith("s") and not last.endswith("ss") else last
