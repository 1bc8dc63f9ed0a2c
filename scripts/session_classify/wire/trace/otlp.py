"""OpenTelemetry spans (OTLP) as spans that an SDK sends: GenAI attributes become input and output.

Sources: references/sources/spans.md#opentelemetry.
"""

import json
from collections.abc import Iterator
from typing import Any

from session_classify.jsontext import parsed

_KINDS = {
    "chat": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "embeddings": "embedding",
    "retrieval": "retrieval",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "invoke_workflow": "workflow",
    # OpenInference says the kind itself.
    "LLM": "llm",
    "TOOL": "tool",
    "AGENT": "agent",
    "CHAIN": "workflow",
    "RETRIEVER": "retrieval",
    "EMBEDDING": "embedding",
}
_KIND = ("gen_ai.operation.name", "openinference.span.kind")
_SESSION = ("gen_ai.conversation.id", "session.id", "session_id", "langfuse.session.id")
_USER = ("user.id", "enduser.id")
_RUM = ("rum.session_id", "usr.id", "usr.account_id")
_MODEL = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name")
_TOOL = ("gen_ai.tool.name", "tool.name")
_INPUT = {
    "messages": ("gen_ai.input.messages",),
    "value": ("gen_ai.tool.call.arguments", "input.value", "gen_ai.prompt"),
}
_OUTPUT = {
    "messages": ("gen_ai.output.messages",),
    "value": ("gen_ai.tool.call.result", "output.value", "gen_ai.completion"),
}
_METRICS = {
    "input_tokens": ("gen_ai.usage.input_tokens", "llm.token_count.prompt"),
    "output_tokens": ("gen_ai.usage.output_tokens", "llm.token_count.completion"),
}
_FAILED = (2, "STATUS_CODE_ERROR", "ERROR")


def is_otlp(value: Any) -> bool:
    """Tell an export request of traces."""
    return isinstance(value, dict) and isinstance(value.get("resourceSpans"), list)


def otlp_spans(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the GenAI spans of an export request in its JSON form, as an SDK would send them.

    Spans without an attribute of generative AI hold no content, but may lie between those that do:
    they are yielded too, unless no span of the request is one of those.
    """
    found = [
        (span, _attributes(resource.get("resource")), _all_attributes(span))
        for resource in _dicts(request.get("resourceSpans"))
        for scope in _dicts(resource.get("scopeSpans"))
        for span in _dicts(scope.get("spans"))
    ]
    if not any(_is_ai(attributes) for _, _, attributes in found):
        return
    for span, resource, attributes in found:
        if span.get("spanId") and span.get("traceId"):
            yield _span(span, resource, attributes)


def count_spans(request: dict[str, Any]) -> int:
    """Return how many spans an export request holds."""
    return sum(
        len(_dicts(scope.get("spans")))
        for resource in _dicts(request.get("resourceSpans"))
        for scope in _dicts(resource.get("scopeSpans"))
    )


def _span(
    span: dict[str, Any], resource: dict[str, Any], attributes: dict[str, Any]
) -> dict[str, Any]:
    start = _number(span.get("startTimeUnixNano"))
    kind = _KINDS.get(str(_first(attributes, _KIND) or ""), "")
    failed = isinstance(span.get("status"), dict) and span["status"].get("code") in _FAILED
    service = resource.get("service.name") or ""
    user = _first(attributes, _USER)
    return {
        "span_id": str(span["spanId"]),
        "trace_id": str(span["traceId"]),
        "parent_id": str(span.get("parentSpanId") or "") or "undefined",
        "name": str(_first(attributes, _TOOL) or span.get("name") or ""),
        "start_ns": start,
        "duration": max(_number(span.get("endTimeUnixNano")) - start, 0),
        "status": "error" if failed else "ok",
        "ml_app": str(resource.get("ml_app") or service),
        "session_id": str(_first(attributes, _SESSION) or _first(resource, _SESSION) or ""),
        "tags": ["source:otel", *([f"user_id:{user}"] if user else ()), *_rum_tags(attributes)],
        "metrics": {key: attributes[name] for key, name in _named(attributes)},
        "meta": {
            "span": {"kind": kind or ("llm" if _first(attributes, _MODEL) else "workflow")},
            "model_name": str(_first(attributes, _MODEL) or ""),
            "metadata": _metadata(attributes),
            "input": _side(attributes, _INPUT),
            "output": _side(attributes, _OUTPUT),
            "error": _error(span, attributes) if failed else None,
            "tool_definitions": _list(parsed(attributes.get("gen_ai.tool.definitions"))),
        },
    }


def _rum_tags(attributes: dict[str, Any]) -> list[str]:
    """Return RUM session, user and account: `references/sources/spans.md#rum-baggage`."""
    return [f"{name}:{attributes[name]}" for name in _RUM if attributes.get(name)]


def _side(attributes: dict[str, Any], places: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return one side of a span: its messages, the system's instructions first, or its value."""
    messages = _list(parsed(_first(attributes, places["messages"])))
    system = _list(parsed(attributes.get("gen_ai.system_instructions")))
    if messages and places is _INPUT and system:
        messages = [{"role": "system", "parts": system}, *messages]
    value = _first(attributes, places["value"])
    found = {"messages": messages, "value": value if isinstance(value, str) else _text(value)}
    return {key: one for key, one in found.items() if one}


def _metadata(attributes: dict[str, Any]) -> dict[str, Any]:
    call = attributes.get("gen_ai.tool.call.id") or attributes.get("tool_call.id")
    return {"tool_id": call} if call else {}


def _error(span: dict[str, Any], attributes: dict[str, Any]) -> dict[str, Any]:
    said = span["status"].get("message") or attributes.get("exception.message") or ""
    kind = attributes.get("error.type") or attributes.get("exception.type") or ""
    return {"type": str(kind), "message": str(said)}


def _all_attributes(span: dict[str, Any]) -> dict[str, Any]:
    """Return what a span says of itself, and what its events say: content may be in either."""
    events = [_attributes(event) for event in _dicts(span.get("events"))]
    return {key: value for one in (*events, _attributes(span)) for key, value in one.items()}


def _is_ai(attributes: dict[str, Any]) -> bool:
    return any(key.startswith(("gen_ai.", "openinference.", "llm.")) for key in attributes)


def _attributes(holder: Any) -> dict[str, Any]:
    listed = _dicts(holder.get("attributes")) if isinstance(holder, dict) else []
    return {str(one.get("key")): _value(one.get("value")) for one in listed}


def _value(value: Any) -> Any:
    """Return what an AnyValue holds: a string, number, list or object."""
    if not isinstance(value, dict):
        return None
    if "arrayValue" in value:
        return [_value(one) for one in _dicts(_object(value["arrayValue"]).get("values"))]
    if "kvlistValue" in value:
        return _attributes({"attributes": _object(value["kvlistValue"]).get("values")})
    if "intValue" in value:
        return _number(value["intValue"])
    return next(iter(value.values()), None)


def _named(attributes: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, names in _METRICS.items():
        yield from [(key, name) for name in names if name in attributes][:1]


def _first(attributes: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((attributes[name] for name in names if attributes.get(name)), None)


def _text(value: Any) -> str:
    return "" if value is None else json.dumps(value)


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
