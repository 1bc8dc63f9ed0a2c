"""The span processor in the real OpenTelemetry SDK, with baggage from a real header."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer, set_span_in_context

from session_classify.instrument.otel import RumSpanProcessor
from tests.conftest import ROOT

IDS = "session.id=rum-1,user.id=u-42,account.id=acct-7"
AI = {"gen_ai.operation.name": "chat"}
RUM = {
    "rum.session_id": "rum-1",
    "usr.id": "u-42",
    "usr.account_id": "acct-7",
}


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(exporter: InMemorySpanExporter) -> Iterator[Tracer]:
    provider = TracerProvider()
    provider.add_span_processor(RumSpanProcessor())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider.get_tracer("made-up")
    provider.shutdown()


def incoming(header: str | None) -> Context:
    return W3CBaggagePropagator().extract({} if header is None else {"baggage": header}, Context())


def attributes(exporter: InMemorySpanExporter) -> dict[str, dict[str, Any]]:
    return {span.name: dict(span.attributes or {}) for span in exporter.get_finished_spans()}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (IDS, RUM),
        ("user.id=u-42", {"usr.id": "u-42"}),
        (f"{IDS},secret=s", RUM),
        ("user.id=ana%40example.com", {"usr.id": "ana@example.com"}),
        (None, {}),
        ("session.id", {}),
        ("session.id=", {}),
        (f"session.id={'x' * 201}", {}),
        ("session.id=a%00", {}),
    ],
)
def test_a_span_gets_what_the_header_has(
    tracer: Tracer, exporter: InMemorySpanExporter, header: str | None, expected: dict[str, str]
) -> None:
    """Only these keys, only what is present, nothing for what is no id; a conversation for AI."""
    tracer.start_span("GET /", incoming(header)).end()
    tracer.start_span("chat", incoming(header), attributes=AI).end()

    found = attributes(exporter)
    assert found["GET /"] == expected
    conversation = {"gen_ai.conversation.id": "rum-1"} if "rum.session_id" in expected else {}
    assert found["chat"] == {**AI, **expected, **conversation}


def test_values_of_the_app_win_at_start_and_later(
    tracer: Tracer, exporter: InMemorySpanExporter
) -> None:
    """Whether a span is started with them or gets them afterwards."""
    own = {"gen_ai.conversation.id": "own"}
    tracer.start_span("start", incoming(IDS), attributes=own).end()
    later = tracer.start_span("later", incoming(IDS))
    later.set_attribute("gen_ai.conversation.id", "own")
    later.end()

    expected = {**RUM, "gen_ai.conversation.id": "own"}
    assert attributes(exporter) == {"start": expected, "later": expected}


@pytest.mark.parametrize("at_start", [True, False])
def test_children_inherit_the_apps_values(
    tracer: Tracer, exporter: InMemorySpanExporter, *, at_start: bool
) -> None:
    """A child of a span with a session of the app has that, over any number of other spans.

    Those would pass for spans of generative AI, if they had it.
    """
    own = {"gen_ai.conversation.id": "own", "usr.id": "own-user"}
    context = incoming(IDS)
    parent = tracer.start_span("agent", context, attributes=own if at_start else None)
    parent.set_attributes(own)
    step = parent
    for name in ("step", "http"):
        step = tracer.start_span(name, set_span_in_context(step, context))
        step.end()
    tracer.start_span("chat", set_span_in_context(step, context), attributes=AI).end()

    found = attributes(exporter)
    assert found["chat"] == {**RUM, **own, **AI}
    assert found["step"] == found["http"] == {**RUM, "usr.id": "own-user"}


def test_concurrent_requests_do_not_mix(tracer: Tracer, exporter: InMemorySpanExporter) -> None:
    """Fifty at once have the ids of their own header."""
    barrier = Barrier(50)

    def request(number: int) -> None:
        context = incoming(f"session.id=rum-{number}")
        span = tracer.start_span(str(number), context)
        barrier.wait(30)
        tracer.start_span(f"{number}/chat", set_span_in_context(span, context)).end()
        span.end()

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(request, range(50)))

    found = attributes(exporter)
    assert len(found) == 100
    assert {name: a["rum.session_id"] for name, a in found.items()} == {
        name: f"rum-{name.partition('/')[0]}" for name in found
    }


@pytest.mark.parametrize("module", ["", ".baggage", ".otel"])
def test_an_app_loads_nothing_else_of_the_package(module: str) -> None:
    """No command line, no other library than the app's own SDK."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); "
        f"import session_classify.instrument{module}; "
        "print(*sorted(n for n in sys.modules if n.startswith(('session_classify', 'click', "
        "'msgspec', 'jinja2', 'yaml', 'jsonpath_ng', 'platformdirs'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )

    names = done.stdout.split()
    assert "session_classify.instrument" in names
    assert [n for n in names if not n.startswith("session_classify.instrument")] == [
        "session_classify"
    ]
