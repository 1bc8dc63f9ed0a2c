"""The messages of a model span in the shapes of other SDKs, and back.

Sources: `references/sources/messages.md#openai-chat` and `#anthropic-messages`.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from session_classify.probing.rows import Rows, messages, messages_of

Message = dict[str, Any]


def reshaped(rows: Rows, shape: str) -> Rows:
    """Return rows whose messages have another shape, one of `SHAPES`; nothing else differs."""
    rows = deepcopy(rows)
    for row in rows:
        for side in ("input", "output"):
            given = messages_of(row, side)
            given[:] = [made for message in given for made in SHAPES[shape](message)]
    return rows


def can_reshape(rows: Rows) -> bool:
    """Return whether all messages have the shape of exports, with an id on each call and result."""
    return all(
        isinstance(message.get("role"), str)
        and isinstance(message.get("content") or "", str)
        and all(one.get("tool_id") for one in message.get("tool_calls") or ())
        and all(
            one.get("tool_id") and isinstance(one.get("result"), str)
            for one in message.get("tool_results") or ()
        )
        for message in messages(rows)
    )


def _as_chat(message: Message) -> list[Message]:
    """Return a message as OpenAI chat completions write it: a message for each result."""
    if results := message.get("tool_results"):
        made = [
            {"role": "tool", "tool_call_id": one["tool_id"], "name": one["name"],
             "content": one["result"]}
            for one in results
        ]  # fmt: skip
        text = message.get("content")
        return [*made, {"role": "user", "content": text}] if text else made
    told = {"role": message["role"], "content": message.get("content")}
    if calls := message.get("tool_calls"):
        told["content"] = message.get("content") or None
        told["tool_calls"] = [
            {"id": one["tool_id"], "type": "function",
             "function": {"name": one["name"], "arguments": json.dumps(one["arguments"])}}
            for one in calls
        ]  # fmt: skip
    return [told]


def _as_blocks(message: Message) -> list[Message]:
    """Return a message as Anthropic's API writes it: its content is a list of blocks."""
    text = message.get("content")
    blocks: list[Message] = [{"type": "text", "text": text}] if text else []
    blocks += [
        {"type": "tool_use", "id": one["tool_id"], "name": one["name"], "input": one["arguments"]}
        for one in message.get("tool_calls") or ()
    ]
    results = message.get("tool_results") or ()
    blocks += [
        {"type": "tool_result", "tool_use_id": one["tool_id"], "name": one["name"],
         "content": [{"type": "text", "text": one["result"]}]}
        for one in results
    ]  # fmt: skip
    return [{"role": "user" if results else message["role"], "content": blocks or ""}]


SHAPES: dict[str, Callable[[Message], list[Message]]] = {
    "OpenAI chat": _as_chat,
    "Anthropic blocks": _as_blocks,
}
"""By name, what a message becomes."""


def plain_message(message: Message) -> Message:
    """Return a message of any of the shapes as exports have it, without what says nothing."""
    calls = [_call(one) for one in message.get("tool_calls") or ()]
    results = [
        {"name": one["name"], "tool_id": one.get("tool_id"), "result": one["result"]}
        for one in message.get("tool_results") or ()
    ]
    content, texts = message.get("content"), []
    for block in content if isinstance(content, list) else ():
        if block["type"] == "text":
            texts.append(block["text"])
        elif block["type"] == "tool_use":
            calls.append(
                {"name": block["name"], "tool_id": block["id"], "arguments": block["input"]}
            )
        else:
            told = {"name": block["name"], "tool_id": block["tool_use_id"]}
            results.append({**told, "result": block["content"][0]["text"]})
    text = "".join(texts) if isinstance(content, list) else content or ""
    if "tool_call_id" in message:
        told = {"name": message["name"], "tool_id": message["tool_call_id"]}
        results, text = [{**told, "result": text}], ""
    parts = {"content": text, "tool_calls": calls, "tool_results": results}
    role = "tool" if results else message["role"]
    return {"role": role, **{name: part for name, part in parts.items() if part}}


def _call(call: Message) -> Message:
    if "function" in call:
        made = call["function"]
        arguments = json.loads(made["arguments"])
        return {"name": made["name"], "tool_id": call["id"], "arguments": arguments}
    return {name: call.get(name) for name in ("name", "tool_id", "arguments")}
