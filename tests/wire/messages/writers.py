"""One conversation, written as the messages of each published shape.

A writer turns what was said, called and answered into a list of messages as its library has them.
Ids are the writer's own, so that nothing but ids may differ between two shapes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Called:
    """A call and the record that the tool answered with."""

    name: str
    arguments: JsonObject
    result: JsonObject


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered in one call: thoughts, a text, calls of tools."""

    thought: str
    text: str
    calls: tuple[Called, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a library writes messages; `results` gets the calls of one answer with their ids."""

    system: Callable[[str], list[Any]]
    user: Callable[[str], list[Any]]
    answer: Callable[[Answer, list[str]], list[Any]]
    results: Callable[[list[tuple[str, Called]]], list[Any]]


def _content(role: str) -> Callable[[str], list[Any]]:
    return lambda text: [{"role": role, "content": text}]


def _filled(message: JsonObject) -> list[Any]:
    """Return the message without empty fields; nothing where it holds no more than a role."""
    kept = {key: value for key, value in message.items() if value not in ("", [], None)}
    return [kept] if set(kept) - {"role", "kind", "type"} else []


def _parts(answer: Answer, thought: JsonObject, text: JsonObject) -> list[Any]:
    """Return the parts for the thought and the text of an answer, those that it has."""
    return [*([thought] if answer.thought else []), *([text] if answer.text else [])]


def _datadog_answer(answer: Answer, ids: list[str]) -> list[Any]:
    calls = [
        {"name": c.name, "arguments": c.arguments, "tool_id": i, "type": "function"}
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    said = {"role": "assistant", "content": answer.text, "tool_calls": calls}
    return [*_filled({"role": "reasoning", "content": answer.thought}), *_filled(said)]


def _datadog_results(calls: list[tuple[str, Called]]) -> list[Any]:
    return [
        {
            "role": "user",
            "tool_results": [
                {"name": c.name, "result": json.dumps(c.result), "tool_id": i, "type": "x"}
            ],
        }
        for i, c in calls
    ]


def _chat_answer(answer: Answer, ids: list[str]) -> list[Any]:
    calls = [
        {
            "id": i,
            "type": "function",
            "function": {"name": c.name, "arguments": json.dumps(c.arguments)},
        }
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    return _filled(
        {
            "role": "assistant",
            "content": answer.text,
            "reasoning_content": answer.thought,
            "tool_calls": calls,
        }
    )


def _chat_results(calls: list[tuple[str, Called]]) -> list[Any]:
    return [{"role": "tool", "tool_call_id": i, "content": json.dumps(c.result)} for i, c in calls]


def _functions_answer(answer: Answer, ids: list[str]) -> list[Any]:  # noqa: ARG001  it has no ids
    """Write each call of the older API as a message of its own: it knew no parallel calls."""
    said = _filled(
        {"role": "assistant", "content": answer.text, "reasoning_content": answer.thought}
    )
    return said + [
        {
            "role": "assistant",
            "content": None,
            "function_call": {"name": c.name, "arguments": json.dumps(c.arguments)},
        }
        for c in answer.calls
    ]


def _functions_results(calls: list[tuple[str, Called]]) -> list[Any]:
    return [{"role": "function", "name": c.name, "content": json.dumps(c.result)} for _, c in calls]


def _responses_message(role: str, kind: str) -> Callable[[str], list[Any]]:
    return lambda text: [
        {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
    ]


def _responses_answer(answer: Answer, ids: list[str]) -> list[Any]:
    thought = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": answer.thought}],
    }
    said = _responses_message("assistant", "output_text")(answer.text) if answer.text else []
    calls = [
        {
            "type": "function_call",
            "id": f"fc_{i}",
            "call_id": i,
            "name": c.name,
            "arguments": json.dumps(c.arguments),
            "status": "completed",
        }
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    return [*([thought] if answer.thought else []), *said, *calls]


def _responses_results(calls: list[tuple[str, Called]]) -> list[Any]:
    return [
        {"type": "function_call_output", "call_id": i, "output": json.dumps(c.result)}
        for i, c in calls
    ]


def _anthropic_answer(answer: Answer, ids: list[str]) -> list[Any]:
    blocks = _parts(
        answer,
        {"type": "thinking", "thinking": answer.thought, "signature": "s"},
        {"type": "text", "text": answer.text},
    )
    blocks += [
        {"type": "tool_use", "id": i, "name": c.name, "input": c.arguments}
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    return [{"role": "assistant", "content": blocks}]


def _anthropic_results(calls: list[tuple[str, Called]]) -> list[Any]:
    blocks = [
        {
            "type": "tool_result",
            "tool_use_id": i,
            "content": [{"type": "text", "text": json.dumps(c.result)}],
        }
        for i, c in calls
    ]
    return [{"role": "user", "content": blocks}]


def _bedrock_answer(answer: Answer, ids: list[str]) -> list[Any]:
    blocks = _parts(
        answer,
        {"reasoningContent": {"reasoningText": {"text": answer.thought}}},
        {"text": answer.text},
    )
    blocks += [
        {"toolUse": {"toolUseId": i, "name": c.name, "input": c.arguments}}
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    return [{"role": "assistant", "content": blocks}]


def _bedrock_results(calls: list[tuple[str, Called]]) -> list[Any]:
    blocks = [
        {"toolResult": {"toolUseId": i, "content": [{"json": c.result}], "status": "success"}}
        for i, c in calls
    ]
    return [{"role": "user", "content": blocks}]


def _gemini_answer(answer: Answer, ids: list[str]) -> list[Any]:  # noqa: ARG001  ids are optional
    parts = _parts(answer, {"text": answer.thought, "thought": True}, {"text": answer.text})
    parts += [{"functionCall": {"name": c.name, "args": c.arguments}} for c in answer.calls]
    return [{"role": "model", "parts": parts}]


def _gemini_results(calls: list[tuple[str, Called]]) -> list[Any]:
    parts = [{"functionResponse": {"name": c.name, "response": c.result}} for _, c in calls]
    return [{"role": "user", "parts": parts}]


def _otel_answer(answer: Answer, ids: list[str]) -> list[Any]:
    parts = _parts(
        answer,
        {"type": "reasoning", "content": answer.thought},
        {"type": "text", "content": answer.text},
    )
    parts += [
        {"type": "tool_call", "id": i, "name": c.name, "arguments": c.arguments}
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    return [{"role": "assistant", "parts": parts, "finish_reason": "stop"}]


def _otel_results(calls: list[tuple[str, Called]]) -> list[Any]:
    return [
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": i, "response": c.result}]}
        for i, c in calls
    ]


def _otel_text(role: str) -> Callable[[str], list[Any]]:
    return lambda text: [{"role": role, "parts": [{"type": "text", "content": text}]}]


def _openinference_answer(answer: Answer, ids: list[str]) -> list[Any]:
    calls = [
        {
            "tool_call.id": i,
            "tool_call.function.name": c.name,
            "tool_call.function.arguments": json.dumps(c.arguments),
        }
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    said = {
        "message.role": "assistant",
        "message.content": answer.text,
        "message.tool_calls": calls,
    }
    thought = {"message.role": "reasoning", "message.content": answer.thought}
    return [*([thought] if answer.thought else []), said]


def _openinference_results(calls: list[tuple[str, Called]]) -> list[Any]:
    return [
        {"message": {"role": "tool", "tool_call_id": i, "content": json.dumps(c.result)}}
        for i, c in calls
    ]


def _vercel_answer(answer: Answer, ids: list[str]) -> list[Any]:
    parts = _parts(
        answer, {"type": "reasoning", "text": answer.thought}, {"type": "text", "text": answer.text}
    )
    parts += [
        {"type": "tool-call", "toolCallId": i, "toolName": c.name, "input": c.arguments}
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    return [{"role": "assistant", "content": parts}]


def _vercel_results(calls: list[tuple[str, Called]]) -> list[Any]:
    parts = [
        {
            "type": "tool-result",
            "toolCallId": i,
            "toolName": c.name,
            "output": {"type": "json", "value": c.result},
        }
        for i, c in calls
    ]
    return [{"role": "tool", "content": parts}]


def _dump(name: str, **kwargs: Any) -> JsonObject:
    return {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", name],
        "kwargs": kwargs,
    }


def _langchain_answer(answer: Answer, ids: list[str]) -> list[Any]:
    calls = [
        {"name": c.name, "args": c.arguments, "id": i, "type": "tool_call"}
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    extra = {"reasoning_content": answer.thought} if answer.thought else {}
    return [_dump("AIMessage", content=answer.text, tool_calls=calls, additional_kwargs=extra)]


def _langchain_results(calls: list[tuple[str, Called]]) -> list[Any]:
    return [
        {"type": "tool", "content": json.dumps(c.result), "tool_call_id": i, "status": "success"}
        for i, c in calls
    ]


def _pydantic_answer(answer: Answer, ids: list[str]) -> list[Any]:
    parts = _parts(
        answer,
        {"part_kind": "thinking", "content": answer.thought},
        {"part_kind": "text", "content": answer.text},
    )
    parts += [
        {"part_kind": "tool-call", "tool_name": c.name, "args": c.arguments, "tool_call_id": i}
        for i, c in zip(ids, answer.calls, strict=True)
    ]
    return [{"kind": "response", "parts": parts}]


def _pydantic_results(calls: list[tuple[str, Called]]) -> list[Any]:
    parts = [
        {
            "part_kind": "tool-return",
            "tool_name": c.name,
            "content": c.result,
            "tool_call_id": i,
            "outcome": "success",
        }
        for i, c in calls
    ]
    return [{"kind": "request", "parts": parts}]


def _pydantic_part(kind: str) -> Callable[[str], list[Any]]:
    return lambda text: [{"kind": "request", "parts": [{"part_kind": kind, "content": text}]}]


def _blocks(role: str) -> Callable[[str], list[Any]]:
    return lambda text: [{"role": role, "content": [{"type": "text", "text": text}]}]


def _keyed(role: str, key: str) -> Callable[[str], list[Any]]:
    return lambda text: [{"role": role, key: [{"text": text}]}]


SHAPES = {
    "datadog": Shape(_content("system"), _content("user"), _datadog_answer, _datadog_results),
    "chat": Shape(_content("system"), _content("user"), _chat_answer, _chat_results),
    "functions": Shape(_content("system"), _content("user"), _functions_answer, _functions_results),
    "responses": Shape(
        _responses_message("system", "input_text"),
        _responses_message("user", "input_text"),
        _responses_answer,
        _responses_results,
    ),
    "anthropic": Shape(_content("system"), _blocks("user"), _anthropic_answer, _anthropic_results),
    "bedrock": Shape(
        _keyed("system", "content"), _keyed("user", "content"), _bedrock_answer, _bedrock_results
    ),
    "gemini": Shape(
        _keyed("system", "parts"), _keyed("user", "parts"), _gemini_answer, _gemini_results
    ),
    "opentelemetry": Shape(_otel_text("system"), _otel_text("user"), _otel_answer, _otel_results),
    "openinference": Shape(
        lambda text: [{"message.role": "system", "message.content": text}],
        lambda text: [{"message": {"role": "user", "content": text}}],
        _openinference_answer,
        _openinference_results,
    ),
    "vercel": Shape(_content("system"), _blocks("user"), _vercel_answer, _vercel_results),
    "langchain": Shape(
        lambda text: [_dump("SystemMessage", content=text)],
        lambda text: [["human", text]],
        _langchain_answer,
        _langchain_results,
    ),
    "pydantic": Shape(
        _pydantic_part("system-prompt"),
        _pydantic_part("user-prompt"),
        _pydantic_answer,
        _pydantic_results,
    ),
}
"""Every shape that messages are recorded in: references/sources/messages.md."""
