"""The parts of a message's content: a list, an object, or the JSON of either in a text."""

from session_classify.jsontext import compact_json, parsed
from session_classify.model import JsonValue
from session_classify.wire.messages.block_types import BlockType, Kind
from session_classify.wire.messages.blocks import add_block
from session_classify.wire.messages.detect import TYPE_KEYS, Fields, block_type, tool_id_of
from session_classify.wire.messages.parts import Parts
from session_classify.wire.messages.printed_objects import printed_object

ITEM_KINDS = frozenset({Kind.CALL, Kind.CALL_WITH_RESULT, Kind.REASONING, Kind.RESULT})
"""Kinds of parts that mean something without a message around them."""
CONTENT_KEYS = ("content", "contents", "parts")
_SHOWN = frozenset({Kind.TEXT, Kind.MEDIA})
_MAY_HOLD = {
    "assistant": ITEM_KINDS | _SHOWN,
    "": ITEM_KINDS | _SHOWN,
    "reasoning": frozenset({Kind.REASONING}),
    "user": _SHOWN | {Kind.RESULT},
    "system": frozenset({Kind.TEXT}),
    "tool": frozenset({Kind.RESULT}),
}
"""The parts that a text of each role may be the JSON of. What a person types makes no call."""


def content_blocks(fields: Fields, role: str) -> list[JsonValue]:
    """Return the parts of a message's content; a text that two of its keys hold comes once."""
    found: list[JsonValue] = []
    for key in CONTENT_KEYS:
        blocks = _blocks(fields.get(key), role)
        if found and blocks and _texts(blocks) == _texts(found):
            found = max(found, blocks, key=len)
        else:
            found += blocks
    if not found and isinstance(text := fields.get("text"), str):
        found.append(text)
    return found


def holds_items(blocks: list[JsonValue]) -> bool:
    """Tell whether any part is a call, a result or reasoning."""
    return any((found := block_type(block)) and found[0].kind in ITEM_KINDS for block in blocks)


def _blocks(content: JsonValue, role: str) -> list[JsonValue]:
    if isinstance(content, str):
        content = _opened(content, role)
    if content is None:
        return []
    if isinstance(content, dict) and block_type(content) is None:
        return [compact_json(content)]
    return content if isinstance(content, list) else [content]


def _texts(blocks: list[JsonValue]) -> str:
    parts = Parts()
    for block in blocks:
        add_block(block, parts)
    return "\n".join(parts.texts)


def _opened(text: str, role: str) -> JsonValue:
    """Return the parts that a text is the JSON of, or the object that it prints; else the text."""
    value = parsed(text)
    if isinstance(value, str):
        printed = printed_object(text) if role in ("assistant", "") else None
        return text if printed is None or block_type(printed) is None else printed
    if not value:
        return text
    blocks = value if isinstance(value, list) else [value]
    told = any(_is_told(block_type(block)) for block in blocks)
    return value if told and all(_may_be(block, role) for block in blocks) else text


def _may_be(block: JsonValue, role: str) -> bool:
    found = block_type(block)
    if found is None or found[0].kind not in _MAY_HOLD.get(role, ()):
        return False
    from_outside = role in ("user", "tool") and found[0].kind is Kind.RESULT
    return not from_outside or bool(tool_id_of(found[1]))


def _is_told(found: tuple[BlockType, Fields] | None) -> bool:
    """Tell whether a part names its type; an object with a text may be anything."""
    by_text = found is not None and found[0].kind is Kind.TEXT
    return found is not None and (not by_text or any(key in found[1] for key in TYPE_KEYS))
