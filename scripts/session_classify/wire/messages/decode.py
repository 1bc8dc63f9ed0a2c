"""Chat messages in the shapes that model providers and SDKs record them."""

import msgspec

from session_classify.jsontext import compact_json, is_too_deep, parsed
from session_classify.model import JsonValue
from session_classify.wire.messages.block_types import (
    ROLES,
    TYPES_OF_MESSAGES,
    BlockType,
    Kind,
    plain,
    role_of,
)
from session_classify.wire.messages.blocks import add_block, add_known, result_text
from session_classify.wire.messages.content import ITEM_KINDS, content_blocks, holds_items
from session_classify.wire.messages.detect import Fields, block_type, fields_of
from session_classify.wire.messages.fields import (
    MESSAGE_KEYS,
    add_fields,
    finished,
    unknown_keys,
)
from session_classify.wire.messages.parts import Message, Parts

_SPOKEN = frozenset({Kind.CALL, Kind.CALL_WITH_RESULT})


class MessageStore:
    """Decodes each distinct message once.

    Every model call repeats the conversation so far, so a session's messages grow with the square
    of its length; equal bytes give the same objects here, and a list of messages costs a list of
    references.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Message, ...]] = {}

    def decode(self, raw: msgspec.Raw | bytes) -> tuple[Message, ...]:
        """Return what one raw JSON value holds: a message, or several of different roles."""
        data = bytes(raw)
        known = self._known.get(data)
        if known is None:
            known = self._known[data] = _read_message(data)
        return known

    def decode_value(self, value: JsonValue) -> tuple[Message, ...]:
        """Return what a decoded value holds, the same objects for equal values."""
        return self.decode(msgspec.json.encode(value))


def _read_message(data: bytes) -> tuple[Message, ...]:
    """Read the bytes of a message; one that is nested beyond all use is shown as text."""
    try:
        value = msgspec.json.decode(data)
    except RecursionError:
        return (Message("", data.decode()),)
    if is_too_deep(value, data.count(b"{") + data.count(b"[")):
        return (Message("", data.decode()),)
    return messages_of(value)


def messages_of(value: JsonValue) -> tuple[Message, ...]:
    """Read one entry of a list of messages, in any shape of the table of block types."""
    if isinstance(value, str):
        inner = parsed(value)
        value = inner if is_message(inner) else value
    if isinstance(value, list) and (pair := _pair(value)) is not None:
        value = pair
    if not isinstance(value, dict):
        return (Message("", compact_json(value) if value is not None else ""),)
    role, body = _unwrapped(value)
    found = block_type(value)
    is_item = found is not None and found[0].kind in ITEM_KINDS
    if is_item or not (role or MESSAGE_KEYS.intersection(fields_of(body))):
        return (_item(value, found, role),)
    return _by_role(role, body)


def is_message(value: JsonValue) -> bool:
    """Tell whether a value is one message: it names its role, or is an item of a known type."""
    if isinstance(value, list):
        return _pair(value) is not None
    if not isinstance(value, dict):
        return False
    found = block_type(value)
    return bool(_unwrapped(value)[0]) or (found is not None and found[0].kind in ITEM_KINDS)


def _pair(value: list[JsonValue]) -> dict[str, JsonValue] | None:
    """Return the message of a `[role, text]` or `[text, role]` pair."""
    if len(value) != 2 or not all(isinstance(item, str) for item in value):
        return None
    first, second = (plain(item) in ROLES for item in value)
    if first:
        return {"role": value[0], "content": value[1]}
    return {"role": value[1], "content": value[0]} if second else None


def _unwrapped(value: dict[str, JsonValue]) -> tuple[str, dict[str, JsonValue]]:
    """Return the role and the body of a message, out of what libraries put around it.

    LangChain dumps have it under `kwargs` or `data`, choices and OpenInference under `message`,
    Gemini candidates under `content`.
    """
    fields = fields_of(value)
    body, named = fields.get("kwargs"), fields.get("id")
    if isinstance(body, dict) and "lc" in fields:
        name = str(named[-1]) if isinstance(named, list) and named else ""
        return _role(fields_of(body)) or role_of(name), body
    body, named = fields.get("data"), str(fields.get("type") or "")
    if isinstance(body, dict) and plain(named) in TYPES_OF_MESSAGES:
        return role_of(named), body
    for key in ("message", "content"):
        body = fields.get(key)
        if isinstance(body, dict) and (is_message(body) or isinstance(body.get("parts"), list)):
            around = {name: item for name, item in value.items() if plain(name) != key}
            role, inner = _unwrapped(body)
            return role or _role(fields), {**around, **inner}
    return _role(fields), value


def _role(fields: Fields) -> str:
    if fields.get("role"):
        role = role_of(str(fields["role"]))
        return "reasoning" if role == "assistant" and fields.get("channel") == "analysis" else role
    for key in ("type", "kind"):
        named = fields.get(key)
        if isinstance(named, str) and plain(named) in TYPES_OF_MESSAGES:
            return role_of(named)
    return ""


def _item(value: JsonValue, found: tuple[BlockType, Fields] | None, role: str) -> Message:
    """Return the message that one part is by itself; its kind tells who said it."""
    parts = Parts()
    if found is None:
        add_block(value, parts)
        return parts.message(role)
    add_known(*found, parts)
    by_kind = {Kind.RESULT: "tool", Kind.REASONING: "reasoning"}
    told = "assistant" if found[0].kind in _SPOKEN else by_kind.get(found[0].kind, "")
    return parts.message(role or told)


def _by_role(role: str, body: dict[str, JsonValue]) -> tuple[Message, ...]:
    """Return the messages of an object: one, or one for each role that its parts name."""
    fields = fields_of(body)
    made: list[tuple[str, Parts]] = []

    def parts_of(own: str) -> Parts:
        if not made or made[-1][0] != own:
            made.append((own, Parts()))
        return made[-1][1]

    if isinstance(told := fields.get("instructions"), str):
        parts_of("system").texts.append(told)
    blocks = content_blocks(fields, role)
    if role == "tool" and not holds_items(blocks):
        is_text = all(isinstance(block, str) for block in blocks)
        parts_of(role).texts += blocks if is_text else [result_text(blocks)[0]]
        blocks = []
    for block in blocks:
        found = block_type(block)
        own = found[0].role if found is not None and "partkind" in found[1] else ""
        add_block(block, parts_of(own or role))
    last = made[-1][1] if made and "kind" in fields else parts_of(role)
    add_fields(fields, last)
    last.unknown += unknown_keys(body)
    return tuple(finished(own, parts, fields) for own, parts in made)
