"""One app on each framework, instrumented with OpenTelemetry alone: no ddtrace.

`python -m tests.instrument.otel_apps KIND SERVICE < REQUESTS`, where KIND is asgi or wsgi, and
requests are JSON: lists of path and headers. It sends its spans to OTEL_EXPORTER_OTLP_ENDPOINT and
prints the attributes of each by its name.
"""

import asyncio
import json
import socket
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from session_classify.instrument.otel import RumSpanProcessor
from tests.instrument.serving import Stop, serve_asgi, serve_wsgi

TOGETHER = 50
"""Requests of path `/together/…` wait until there are so many."""


def answer(name: str) -> None:
    """Answer a user: the session is the app's for `conversation/own`, else not given."""
    tracer = trace.get_tracer("made-up")
    own = {"gen_ai.conversation.id": "conversation-1"} if name.endswith("own") else {}
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "shop", **own}
    model = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1"}
    asked = _message("user", "Where is parcel P-1?")
    told = _message("assistant", "It is in Lyon.")
    texts = {"gen_ai.input.messages": asked, "gen_ai.output.messages": told}
    with (
        tracer.start_as_current_span(name, attributes={**agent, **texts}),
        tracer.start_as_current_span(f"{name}/step"),
        tracer.start_as_current_span(f"{name}/chat", attributes={**model, **texts}),
    ):
        pass


def _message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


def asgi(own: socket.socket) -> Stop:
    """Serve a Starlette app in a thread."""
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    barrier = asyncio.Barrier(TOGETHER)

    async def answered(request: Request) -> PlainTextResponse:
        name = request.path_params["name"]
        if name.startswith("together"):
            await barrier.wait()
        answer(name)
        return PlainTextResponse("done")

    app = OpenTelemetryMiddleware(Starlette(routes=[Route("/{name:path}", answered)]))
    return serve_asgi(app, own)


def wsgi(own: socket.socket) -> Stop:
    """Serve a Flask app in a thread."""
    import flask
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

    barrier = threading.Barrier(TOGETHER)
    app = flask.Flask("made_up")

    @app.get("/<path:name>")
    def answered(name: str) -> str:
        if name.startswith("together"):
            barrier.wait(60)
        answer(name)
        return "done"

    app.wsgi_app = OpenTelemetryMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    return serve_wsgi(app, own, TOGETHER)


def main(kind: str, service: str) -> None:
    """Serve the app, make the requests, all at once, and send the spans."""
    provider = TracerProvider(resource=Resource({"service.name": service}))
    kept = InMemorySpanExporter()
    provider.add_span_processor(RumSpanProcessor())
    provider.add_span_processor(SimpleSpanProcessor(kept))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    own = socket.create_server(("127.0.0.1", 0), backlog=128)
    stop = {"asgi": asgi, "wsgi": wsgi}[kind](own)
    url = f"http://127.0.0.1:{own.getsockname()[1]}"

    def ask(request: tuple[str, dict[str, str]]) -> None:
        path, headers = request
        made = urllib.request.Request(f"{url}/{path}", headers=headers)
        with urllib.request.urlopen(made, timeout=60) as response:
            response.read()

    with ThreadPoolExecutor(TOGETHER) as pool:
        list(pool.map(ask, json.load(sys.stdin)))
    stop()
    provider.force_flush()
    spans: dict[str, Any] = {
        one.name: dict(one.attributes or {}) for one in kept.get_finished_spans()
    }
    print(json.dumps(spans))


if __name__ == "__main__":
    main(*sys.argv[1:])
