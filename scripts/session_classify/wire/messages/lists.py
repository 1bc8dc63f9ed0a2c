"""Lists of messages where they are not under `messages`: in a value, in its text, in metadata."""

from collections import defaultdict
from collections.abc import Mapping

from session_classify.jsontext import parsed
from session_classify.model import JsonValue
from session_classify.wire.messages.decode import is_message

_LISTS = ("messages", "contents", "input", "output", "choices", "candidates", "generations")
"""Keys of a request or a response that hold the messages: references/sources/messages.md#lists."""
_SYSTEM = ("system", "system_instruction", "systemInstruction", "instructions")
INPUT_KEYS = ("gen_ai.input.messages", "llm.input_messages", "gen_ai.prompt", "ai.prompt.messages")
OUTPUT_KEYS = ("gen_ai.output.messages", "llm.output_messages", "gen_ai.completion")
"""Attributes of a span that hold them, whole, as text, or one attribute for each field."""
_SYSTEM_KEYS = ("gen_ai.system_instructions",)


def listed_messages(value: JsonValue) -> list[JsonValue]:
    """Return the messages that a value is a list of, or a request or response with such a list.

    Empty where it is anything else: a text, a record, a list of which one entry is no message.
    """
    found = parsed(value)
    if isinstance(found, list):
        if len(found) == 1 and isinstance(found[0], list) and not is_message(found[0]):
            return listed_messages(found[0])
        return found if found and all(map(_is_entry, found)) else []
    if not isinstance(found, dict):
        return []
    if is_message(found):
        return [found]
    for key in _LISTS:
        if isinstance(inner := found.get(key), list | dict) and (listed := listed_messages(inner)):
            system = next((found[name] for name in _SYSTEM if found.get(name)), None)
            return [*_system(system), *listed]
    return []


def messages_in_metadata(metadata: Mapping[str, JsonValue], *, output: bool) -> list[JsonValue]:
    """Return the messages that the attributes of a span hold; empty where they hold none."""
    keys = OUTPUT_KEYS if output else INPUT_KEYS
    if not any(key.startswith(("gen_ai", "llm.", "ai.")) for key in metadata):
        return []
    system = next((metadata[key] for key in _SYSTEM_KEYS if metadata.get(key)), None)
    for key in keys:
        found = listed_messages(metadata.get(key)) or listed_messages(_gathered(metadata, key))
        if found:
            return [*(_system(system) if not output else []), *found]
    return _vercel_answer(metadata) if output else []


def _is_entry(value: JsonValue) -> bool:
    """Tell whether a value is a message, or a Gemini content of which the role is left out."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return is_message(value) or (isinstance(value, dict) and isinstance(value.get("parts"), list))


def _system(value: JsonValue) -> list[JsonValue]:
    """Return the system prompt of a request as a message; its parts may be in a text, too."""
    if value is None:
        return []
    content = parsed(value)
    if isinstance(content, dict) and "parts" in content:
        content = content["parts"]
    return [{"role": "system", "content": content}]


def _gathered(metadata: Mapping[str, JsonValue], prefix: str) -> list[JsonValue]:
    """Put a list together of which each field is an attribute: `gen_ai.prompt.0.role`."""
    rows: dict[int, dict[str, JsonValue]] = defaultdict(dict)
    for key, value in metadata.items():
        number, _, rest = key.removeprefix(f"{prefix}.").partition(".")
        if key.startswith(f"{prefix}.") and number.isdecimal() and len(number) < 6 and rest:
            _set(rows[int(number)], rest.removeprefix("message.").split("."), value)
    return [_lists(rows[number]) for number in sorted(rows)]


def _set(row: dict[str, JsonValue], path: list[str], value: JsonValue) -> None:
    for step in path[:-1][:12]:
        inner = row.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        row = inner
    row[path[-1]] = value


def _lists(value: JsonValue) -> JsonValue:
    """Make lists of the objects whose keys are numbers."""
    if not isinstance(value, dict):
        return value
    made = {key: _lists(item) for key, item in value.items()}
    if made and all(key.isdecimal() for key in made):
        return [made[key] for key in sorted(made, key=lambda key: int(key[:9]))]
    inner = [made[key] for key in ("message", "message_content", "tool_call") if key in made]
    return {**made, **inner[0]} if len(inner) == 1 and isinstance(inner[0], dict) else made


def _vercel_answer(metadata: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Return the answer that the Vercel AI SDK records in attributes of its own."""
    text, calls = metadata.get("ai.response.text"), metadata.get("ai.response.toolCalls")
    if not (text or calls):
        return []
    return [{"role": "assistant", "content": text or "", "tool_calls": parsed(calls)}]
