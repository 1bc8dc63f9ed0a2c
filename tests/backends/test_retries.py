"""Calls that fail, at servers and programs: what is repeated, after how long, and what ends."""

import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from mcp import MCPError
from mcp_types import INTERNAL_ERROR

from datadog_standin import faults
from datadog_standin.faults import Fault, Plan
from datadog_standin.mcp_server import bound, http_app
from datadog_standin.recording import read_recording
from datadog_standin.router import Router, clock
from datadog_standin.server import serving
from session_classify.backends.api import Api
from session_classify.backends.caller import Caller
from session_classify.backends.failures import FailedCallError, Kind, of_status, read_failure
from session_classify.backends.mcp import Mcp
from session_classify.backends.mcp_refusals import Refusals
from session_classify.backends.meter import Meter
from session_classify.backends.pup import Pup
from session_classify.backends.retries import LONGEST_WAIT, asked_wait, with_retries
from session_classify.errors import AuthError, UnreachableError
from session_classify.queries.trace import search
from session_classify.vocabulary import Unit
from tests.backends.conftest import DEMO, STANDIN
from tests.backends.test_live import SESSION_ID

SEARCH = search(Unit.SESSION, SESSION_ID)
NUMBERS = ("trace has 401 spans", "limit must be between 1 and 500", "found 429 rows")
App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def a_fault(status: int, text: str = "", **options: Any) -> Fault:
    return Fault(faults.Kind(str(status)), text=text, **options)


