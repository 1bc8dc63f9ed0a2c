"""What must hold for any message, however odd."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.wire.messages.arguments import mended_arguments
from session_classify.wire.messages.block_types import BLOCK_TYPES, ROLES
from session_classify.wire.messages.decode import MessageStore, is_message, messages_of
from session_classify.wire.messages.lists import listed_messages, messages_in_metadata

KEYS = """role type part_kind kind content parts contents text message kwargs lc id data tool_calls
function_call tool_results toolUse toolResult functionCall functionResponse name args arguments
input output result error status state call_id tool_use_id value summary thinking reasoning_content
additional_kwargs audio image_parts messages choices candidates json image thought toolInvocation
message_content tool_call function custom""".split()
TYPES = [*BLOCK_TYPES, *ROLES, "tool-getStock", "web_search_tool_result", "hologram"]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(TYPES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
        | inner.map(json.dumps)
    ),
    max_leaves=12,
)


@given(values)
def test_any_value_is_read_as_messages(value: Any) -> None:
    """No value is an error; equal bytes are the same objects, and every role is a word."""
    store = MessageStore()
    data = json.dumps(value).encode()

    found = store.decode(data)

    assert found
    assert all(one is other for one, other in zip(found, store.decode(data), strict=True))
    assert all(isinstance(message.role, str) for message in messages_of(value))


@given(values, st.dictionaries(st.sampled_from(["gen_ai.prompt", "llm.input_messages"]), values))
def test_lists_of_messages_hold_messages(value: Any, metadata: dict[str, Any]) -> None:
    """What is found in a value or in attributes can be read, and nothing else is found."""
    flat = {f"gen_ai.prompt.{n}.{key}": value for n, key in enumerate(KEYS)}

    for listed in (
        listed_messages(value),
        messages_in_metadata(metadata, output=False),
        messages_in_metadata({**metadata, **flat}, output=False),
    ):
        assert all(messages_of(one) for one in listed)


@given(values)
def test_arguments_are_mended_once(value: Any) -> None:
    """Arguments that a stream doubled are the ones it was given; whole ones stay as they are."""
    arguments = {"order": value}
    text = json.dumps(arguments)

    assert mended_arguments(arguments) == arguments
    assert mended_arguments(text + text) == arguments
    assert mended_arguments({"value": "{}" + text}) == arguments


NESTED: dict[str, Callable[[Any], Any]] = {
    "message": lambda inner: {"message": inner, "content": "x"},
    "content": lambda inner: {"role": "user", "content": inner},
    "parts": lambda inner: {"content": {"parts": [inner]}},
    "text": lambda inner: {"type": "text", "text": [inner]},
    "thinking": lambda inner: {"type": "thinking", "thinking": [inner]},
    "value": lambda inner: {"type": "tool_result", "output": {"type": "json", "value": inner}},
    "kwargs": lambda inner: {"lc": 1, "id": ["AIMessage"], "kwargs": inner},
    "more": lambda inner: {"role": "assistant", "additional_kwargs": inner},
    "wrapped": lambda inner: {"message_content": inner},
    "string": lambda inner: {"role": "assistant", "content": json.dumps(inner)[:20_000]},
}


@pytest.mark.parametrize("wrap", NESTED.values(), ids=list(NESTED))
def test_nesting_takes_no_time(wrap: Callable[[Any], Any]) -> None:
    """Each level is looked at once: fifty of them would not end if each were looked at twice."""
    value: Any = {"role": "assistant", "content": "deep"}
    for _ in range(50):
        value = wrap(value)

    assert messages_of(value)
    assert isinstance(is_message(value), bool)
    assert isinstance(listed_messages([value]), list)
