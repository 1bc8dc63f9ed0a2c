"""OpenTelemetry export requests, in JSON and in protobuf, as spans that an SDK sends."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.queries.call import Received
from session_classify.wire.session.sort_answers import read_answers
from session_classify.wire.trace.otlp import otlp_spans
from session_classify.wire.trace.otlp_protobuf import read_protobuf
from tests.situations import load, situations


def recorded(body: bytes, path: str = "/v1/traces") -> bytes:
    """Return a test agent's recording of one request."""
    text = base64.b64encode(body).decode()
    return json.dumps([{"method": "POST", "url": f"http://x{path}", "body": text}]).encode()


@pytest.mark.parametrize("folder", situations("otlp"))
def test_the_spans_of_an_export_request_are_read(folder: Path) -> None:
    """Kinds, names, states, parents, the session, what a tool got and why it failed."""
    situation = load(folder / "situation.yaml")
    expected = situation["expected"]

    request = read_protobuf(base64.b64decode(situation["protobuf"]))
    assert request is not None
    spans = list(otlp_spans(request))

    assert [
        [span["meta"]["span"]["kind"], span["name"], span["status"], span["parent_id"]]
        for span in spans
    ] == expected["spans"]
    assert (spans[0]["ml_app"], spans[0]["session_id"]) == (expected["app"], expected["session"])
    tool = next(span["meta"] for span in spans if span["meta"]["span"]["kind"] == "tool")
    assert tool["input"] == {"value": expected["tool"]["input"]}
    assert tool["error"] == {"type": "", "message": expected["tool"]["error"]}
    assert tool["metadata"] == {"tool_id": expected["tool"]["call"]}
    model = next(span for span in spans if span["meta"]["span"]["kind"] == "llm")
    assert model["meta"]["input"]["messages"][0]["parts"][0]["content"] == expected["asked"]
    assert model["metrics"] == {"input_tokens": expected["tokens"]}


@pytest.mark.parametrize("folder", situations("otlp"))
def test_a_request_is_the_same_however_it_is_kept(folder: Path) -> None:
    """As JSON in a file, as a line of an exporter's log, or recorded in protobuf, also in gzip."""
    situation = load(folder / "situation.yaml")
    body = base64.b64decode(situation["protobuf"])
    text = json.dumps(read_protobuf(body)).encode()
    line = json.dumps({"resourceSpans": [], "note": "a request without spans"}).encode()

    kept = [text, b"\n".join([line, text]), recorded(body), recorded(gzip.compress(body))]
    found = [read_answers([Received("f", data)], "").rows for data in kept]

    assert len(found[0].spans) == len(situation["expected"]["spans"])
    assert all(rows.spans == found[0].spans for rows in found)


def test_what_is_not_read_is_counted_and_named() -> None:
    """Spans of web requests hold no conversation, and a broken body is told by its size."""
    span = {"traceId": "aa", "spanId": "01", "name": "GET /", "attributes": []}
    request = {"resourceSpans": [{"scopeSpans": [{"spans": [span, span]}]}]}

    def notes(data: bytes) -> tuple[str, ...]:
        return read_answers([Received("f", data)], "").notes

    assert notes(json.dumps(request).encode()) == (
        "f: 2 OpenTelemetry spans without gen_ai attributes are not read",
    )
    assert notes(recorded(b"\xff\xff")) == ("f: an OpenTelemetry request of 2 bytes is not read",)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_none(data: bytes) -> None:
    """What is no protobuf is none, and never a traceback."""
    found: Any = read_protobuf(data)

    assert found is None or list(otlp_spans(found)) is not None


def a_request(
    span: dict[str, Any], attributes: dict[str, Any], resource: dict[str, Any]
) -> dict[str, Any]:
    """Return an export request of one span, each attribute as text or a number."""

    def listed(values: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "key": key,
                "value": {"stringValue" if isinstance(value, str) else "intValue": value},
            }
            for key, value in values.items()
        ]

    body = {"spanId": "1", "traceId": "2", "attributes": listed(attributes), **span}
    scopes = [{"spans": [body]}]
    return {"resourceSpans": [{"resource": {"attributes": listed(resource)}, "scopeSpans": scopes}]}


