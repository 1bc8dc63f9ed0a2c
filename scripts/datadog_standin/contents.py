"""Answers of `span-content` and `get-agent-loop`: messages and tool results."""

import json
from typing import Any

from datadog_standin.answers import one_span
from datadog_standin.bodies import Body, RequestError, count_of, text_of
from datadog_standin.bundles import Row
from datadog_standin.nodes import FIELDS, as_text, content, error, messages
from datadog_standin.recording import RecordedSpan, Recording

_CHARACTERS = 4
"""Characters per token, for `max_tokens` and `total_tokens_approx`."""


def span_content(recording: Recording, body: Body, now: int) -> Row:
    """Answer `span-content`: one field of a span as text.

    `total_tokens_approx` counts the whole field. `max_tokens` cuts the text, also in the middle of
    JSON; `path` is applied to the rest. Source: `references/sources/spans.md#span-content`.
    """
    field = text_of(body, "field", needed=True)
    if field not in FIELDS:
        raise RequestError(400, f"field must be one of {', '.join(FIELDS)}")
    text_of(body, "span_id", needed=True)
    span, _ = one_span(recording, body, now)
    found = content(span, field) if span else None
    whole = "{}" if span and field == "metadata" and found is None else as_text(found)
    limit = count_of(body, "max_tokens", 0)
    text = whole[: limit * _CHARACTERS] if limit else whole
    path = text_of(body, "path")
    return {
        "span_id": text_of(body, "span_id"),
        "field": field,
        "content": _picked(text, path) if path else text,
        "total_tokens_approx": -(-len(whole) // _CHARACTERS),
    }


def get_agent_loop(recording: Recording, body: Body, now: int) -> Row:
    """Answer `get-agent-loop` in the shape that clients persisted: without ids.

    Only LLM spans directly below the span count: with a workflow span between them the loop is
    empty. `max_content_length` cuts each content and each result. Source:
    `references/sources/spans.md#agent-loop`.
    """
    span, spans = one_span(recording, body, now)
    inside = [item for item in spans if span and item.parent_id == span.span_id]
    models = [item for item in inside if item.kind == "llm"]
    if span is None or not models:
        return {"iterations": [], "timeline": None}
    limit = count_of(body, "max_content_length", 0) or None
    callers = {span.span_id, *(model.span_id for model in models)}
    tools = [item for item in spans if item.kind == "tool" and item.parent_id in callers]
    by_id = _metadata(models)
    timeline = [_entry(role, 1, text, limit) for role, text in _requests(span, models[0])]
    iterations = []
    for number, model in enumerate(models, start=1):
        text = _response(model)
        timeline.append(_entry("assistant", number, text, limit))
        iterations.append(
            _iteration(model, number, text[:limit], _calls(model, tools, by_id, limit))
        )
    final = as_text(content(span, "output"))
    timeline.append({"role": "", "content": final[:limit]})
    return {"iterations": iterations, "timeline": timeline}


def _iteration(model: RecordedSpan, number: int, text: str, calls: list[Row]) -> Row:
    metrics = model.attributes.get("metrics")
    counts = metrics if isinstance(metrics, dict) else {}
    failed = error(model)
    return {
        "iteration": number,
        "status": str(model.attributes.get("status") or "ok"),
        "content": text,
        "tool_calls": calls,
        "error_message": (failed["message"] or failed["type"]) if failed else None,
        **{
            key: counts.get(key) or 0
            for key in ("input_tokens", "output_tokens", "cache_read_input_tokens")
        },
    }


def _entry(role: str, number: int, text: str, limit: int | None) -> Row:
    return {"role": role, "iteration": number, "content": text[:limit]}


def _requests(span: RecordedSpan, model: RecordedSpan) -> list[tuple[str, str]]:
    """Return the system prompt and the last user message of a loop's first LLM call."""
    given = messages(model, "input")
    rules = [
        ("system", text) for item in given if item.get("role") == "system" and (text := _text(item))
    ]
    last: list[tuple[str, str]] = []
    for item in reversed(given):
        if item.get("role") == "user" and _text(item):
            last.append(("user", _text(item)))
        elif last:
            break
    return rules + (last[::-1] or [("user", as_text(content(span, "input")))])


def _response(model: RecordedSpan) -> str:
    texts = [_text(item) for item in messages(model, "output")]
    if not texts:
        return as_text(content(model, "output"))
    return "\n".join(text for text in texts if text)


def _calls(
    model: RecordedSpan, tools: list[RecordedSpan], by_id: dict[str, str], limit: int | None
) -> list[Row]:
    """Return the tool calls of an LLM span; used tool spans are removed from `tools`."""
    made = []
    for message in messages(model, "output"):
        for call in _objects(message, "tool_calls"):
            name, arguments = str(call.get("name") or ""), call.get("arguments")
            span = _tool_span(name, arguments, tools)
            recorded = as_text(content(span, "output")) if span else ""
            result = by_id.get(str(call.get("tool_id") or ""), recorded)
            made.append({"name": name, "arguments": as_text(arguments), "result": result[:limit]})
    return made


def _tool_span(name: str, arguments: Any, tools: list[RecordedSpan]) -> RecordedSpan | None:
    """Remove and return the span of a call: with equal arguments, else the next of that name."""
    named = [span for span in tools if span.name == name]
    asked = _value(arguments)
    found = next((span for span in named if _value(content(span, "input")) == asked), None)
    found = found or next(iter(named), None)
    if found is not None:
        tools.remove(found)
    return found


def _metadata(models: list[RecordedSpan]) -> dict[str, str]:
    """Return the tool results in later LLM calls, by the id of the call."""
    return {
        str(part["tool_id"]): as_text(part.get("result"))
        for model in models
        for message in messages(model, "input")
        for part in _objects(message, "tool_results")
        if part.get("tool_id")
    }


def _objects(message: Row, key: str) -> list[Row]:
    found = message.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(message: Row) -> str:
    return as_text(message.get("content"))


def _picked(text: str, path: str) -> str:
    """Return the result of a JSONPath in a text, as a JSON list; messages may be its root.

    Of a cut list only complete items are left, so a path silently finds other items.
    """
    from jsonpath_ng import exceptions
    from jsonpath_ng.parser import parse  # slow to import, and rarely needed

    try:
        wanted = parse(path)
    except exceptions.JSONPathError as problem:
        raise RequestError(400, f"path is no JSONPath: {path!r}") from problem
    value = _whole_items(text)
    found = wanted.find(value)
    if not found and "messages" in path:
        found = wanted.find({"messages": value})
    return json.dumps([item.value for item in found], ensure_ascii=False)


def _whole_items(text: str) -> Any:
    """Return the JSON value of a text; for a list that is cut, its complete items."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if not text.startswith("["):
            return None
    items: list[Any] = []
    decoder, at = json.JSONDecoder(), 1
    while True:
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return items
        items.append(item)
        at += 2 if text.startswith(", ", at) else 0


def _value(text: Any) -> Any:
    """Return the JSON value of a text, and anything else unchanged."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text
