"""The middleware in real apps: what the browser's header makes of the spans, by framework.

`make sdk` installs ddtrace, the frameworks and the local test agent, and runs this.
"""

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.backends.test_lapdog import DEFAULT, agent
from tests.conftest import ROOT

__all__ = ["agent"]
pytestmark = pytest.mark.slow
Spans = dict[str, dict[str, Any]]
IDS = "session.id=rum-1,user.id=u-42,account.id=acct-7"
TRACE = {
    "x-datadog-origin": "rum",
    "x-datadog-parent-id": "123456789",
    "x-datadog-sampling-priority": "1",
}
"""What the RUM browser SDK sends beside the baggage; each request has a trace id of its own."""
RUM = {
    "session_id": "rum-1",
    "rum.session_id": "rum-1",
    "usr.id": "u-42",
    "usr.account_id": "acct-7",
}
TOGETHER = 50
REQUESTS: dict[str, str | None] = {
    "plain": IDS,
    "own_session": IDS,
    "deep_session": IDS,
    "own_user": IDS,
    "own_context": IDS,
    "two_roots": IDS,
    "in_thread": IDS,
    "streamed": IDS,
    "conversation/own": "session.id=rum-own",
    "conversation/rum": "session.id=rum-1,user.id=u-42",
    "plain/partial": "user.id=u-42",
    "plain/others": f"{IDS},secret=s,email=a%40example.com",
    "plain/escaped": "session.id=rum%201,user.id=ana%40example.com",
    "plain/none": None,
    "plain/malformed": "session.id",
    "plain/empty": "session.id=",
    "plain/long": f"session.id={'x' * 201},user.id=u-42",
    "plain/control": "session.id=a%00b%0A,user.id=u-42",
    **{f"together/{n}": f"session.id=rum-{n},user.id=u-{n}" for n in range(TOGETHER)},
}
"""Path to the baggage header."""


def sdk_python() -> Path:
    return Path(os.environ.get("SESSION_CLASSIFY_SDK", DEFAULT))