def test_rum_ids_of_a_span_are_tags() -> None:
    """What the span processor of `instrument` sets is read as the SDK's tags are."""
    names = ("rum.session_id", "usr.id", "usr.account_id", "gen_ai.operation.name")
    request = a_request({}, dict.fromkeys(names, "x"), {})

    assert [one["tags"] for one in otlp_spans(request)] == [
        ["source:otel", "rum.session_id:x", "usr.id:x", "usr.account_id:x"]
    ]


def test_each_field_of_a_span_is_read() -> None:
    """As the conventions for generative AI name them."""
    said = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    answered = [{"role": "assistant", "parts": [{"type": "text", "content": "Hello"}]}]
    tools = [{"name": "get_order", "description": "Returns an order."}]
    attributes = {
        "gen_ai.operation.name": "chat", "gen_ai.response.model": "m-2",
        "gen_ai.request.model": "m-1", "gen_ai.conversation.id": "s-1", "user.id": "u-1",
        "gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 4,
        "gen_ai.input.messages": json.dumps(said), "gen_ai.output.messages": json.dumps(answered),
        "gen_ai.tool.definitions": json.dumps(tools), "error.type": "timeout",
    }  # fmt: skip
    span = {
        "name": "chat m-1", "parentSpanId": "3", "startTimeUnixNano": "1795000000000000000",
        "endTimeUnixNano": "1795000000000000250", "status": {"code": 2, "message": "after 30 s"},
    }  # fmt: skip

    (found,) = otlp_spans(a_request(span, attributes, {"service.name": "shop"}))

    assert found == {
        "span_id": "1", "trace_id": "2", "parent_id": "3", "name": "chat m-1",
        "start_ns": 1_795_000_000_000_000_000, "duration": 250, "status": "error",
        "ml_app": "shop", "session_id": "s-1", "tags": ["source:otel", "user_id:u-1"],
        "metrics": {"input_tokens": 3, "output_tokens": 4},
        "meta": {
            "span": {"kind": "llm"}, "model_name": "m-2", "metadata": {},
            "input": {"messages": said}, "output": {"messages": answered},
            "error": {"type": "timeout", "message": "after 30 s"}, "tool_definitions": tools,
        },
    }  # fmt: skip


def test_a_span_without_fields_is_empty() -> None:
    """No name, no times, no session and no model: nothing is made up for them."""
    (found,) = otlp_spans(a_request({}, {"gen_ai.system": "made-up"}, {}))

    assert found == {
        "span_id": "1", "trace_id": "2", "parent_id": "undefined", "name": "", "start_ns": 0,
        "duration": 0, "status": "ok", "ml_app": "", "session_id": "", "tags": ["source:otel"],
        "metrics": {},
        "meta": {
            "span": {"kind": "workflow"}, "model_name": "", "metadata": {}, "input": {},
            "output": {}, "error": None, "tool_definitions": [],
        },
    }  # fmt: skip


def test_what_a_span_does_not_say_its_resource_may() -> None:
    """The app before the service, the session; and a model tells the kind."""
    resource = {"ml_app": "shop", "service.name": "api", "session.id": "s-2"}
    attributes = {"gen_ai.request.model": "m-1", "enduser.id": "u-2"}
    span = {"startTimeUnixNano": "9", "endTimeUnixNano": "4", "status": {"code": 2}}

    (found,) = otlp_spans(a_request(span, attributes, resource))

    assert (found["ml_app"], found["session_id"]) == ("shop", "s-2")
    assert found["tags"] == ["source:otel", "user_id:u-2"]
    assert (found["meta"]["span"]["kind"], found["meta"]["model_name"]) == ("llm", "m-1")
    assert (found["duration"], found["meta"]["error"]) == (0, {"type": "", "message": ""})
