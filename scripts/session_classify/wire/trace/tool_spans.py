"""What a tool span tells of its call: arguments and id, in its metadata or around its input."""

from session_classify.jsontext import parsed
from session_classify.masks import is_masked
from session_classify.model import JsonValue
from session_classify.wire.messages.arguments import mended_arguments
from session_classify.wire.messages.block_types import plain
from session_classify.wire.messages.blocks import span_call
from session_classify.wire.messages.detect import fields_of, tool_id_of
from session_classify.wire.messages.parts import CallPart
from session_classify.wire.trace.spans import Span

_IDS = """tool_id tool_call_id tool_use_id toolCallId call_id gen_ai.tool.call.id
ai.toolCall.id""".split()
"""Keys of a span's metadata that hold the id of the call: messages.md#tool-spans."""
_ENVELOPE = frozenset(
    plain(key)
    for key in """name tool_name arguments args input id tool_call_id call_id tool_use_id tool_id
    type index""".split()
)
_AROUND = ("tool_call", "params", "tool_use")
"""Keys under which the call lies among the state of a graph or in a request of MCP."""


def recorded_call(span: Span) -> CallPart:
    """Return name, arguments and id of the call that a tool span ran; the id may be empty.

    An input that is the whole call, `{"name": …, "args": …, "id": …}`, is taken apart: its id and
    name are no arguments.
    """
    value = span.input.value
    is_lost = isinstance(value, str) and is_masked(value)
    value = {} if is_lost else parsed(value)
    call = _enveloped(value, span.name)
    metadata = next((str(span.metadata[key]) for key in _IDS if span.metadata.get(key)), "")
    arguments = mended_arguments(value) if call is None else call.arguments
    tool_id = metadata or (call.tool_id if call else "") or _answered(span)
    return CallPart(span.name, arguments, tool_id)


def _enveloped(value: JsonValue, name: str) -> CallPart | None:
    """Return the call that a value is an envelope of: it says so, or it names the span's tool."""
    if not isinstance(value, dict):
        return None
    for key in _AROUND:
        inner = value.get(key)
        if isinstance(inner, dict) and (call := _enveloped(inner, name)) is not None:
            return call
    call = span_call(value)
    if call is not None:
        return call
    fields = fields_of(value)
    named = fields.get("name", fields.get("toolname"))
    given = next((fields[k] for k in ("arguments", "args", "input") if k in fields), None)
    if not isinstance(named, str) or not named or not name.endswith(named):
        return None
    if not isinstance(given, dict | str) or set(fields) - _ENVELOPE:
        return None
    return CallPart(named, mended_arguments(given), tool_id_of(fields))


def _answered(span: Span) -> str:
    """Return the id in the result message that a span has as its output."""
    value = parsed(span.output.value)
    if isinstance(value, dict) and isinstance(value.get("kwargs"), dict):
        value = value["kwargs"]
    return tool_id_of(fields_of(value), own=False) if isinstance(value, dict) else ""
