"""Chat messages in the shapes that model providers and SDKs record them."""

from dataclasses import dataclass

import msgspec

from session_classify.jsontext import compact_json, is_too_deep, parsed
from session_classify.model import JsonValue


@dataclass(frozen=True, slots=True)
class CallPart:
    """A tool call as the model asked for it."""

    name: str
    arguments: JsonValue
    tool_id: str


@dataclass(frozen=True, slots=True)
class ResultPart:
    """A tool result as the model was given it."""

    name: str
    text: str
    tool_id: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: str
    text: str
    calls: tuple[CallPart, ...] = ()
    results: tuple[ResultPart, ...] = ()


class MessageStore:
    """Decodes each distinct message once.

    Every model call repeats the conversation so far, so a session's messages grow with the square
    of its length; equal bytes give the same object here, and a list of messages costs a list of
    references.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Message] = {}

    def decode(self, raw: msgspec.Raw) -> Message:
        """Return the message of one raw JSON value."""
        data = bytes(raw)
        known = self._known.get(data)
        if known is None:
            known = self._known[data] = _read_message(data)
        return known


def _read_message(data: bytes) -> Message:
    """Read the bytes of a message; one that is nested beyond all use is shown as text."""
    try:
        value = msgspec.json.decode(data)
    except RecursionError:
        return Message("", data.decode())
    too_deep = is_too_deep(value, data.count(b"{") + data.count(b"["))
    return message(data.decode() if too_deep else value)


def message(value: JsonValue) -> Message:
    """Read one message: LLM Observability, OpenAI or Anthropic form, or a bare string."""
    if not isinstance(value, dict):
        return Message(role="", text=compact_json(value) if value is not None else "")
    role = str(value.get("role") or "")
    texts: list[str] = []
    calls = [_call(part) for part in _dicts(value.get("tool_calls"))]
    results = [_result(part) for part in _dicts(value.get("tool_results"))]
    if value.get("type") == "function_call":
        calls.append(_call(value))
    if value.get("type") == "function_call_output":
        results.append(_result({**value, "content": value.get("output")}))
    content = value.get("content")
    if isinstance(content, list):
        for block in content:
            _read_block(block, texts, calls, results)
    elif content is not None:
        texts.append(compact_json(content))
    if role == "tool" and not results and texts:
        name, tool_id = str(value.get("name") or ""), _text(value, "tool_call_id")
        results.append(ResultPart(name, "\n".join(texts), tool_id, _is_error(value)))
        texts = []
    return Message(role, "\n".join(text for text in texts if text), tuple(calls), tuple(results))


def _read_block(
    block: JsonValue, texts: list[str], calls: list[CallPart], results: list[ResultPart]
) -> None:
    """Sort one content block into the text, the calls or the results of its message."""
    if not isinstance(block, dict):
        texts.append(compact_json(block))
    elif block.get("type") == "tool_use":
        calls.append(_call(block))
    elif block.get("type") == "tool_result":
        results.append(_result(block))
    elif isinstance(text := block.get("text") or block.get("thinking"), str):
        texts.append(text)
    else:
        texts.append(compact_json(block))


def _call(part: dict[str, JsonValue]) -> CallPart:
    function = part.get("function")
    body = function if isinstance(function, dict) else part
    arguments = body.get("arguments", body.get("input"))
    return CallPart(
        name=str(body.get("name") or ""),
        arguments=parsed(arguments) if arguments is not None else {},
        tool_id=_text(part, "tool_id", "call_id", "id"),
    )


def _result(part: dict[str, JsonValue]) -> ResultPart:
    content = part.get("result", part.get("content"))
    if isinstance(content, list) and all(
        isinstance(block, dict) and isinstance(block.get("text"), str) for block in content
    ):
        content = "\n".join(block["text"] for block in content)
    return ResultPart(
        name=str(part.get("name") or ""),
        text="" if content is None else compact_json(content),
        tool_id=_text(part, "tool_id", "tool_use_id", "call_id", "id"),
        is_error=_is_error(part),
    )


def _is_error(part: dict[str, JsonValue]) -> bool:
    return part.get("is_error") is True or part.get("isError") is True


def _dicts(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _text(part: dict[str, JsonValue], *names: str) -> str:
    for name in names:
        if part.get(name):
            return str(part[name])
    return ""
