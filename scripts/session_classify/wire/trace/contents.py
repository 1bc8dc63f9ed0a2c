"""Contents of single spans: the answers of `get_llmobs_span_content`.

Source: `references/sources/spans.md#span-content`.
"""

from collections.abc import Iterable

import msgspec

from session_classify.jsontext import UNREADABLE, parsed, shallow
from session_classify.masks import is_masked
from session_classify.wire.messages.decode import MessageStore, is_message
from session_classify.wire.messages.parts import Message
from session_classify.wire.trace.spans import Content

FIELDS = frozenset({"input", "output", "expected_output", "messages", "documents", "metadata"})


class _Answer(msgspec.Struct):
    span_id: str | int
    field: str
    content: msgspec.Raw = msgspec.Raw(b"null")
    trace_id: str | int | None = None


class ContentField(msgspec.Struct, frozen=True):
    """One field of one span."""

    span_id: str
    field: str
    content: Content
    trace_id: str = ""
    is_cut: bool = False
    """The answer ends in the middle of its JSON: `max_tokens` was too low."""

    @property
    def size(self) -> tuple[bool, int, int]:
        """Tell which of several answers holds more: a whole one, then the longer one."""
        return (
            not self.is_cut,
            len(self.content.messages),
            len(self.content.value) if isinstance(self.content.value, str) else 0,
        )


def best_pieces(pieces: Iterable[ContentField]) -> dict[str, dict[str, ContentField]]:
    """Return the answer that holds most for each field of each span, by span id and field."""
    best: dict[str, dict[str, ContentField]] = {}
    for piece in pieces:
        found = best.setdefault(piece.span_id, {})
        if piece.field not in found or piece.size > found[piece.field].size:
            found[piece.field] = piece
    return best


def read_piece(data: bytes, store: MessageStore, trace_id: str = "") -> ContentField:
    """Read one answer, about a span of the trace `trace_id` where that is known.

    Raises msgspec.DecodeError when it is something else.
    """
    answer = msgspec.json.decode(data, type=_Answer)
    raw = bytes(answer.content)
    text = msgspec.json.decode(raw, type=str) if raw.startswith(b'"') else None
    if answer.field in ("messages", "input", "output"):
        inner = raw if text is None else text.encode("utf-8", "surrogatepass")
        messages = _messages(inner, store)
    else:
        messages = None
    value = shallow(msgspec.json.decode(raw)) if text is None else text
    is_cut = False
    if messages is None and answer.field == "messages":
        # A mask, or a list that was cut: neither can be taken apart.
        messages = (Message("", text),) if text and is_masked(text) else ()
        is_cut = not messages and value not in (None, "", "[]", [])
    if answer.field == "metadata":
        value = parsed(value)
        is_cut = not isinstance(value, dict)
    content = Content(None if messages is not None else value, messages or ())
    return ContentField(
        str(answer.span_id), answer.field, content, str(answer.trace_id or trace_id), is_cut
    )


def _messages(data: bytes, store: MessageStore) -> tuple[Message, ...] | None:
    """Return the messages of a list in any shape that is known; None when it is no such list."""
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
        read = [msgspec.json.decode(item) for item in items]
    except UNREADABLE:
        return None
    if not read or not all(is_message(shallow(item)) for item in read):
        return None
    return tuple(message for item in items for message in store.decode(item))
