"""Tell the type of a part of a message, by its own word or by the key under which it stands."""

from session_classify.model import JsonValue
from session_classify.wire.messages.block_types import (
    BESIDE_ONE_KEY,
    BLOCK_TYPES,
    ONE_KEY,
    BlockType,
    Kind,
    known_type,
    plain,
)

Fields = dict[str, JsonValue]
"""An object by the plain names of its keys; of two alike the first."""

TYPE_KEYS = ("partkind", "type", "kind")
_IDS = ("toolid", "toolcallid", "callid", "tooluseid")


def fields_of(value: dict[str, JsonValue]) -> Fields:
    """Return an object by the plain names of its keys."""
    found: Fields = {}
    for key, item in value.items():
        found.setdefault(plain(key), item)
    return found


def block_type(value: JsonValue) -> tuple[BlockType, Fields] | None:
    """Return the type of a part and its fields; None for what is no part of a known type."""
    if not isinstance(value, dict):
        return None
    fields = fields_of(value)
    named = next((fields[key] for key in TYPE_KEYS if isinstance(fields.get(key), str)), "")
    if set(fields) == {"messagecontent"}:
        return block_type(fields["messagecontent"])
    kind = known_type(named) if named else None
    if kind is not None:
        return kind, fields
    if named.startswith("tool-") and "toolcallid" in fields:
        name = named.removeprefix("tool-")
        return BLOCK_TYPES["dynamictool"], {**fields, "name": name}
    if not named and (found := part_by_key(fields)):
        return found
    if not named and isinstance(fields.get("text"), str):
        thought = fields.get("thought") is True
        return BLOCK_TYPES["reasoning" if thought else "text"], fields
    return None


def part_by_key(fields: Fields) -> tuple[BlockType, Fields] | None:
    """Return the part that stands under the key of its type, as in Bedrock and Gemini."""
    keys = [key for key, value in fields.items() if key in ONE_KEY and value is not None]
    if len(keys) != 1 or set(fields) - {keys[0]} - BESIDE_ONE_KEY:
        return None
    inner = fields[keys[0]]
    row = BLOCK_TYPES[keys[0]]
    if row.kind is Kind.DATA:
        return row, {"value": inner}
    return (row, fields_of(inner)) if isinstance(inner, dict) else None


def tool_id_of(fields: Fields, *, own: bool = True) -> str:
    """Return the id by which a call and its result are joined; with `own` an item's own id, too."""
    return first_text(fields, (*_IDS, "id") if own else _IDS)


def first_text(fields: Fields, keys: tuple[str, ...]) -> str:
    """Return the first of these fields that is filled, as text."""
    return next((str(fields[key]) for key in keys if fields.get(key)), "")