@contextmanager
def answering(app: App) -> Iterator[str]:
    """Serve an app of the MCP server in this process, and give its address."""
    listening = bound(0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = Thread(target=lambda: anyio.run(server.serve, [listening]), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


class Waits(Event):
    """Waits for nothing, and remembers for how long it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Return at once."""
        self.asked.append(timeout or 0)
        return self.is_set()


@contextmanager
def caller(
    name: str, folder: Path, plan: Plan, waits: Waits | None = None, bundle: Path = DEMO
) -> Iterator[Caller]:
    """Give a backend whose server has these faults."""
    waits = waits or Waits()
    recording = read_recording([bundle])
    lag = clock() - recording.newest - 60_000
    if name == "mcp":
        with answering(http_app(Router(recording, plan=plan, lag=lag))) as url:
            yield from closing(an_mcp(url, waits))
        return
    with serving(recording, plan=plan, lag=lag) as server:
        if name == "api":
            yield from closing(Api(server.url, "datadoghq.com", "local", "local", _closed=waits))
            return
        script = folder / "pup"
        command = f'exec "{sys.executable}" -S -E "{STANDIN}" "$@"'
        script.write_text(f"#!/bin/sh\nPUP_MOCK_SERVER={server.url} {command}\n")
        script.chmod(0o755)
        yield from closing(Pup(str(script), "datadoghq.com", _closed=waits))


def an_mcp(url: str, waits: Waits) -> Mcp:
    return Mcp(url, "datadoghq.com", headers={"Authorization": "Bearer local"}, _closed=waits)


def closing(one: Caller) -> Iterator[Caller]:
    try:
        yield one
    finally:
        one.close()


every_backend = pytest.mark.parametrize("backend", ["api", "pup", "mcp"])


@every_backend
@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_in_an_error_is_no_status(tmp_path: Path, backend: str, text: str) -> None:
    """A request that is refused for what it asks is neither repeated nor taken for a login."""
    plan, meter = Plan((a_fault(400, text),)), Meter()
    with caller(backend, tmp_path, plan) as place:
        answer = place.ask(SEARCH, meter)

    assert answer.startswith(b"Error: ")
    assert text.encode() in answer
    assert read_failure(answer).kind is Kind.OTHER
    assert (plan.calls["*"], meter.retries) == (1, 0)


@every_backend
@pytest.mark.parametrize("text", [*NUMBERS, "500 Internal Server Error is what the rule says"])
def test_a_refusal_stays_one_whatever_it_says(tmp_path: Path, backend: str, text: str) -> None:
    """403 is no access, and not repeated, though its text has numbers of its own."""
    said = text if backend != "mcp" else f"API error (status 403): {text}"
    plan = Plan((a_fault(403, said, times=9),))
    with caller(backend, tmp_path, plan) as place, pytest.raises(AuthError, match="403"):
        place.ask(SEARCH, Meter())

    assert plan.calls["*"] == 1


@every_backend
@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_passes_is_called_again(tmp_path: Path, backend: str, status: int) -> None:
    """Once is enough where the second call is answered; the wait is the one that was asked for."""
    plan, meter, waits = Plan((a_fault(status, reset=7),)), Meter(), Waits()
    with caller(backend, tmp_path, plan, waits) as place:
        answer = place.ask(SEARCH, meter)

    assert b"checkout latency" in answer
    assert (plan.calls["*"], meter.retries) == (2, 1)
    # MCP tells the error of a tool in words alone, so it has no reset time.
    assert waits.asked == [7 if status == 429 and backend != "mcp" else 0.5]


@pytest.mark.parametrize("backend", ["api", "pup"])
def test_a_long_limit_ends_the_run_and_says_when(tmp_path: Path, backend: str) -> None:
    """Nobody sleeps for an hour because a server asks for it."""
    plan = Plan((a_fault(429, reset=3_600, times=9),))
    with (
        caller(backend, tmp_path, plan) as place,
        pytest.raises(UnreachableError, match="again in 3600 s"),
    ):
        place.ask(SEARCH, Meter())

    assert plan.calls["*"] == 1


@every_backend
def test_a_limit_that_stays_ends_the_run(tmp_path: Path, backend: str) -> None:
    """Three calls are refused by the rate limit: no later call of this run would fare better."""
    plan, waits = Plan((a_fault(429, reset=0, times=9),)), Waits()
    with (
        caller(backend, tmp_path, plan, waits) as place,
        pytest.raises(UnreachableError, match="lim"),
    ):
        place.ask(SEARCH, Meter())

    assert (plan.calls["*"], waits.asked) == (3, [0.5, 2])


def test_the_api_waits_as_retry_after_says(tmp_path: Path) -> None:
    """A server in front of the API names its wait in the header of RFC 9110."""
    plan, waits = Plan((a_fault(503, retry_after="20", times=2),)), Waits()
    with caller("api", tmp_path, plan, waits) as place:
        place.ask(SEARCH, Meter())

    assert waits.asked == [20, 20]


def refusing(app: App, *refusals: tuple[int, dict[str, str], bytes]) -> App:
    """Return an app that refuses the first tool calls with these statuses, headers and bodies."""
    left = list(refusals)

    async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]

        async def again() -> dict[str, Any]:
            if sent:
                return dict(await receive())
            sent.append(True)
            return {"type": "http.request", "body": body, "more_body": False}

        sent: list[bool] = []
        if b'"tools/call"' not in body or not left:
            await app(scope, again, send)
            return
        status, headers, said = left.pop(0)
        raw = [(key.encode(), value.encode()) for key, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": said})

    return refuse


@contextmanager
def refused_mcp(
    *refusals: tuple[int, dict[str, str], bytes], waits: Waits | None = None
) -> Iterator[Mcp]:
    recording = read_recording([DEMO])
    app = http_app(Router(recording, lag=clock() - recording.newest - 60_000))
    with answering(refusing(app, *refusals)) as url:
        yield from closing(an_mcp(url, waits or Waits()))


@pytest.mark.parametrize("status", [401, 403])
def test_mcp_reads_the_status_of_its_request(status: int) -> None:
    """The client tells no status, and the body says another number."""
    with (
        refused_mcp((status, {}, b"trace has 500 spans")) as place,
        pytest.raises(AuthError, match=str(status)),
    ):
        place.ask(SEARCH, Meter())


def test_mcp_waits_as_its_request_was_told() -> None:
    """The first tool call meets a rate limit with a wait of nine seconds."""
    waits = Waits()
    with refused_mcp((429, {"Retry-After": "9"}, b""), waits=waits) as place:
        answer = place.ask(SEARCH, Meter())

    assert b"checkout latency" in answer
    assert waits.asked == [9]


def test_a_session_that_mcp_forgot_is_no_span_that_is_gone() -> None:
    """404 of the request is about the address, never about what a tool was asked for."""
    with (
        refused_mcp((404, {}, b"Not Found")) as place,
        pytest.raises(UnreachableError, match="does not know this session"),
    ):
        place.ask(SEARCH, Meter())


def test_a_code_of_json_rpc_is_read_before_its_text() -> None:
    """Wrong arguments stay wrong, whatever numbers the message has."""
    said = {"code": -32602, "message": "HTTP 503: trace has 401 spans"}
    body = json.dumps({"jsonrpc": "2.0", "id": None, "error": said}).encode()
    meter = Meter()
    with refused_mcp((400, {"Content-Type": "application/json"}, body)) as place:
        answer = place.ask(SEARCH, meter)

    assert read_failure(answer).kind is Kind.OTHER
    assert meter.retries == 0


def test_a_status_belongs_to_the_request_that_was_refused() -> None:
    """Calls run side by side: neither another call's status nor that of a stream is a call's."""
    refusals = Refusals()

    def refused(method: str, status: int, name: str = "", **arguments: object) -> None:
        sent = {"method": "tools/call", "params": {"name": name, "arguments": arguments}}
        body = sent if name else {"method": "notifications/initialized"}
        request = httpx2.Request(method, "http://127.0.0.1/mcp", json=body)
        anyio.run(refusals.note, httpx2.Response(status, request=request))

    refused("POST", 403, "search", trace_id="a")
    refused("POST", 503, "search", trace_id="b")
    refused("GET", 405)
    error = MCPError(INTERNAL_ERROR, "Server returned an error response")
    found = {
        trace_id: refusals.failed("search", {"trace_id": trace_id}, error, "here")
        for trace_id in ("a", "b", "c")
    }

    kinds = {
        key: one.failure.kind for key, one in found.items() if isinstance(one, FailedCallError)
    }
    assert kinds == {"a": Kind.NO_ACCESS, "b": Kind.PASSING, "c": Kind.OTHER}
    assert refusals.connecting == 0
    refused("POST", 401)
    assert refusals.connecting == 401


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (429 % 256, "Error: failed: x\nRate limit details:\n  reset: 3600\n", "limit"),
        (2, "error: unexpected argument '401 Unauthorized' found\n", Kind.OTHER),
        (2, "error: HTTP 503\n", Kind.OTHER),
        (1, "Error: trace has 401 spans\n", Kind.OTHER),
        (1, "Error: failed to search spans: POST https://x failed (HTTP 404): x\n", Kind.MISSING),
        (1, '{"status": "error", "error_code": 404}', Kind.MISSING),
        (1, "", Kind.OTHER),
    ],
)
def test_pup_tells_by_its_exit_code_first(
    tmp_path: Path, code: int, said: str, kind: Kind | str
) -> None:
    """173 is the rate limit and 2 a wrong flag; only code 1 leaves the message to be read."""
    (tmp_path / "said").write_text(said)
    script = tmp_path / "pup"
    script.write_text(f'#!/bin/sh\ncat "{tmp_path / "said"}" >&2\nexit {code}\n')
    script.chmod(0o755)
    place = Pup(str(script), "datadoghq.com")

    if kind == "limit":
        with pytest.raises(UnreachableError, match="again in 3600 s"):
            place.ask(SEARCH, Meter())
        return
    assert read_failure(place.ask(SEARCH, Meter())).kind is kind


