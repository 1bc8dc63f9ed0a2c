"""What a user typed and an assistant said, out of the values that frameworks record."""

from collections.abc import Iterable

from session_classify.jsontext import parsed
from session_classify.masks import is_masked
from session_classify.model import JsonValue
from session_classify.wire.messages.decode import is_message, messages_of
from session_classify.wire.messages.parts import Message
from session_classify.wire.trace.spans import Span

USER_ROLES = ("user", "human")
_LISTS = ("messages", "input", "output", "contents", "chat_history")
"""Keys of a state under which its conversation lies (spans.md#outputs-that-are-no-answer)."""
_ANSWERS = ("output", "answer", "response", "result", "final_answer", "final_output", "reply")
"""Keys of an object under which the words for the user lie."""
_PAUSED = "__interrupt__"
"""The key with which LangGraph hands on that a graph waits for a person."""
_NOTHING: tuple[JsonValue, ...] = (None, "", "None", "null", [], {})
_NO_REQUEST = frozenset({"tool", "retrieval", "embedding"})


def typed_messages(messages: Iterable[Message]) -> list[Message]:
    """Return the messages that a user wrote; results in the user's name are none."""
    return [m for m in messages if m.role in USER_ROLES and m.text.strip() and not m.results]


def conversation(value: JsonValue) -> tuple[Message, ...]:
    """Return the messages in a value: a list of them, or a state that holds one; else none.

    Entries of the list that are no message, such as a bare result of a tool, are passed over.
    """
    found = parsed(value)
    if isinstance(found, dict):
        if is_message(found):
            return messages_of(found)
        return next(filter(None, (conversation(found[k]) for k in _LISTS if k in found)), ())
    if not isinstance(found, list):
        return ()
    if is_message(found):
        return messages_of(found)
    return tuple(m for one in found if is_message(one) for m in messages_of(one))


def is_structure(value: JsonValue) -> bool:
    """Tell whether a value is an object or a list, or the text of one, and no plain text."""
    return isinstance(parsed(value), dict | list)


def answer_in(value: JsonValue) -> str:
    """Return the words for the user in an object; empty where no key tells them."""
    found = parsed(value)
    texts = [found.get(key) for key in _ANSWERS] if isinstance(found, dict) else []
    told = (text for text in texts if isinstance(text, str) and text.strip())
    return next((text for text in told if not is_structure(text) and not is_masked(text)), "")


def is_status(value: JsonValue) -> bool:
    """Tell whether a value is what a framework notes for itself: nothing, or that it waits."""
    found = parsed(value)
    if isinstance(found, dict):
        return _PAUSED in found or all(item in _NOTHING for item in found.values())
    return isinstance(found, list) and not found


def request_of(span: Span) -> str:
    """Return what a user asked of a span; empty for a tool and where nothing readable is there."""
    if span.kind in _NO_REQUEST:
        return ""
    value = span.input.value
    messages = span.input.messages or conversation(value)
    typed = [m.text for m in typed_messages(messages) if not is_masked(m.text)]
    if typed:
        return typed[-1].strip()
    plain = isinstance(value, str) and not is_structure(value) and not is_masked(value)
    return value.strip() if plain else ""
