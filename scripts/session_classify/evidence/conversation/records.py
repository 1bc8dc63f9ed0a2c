"""Records in tool results: the record of each id, and the difference of two versions."""

from collections.abc import Container, Iterator

import msgspec

from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue

JsonObject = dict[str, JsonValue]

_ID_KEY = lazy_pattern(r"(?:^|_)(?:id|uuid|key|slug|number|handle|sku|arn|ref)$|(?:Id|Key|Number)$")
_ID_VALUE = lazy_pattern(r"#[A-Za-z0-9][\w.:/#@-]{0,79}|[A-Za-z0-9][\w.:/#@-]{2,79}")


_ABSENT = "(no such field)"


class FieldChange(msgspec.Struct, frozen=True):
    """One field of a record before and after; None on the side where it is absent."""

    path: str
    before: JsonValue
    after: JsonValue


def is_id(value: JsonValue) -> bool:
    """Return whether a value can be a record's id: short, without blanks, with a digit."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    text = str(value)
    return bool(_ID_VALUE.fullmatch(text)) and any(c.isdigit() for c in text)


def _are_ids(values: list[JsonValue]) -> bool:
    """Return whether a list holds ids alone.

    Codes such as `TAMSDK`, beside `82K959`, are ids too: capitals, as long as one with a digit.
    """
    lengths = {len(str(value)) for value in values if is_id(value)}
    codes = (str(value) for value in values if not is_id(value))
    return bool(lengths) and all(
        len(code) in lengths and code.isascii() and code.isalpha() and code.isupper()
        for code in codes
    )


def record_id(record: JsonObject) -> str:
    """Return the id of a record: its own `id`, else the first field with an id-like name.

    The name identifies the field, so its value may be any short text without blanks.
    """
    if _can_name(record.get("id")):
        return str(record["id"])
    return next((str(v) for k, v in record.items() if _ID_KEY.search(k) and _can_name(v)), "")


def _can_name(value: JsonValue) -> bool:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return False
    text = str(value)
    return 0 < len(text) <= 80 and text.split() == [text]


class NamedRecord(msgspec.Struct, frozen=True):
    """A record inside a result, with its id."""

    id: str
    record: JsonObject
    own: bool
    """The id is the record's own (`id`, or its key in a map of records), not a reference."""


def find_records(data: JsonValue, ids: Container[str], name: str = "") -> Iterator[NamedRecord]:
    """Yield every record in a result with one of the ids, outer ones first.

    In a map of records (`{"911": {…}, "912": {…}}`) the key is the id. A record without a name gets
    that of the surrounding one.
    """
    if isinstance(data, list):
        for item in data:
            if isinstance(item, dict | list):
                yield from find_records(item, ids, name)
        return
    if not isinstance(data, dict):
        return
    own = data.get("name") or data.get("title")
    label = own if isinstance(own, str) else name
    # Most records contain none of the ids, so their own id is not needed.
    named = any(isinstance(v, str | int) and str(v) in ids for v in data.values())
    if named and (key := record_id(data)) in ids:
        shown = data if own or not label else {"name": label, **data}
        yield NamedRecord(key, shown, own=_can_name(data.get("id")))
    for key, value in data.items():
        if isinstance(value, dict):
            if key in ids:
                shown = value if "name" in value or not label else {"name": label, **value}
                yield NamedRecord(key, shown, own=True)
            yield from find_records(value, ids, label)
        elif isinstance(value, list):
            yield from find_records(value, ids, label)


def mentioned_ids(data: JsonValue) -> Iterator[str]:
    """Yield every id-like scalar of a value, keys of maps of records included."""
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, dict) and is_id(key):
                yield key
            yield from mentioned_ids(value)
    elif isinstance(data, list):
        for item in data:
            yield from mentioned_ids(item)
    elif is_id(data):
        yield str(data)


def listed_ids(data: JsonValue) -> Iterator[tuple[str, str]]:
    """Yield `(field, id)` for each list of ids in a result: records named but not shown."""
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, list) and _are_ids(value):
                yield from ((key, str(item)) for item in value)
            else:
                yield from listed_ids(value)
    elif isinstance(data, list):
        for item in data:
            yield from listed_ids(item)


def changes(
    before: JsonValue, after: JsonValue, path: str = "", *, nulls: bool = False
) -> list[FieldChange]:
    """Return the differing fields; items of a list are matched by id, else by position.

    A null is the same as no field, unless `nulls` says that it counts: `{"*": null}` mutes a
    monitor for ever.
    """
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [*before, *(key for key in after if key not in before)]
        found = []
        for key in keys:
            at = f"{path}.{key}" if path else key
            old, new = before.get(key), after.get(key)
            if nulls and old is new is None and (key in before) is not (key in after):
                found.append(
                    FieldChange(at, *(None if key in r else _ABSENT for r in (before, after)))
                )
            else:
                found += changes(old, new, at, nulls=nulls)
        return found
    if isinstance(before, list) and isinstance(after, list):
        return _list_changes(before, after, path)
    return [FieldChange(path, before, after)]


def _list_changes(before: list[JsonValue], after: list[JsonValue], path: str) -> list[FieldChange]:
    old = {_item_key(item, i): item for i, item in enumerate(before)}
    new = {_item_key(item, i): item for i, item in enumerate(after)}
    unique = len(old) == len(before) and len(new) == len(after)
    named = unique and not any(key.isdigit() and len(key) < 4 for key in (*old, *new))
    if not named and len(before) != len(after):
        return _gone_and_come(before, after, path)
    if not unique:
        old = {str(i): item for i, item in enumerate(before)}
        new = {str(i): item for i, item in enumerate(after)}
    found = []
    for key in [*old, *(key for key in new if key not in old)]:
        at = f"{path}[{key}]"
        if key not in new:
            found.append(FieldChange(at, old[key], None))
        elif key not in old:
            found.append(FieldChange(at, None, new[key]))
        else:
            found.extend(changes(old[key], new[key], at))
    return found


def _gone_and_come(before: list[JsonValue], after: list[JsonValue], path: str) -> list[FieldChange]:
    """Compare lists of unnamed items by value: removed and added ones."""
    left = list(after)
    gone = []
    for place, item in enumerate(before):
        if item in left:
            left.remove(item)
        else:
            gone.append(FieldChange(f"{path}[{place}]", item, None))
    come = [FieldChange(f"{path}[{after.index(item)}]", None, item) for item in left]
    return gone + come


def _item_key(item: JsonValue, position: int) -> str:
    if isinstance(item, dict):
        return record_id(item) or str(position)
    return str(item) if is_id(item) else str(position)