def test_whoever_ends_a_run_does_not_wait_for_its_retries() -> None:
    """No call is made again once the run has ended, and none waits for it."""
    closed, made = Waits(), []

    def limited() -> bytes:
        made.append(True)
        closed.set()
        raise FailedCallError("later", of_status(429), wait=LONGEST_WAIT)

    with pytest.raises(UnreachableError, match="ended before"):
        with_retries(limited, Meter(), closed)
    assert (len(made), closed.asked) == (1, [LONGEST_WAIT])


NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = format_datetime(datetime(2026, 11, 1, 12, 0, 9, tzinfo=UTC), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"Retry-After": LATER}, 9),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0),
        ({"X-RateLimit-Reset": "3"}, 3),
        ({"X-Ratelimit-Reset": str(NOW.timestamp() + 5)}, 5),
        ({"Retry-After": "2", "X-RateLimit-Reset": "30"}, 2),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "30"}, 30),
        ({"X-RateLimit-Reset": "-1"}, 0),
        ({"X-RateLimit-Reset": "nan"}, None),
        ({"X-RateLimit-Reset": "inf"}, None),
        ({"Retry-After": "", "X-RateLimit-Limit": "100"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_from_the_headers(headers: dict[str, str], wait: float | None) -> None:
    """Seconds, a date or an instant; what is none of them asks for no wait."""
    assert asked_wait(headers, NOW.timestamp()) == wait
    # Datadog tells the reset on every response; a server error asks for no wait by it.
    with_reset = {**headers, "X-RateLimit-Reset": "45"}
    after = asked_wait({k: v for k, v in headers.items() if k.lower() == "retry-after"}, 0.0, 500)
    assert asked_wait(with_reset, 0.0, 500) == after


@given(st.dictionaries(st.sampled_from(["Retry-After", "X-RateLimit-Reset"]), st.text()))
def test_any_header_is_a_wait_or_none(headers: dict[str, str]) -> None:
    """No header of a server makes an error or a wait that never ends."""
    wait = asked_wait(headers, NOW.timestamp())

    assert wait is None or 0 <= wait < float("inf")
