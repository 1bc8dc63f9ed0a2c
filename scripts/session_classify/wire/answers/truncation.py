"""Answers that say of themselves that they are cut (references/sources/completeness.md#pages)."""

import re
from typing import Any

import msgspec

from session_classify.jsontext import UNREADABLE
from session_classify.lazy import lazy_pattern

_FIELDS = ("truncated", "is_truncated")
_METADATA = lazy_pattern(
    r"\A\s*+<METADATA>[^<]{0,2000}?\b(?:is_)?truncated[\"']?\s?[:=]\s?[\"']?true\b", re.IGNORECASE
)


class _Answer(msgspec.Struct):
    metadata: dict[str, Any] | None = None


class _Block(msgspec.Struct):
    text: str = ""


def says_truncated(data: bytes) -> bool:
    """Tell whether an answer, in the envelope it came in, says that there is more.

    That is `metadata.truncated` of pup's agent mode, or a METADATA block of the MCP server before
    or beside the answer. What the content says of itself is content.
    """
    if b"truncated" not in data:
        return False
    head = data.lstrip()[:1]
    try:
        if head == b"{":
            metadata = msgspec.json.decode(data, type=_Answer).metadata or {}
            return any(metadata.get(name) is True for name in _FIELDS)
        if head == b"[":
            blocks = msgspec.json.decode(data, type=list[_Block])
            return any(_METADATA.match(block.text) for block in blocks)
    except UNREADABLE:
        return False
    return bool(_METADATA.match(data[:4000].decode("utf-8", "replace")))