def run_sdk(agent: str, *words: str, given: str = "") -> str:
    """Run a module of the tests in the SDK's Python and return what it prints."""
    done = subprocess.run(
        [sdk_python(), "-m", *words],
        env={
            **os.environ,
            "DD_TRACE_AGENT_URL": agent,
            "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "0",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}",
        },
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


def spans_of(agent: str, ml_app: str) -> Spans:
    """Return what the test agent holds of an app, by the name of the span."""
    url = f"{agent}/api/unstable/llm-obs-query-rewriter/list?type=llmobs"
    asked = {"list": {"limit": 1_000, "search": {"query": f"@ml_app:{ml_app}"}}}
    request = urllib.request.Request(url, json.dumps(asked).encode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        events = json.load(answer)["result"]["events"]
    spans = [event["event"]["custom"] for event in events]
    assert len({span["name"] for span in spans}) == len(spans)
    return {span["name"]: span for span in spans}


def ids(span: dict[str, Any]) -> dict[str, str]:
    """Return the ids on a span: its tags, and its session, which must be the tag of that name."""
    tags = dict(tag.split(":", 1) for tag in span["tags"])
    assert (span.get("session_id") or None) == tags.get("session_id")
    return {key: tags[key] for key in RUM if key in tags}


@pytest.fixture(
    scope="module",
    params=["asgi-none", "asgi-inside", "asgi-outside", "wsgi-none", "wsgi-inside", "wsgi-outside"],
)
def spans(request: pytest.FixtureRequest, agent: str) -> Spans:
    """Let an app answer all requests, and return its spans."""
    kind, _, place = request.param.partition("-")
    asked = [
        (path, {**TRACE, "x-datadog-trace-id": str(9_000 + number), **_header(baggage)})
        for number, (path, baggage) in enumerate(REQUESTS.items())
    ]
    words = ("tests.instrument.apps", kind, place, request.param)
    printed = run_sdk(agent, *words, given=json.dumps(asked))
    assert json.loads(printed) == [200] * len(asked)
    return spans_of(agent, request.param)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    """Return the place of the middleware in the app of this case."""
    return str(request.node.callspec.params["spans"]).partition("-")[2]


def _header(baggage: str | None) -> dict[str, str]:
    return {} if baggage is None else {"baggage": baggage}


@pytest.mark.parametrize("name", ["plain", "plain/llm", "plain/tool"])
def test_every_span_of_a_request_gets_the_ids(spans: Spans, name: str) -> None:
    """Root, model call and tool have the session, the user and the account."""
    assert ids(spans[name]) == RUM


@pytest.mark.parametrize("name", ["own_session", "own_session/step", "own_session/llm"])
def test_a_session_of_the_app_wins_and_is_inherited(spans: Spans, name: str) -> None:
    """The children of a span with a session have it, too; the RUM session keeps its own tag."""
    assert ids(spans[name]) == {**RUM, "session_id": "own"}


def test_a_session_on_a_child_counts_below_it(spans: Spans) -> None:
    """The root keeps the RUM session."""
    names = ("deep_session", "deep_session/sub", "deep_session/tool")

    assert [ids(spans[name])["session_id"] for name in names] == ["rum-1", "own", "own"]


@pytest.mark.parametrize("name", ["own_user", "own_context", "own_context/tool"])
def test_a_user_of_the_app_wins(spans: Spans, name: str) -> None:
    """Whether it is annotated on the span or on a block of spans."""
    assert ids(spans[name]) == {**RUM, "usr.id": "own-user"}


@pytest.mark.parametrize("name", ["two_roots/1", "two_roots/2", "streamed", "streamed/tool"])
def test_later_spans_get_the_ids(spans: Spans, name: str) -> None:
    """A second trace of the request, and a response that is still being sent."""
    assert ids(spans[name]) == RUM


def test_a_span_in_a_thread_keeps_the_session(spans: Spans, place: str) -> None:
    """A pool's thread gets user and account with the trace, which a traced framework reads."""
    expected = {"session_id": "rum-1"} if place == "none" else RUM

    assert ids(spans["in_thread/tool"]) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain/partial", {"usr.id": "u-42"}),
        ("plain/others", RUM),
        ("plain/none", {}),
        ("plain/malformed", {}),
        ("plain/empty", {}),
        ("plain/long", {"usr.id": "u-42"}),
        ("plain/control", {"usr.id": "u-42"}),
        (
            "plain/escaped",
            {
                "session_id": "rum 1",
                "rum.session_id": "rum 1",
                "usr.id": "ana@example.com",
            },
        ),
    ],
)
def test_only_what_is_present_is_tagged(spans: Spans, name: str, expected: dict[str, str]) -> None:
    """No other key, nothing for what is no id, and nothing without a header."""
    span = spans[name]

    assert ids(span) == expected
    assert not [tag for tag in span["tags"] if tag.startswith(("secret", "email"))]


def test_concurrent_requests_do_not_mix(spans: Spans) -> None:
    """Fifty requests that are answered at once have the ids of their own header."""
    found = {
        (number, name): ids(spans[f"together/{number}{name}"])
        for number in range(TOGETHER)
        for name in ("", "/llm", "/tool")
    }

    assert found == {
        (number, name): {
            "session_id": f"rum-{number}",
            "rum.session_id": f"rum-{number}",
            "usr.id": f"u-{number}",
        }
        for number, name in found
    }


def test_a_tracer_that_tags_itself_is_left_alone(agent: str) -> None:
    """The released one is helped; one that knows the tags, or lacks the place for it, is not."""
    found = json.loads(run_sdk(agent, "tests.instrument.itself"))

    assert found == {
        "released": [True, 1, []],
        "in its code": [False, 0, []],
        "in its constants": [False, 0, []],
        "in a table": [False, 0, []],
        "in a function of a module": [False, 0, []],
        "without the list": [False, 0, ["this ddtrace has no list of span process"]],
    }


@pytest.mark.parametrize("style", ["datadog,tracecontext,baggage", "datadog"])
def test_nothing_is_remembered_after_a_request(
    agent: str, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    """Once the response is closed, or the app failed; WebSockets count as requests.

    The header is read whatever the tracer's propagation styles are.
    """
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE", style)
    found = json.loads(run_sdk(agent, "tests.instrument.closing"))

    told = {"session.id": "rum-1"}
    assert found == {
        "wsgi": [told, ["done"], told, {}],
        "wsgi fails": [told, {}],
        "http": [told, {}],
        "http fails": [told, {}],
        "websocket": [told, {}],
        "lifespan": [{}, {}],
    }
