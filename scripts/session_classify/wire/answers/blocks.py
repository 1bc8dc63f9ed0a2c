"""Content blocks of the Model Context Protocol: their texts, whatever kind of block holds them.

Source: references/sources/clients.md#wrappers.
"""

import msgspec


class _Resource(msgspec.Struct):
    text: str | None = None
    blob: str | None = None


class _Block(msgspec.Struct):
    type: str = ""
    text: str | None = None
    blob: str | None = None
    json: msgspec.Raw = msgspec.Raw()
    resource: _Resource | None = None


def texts_of(data: bytes) -> tuple[list[str], list[str]]:
    """Return the texts in an array of blocks, and the types of its blocks, each once.

    A blob is base64, which is opened like any other text. Raises msgspec.DecodeError,
    UnicodeDecodeError or RecursionError for what is no such array.
    """
    blocks = msgspec.json.decode(data, type=list[_Block])
    texts = [text for text in map(_text_of, blocks) if text]
    return texts, sorted({block.type for block in blocks if block.type})


def _text_of(block: _Block) -> str | None:
    if bytes(block.json):
        return bytes(block.json).decode("utf-8", "replace")
    resource = block.resource or _Resource()
    return block.text or block.blob or resource.text or resource.blob
