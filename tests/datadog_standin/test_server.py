"""The server as clients meet it: routes, keys, faults, and the verb that starts it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.router import ENDPOINTS
from datadog_standin.server import StandIn, serving
from tests.cli.run import a_bundle, run
from tests.datadog_standin.made_up import AUDIT, NOW, RUM, SPANS, a_recording

KEYS = {"DD-API-KEY": "made-up", "DD-APPLICATION-KEY": "made-up"}
BODIES = {
    "search-spans": {"limit": 2},
    "span-content": {"trace_id": "t1", "span_id": "r1", "field": "input"},
    "span-details": {"trace_id": "t1", "span_ids": ["r1"]},
    "expand-spans": {"trace_id": "t1", "span_ids": ["r1"]},
    "export": {"data": {"type": "spans", "attributes": {"page": {"limit": 2}}}},
    "rum-aggregate": {"compute": [{"aggregation": "count"}]},
}


@contextmanager
def a_server(*faults: Fault, **options: Any) -> Iterator[StandIn]:
    """Serve the made-up session at the time it was made up for."""
    with serving(a_recording(), plan=Plan(faults), now=lambda: NOW, **options) as server:
        yield server


def post(
    server: StandIn,
    endpoint: str,
    body: object = None,
    headers: dict[str, str] | None = None,
    query: str = "",
) -> tuple[int, Any, Any]:
    """Return status, decoded body and headers of an answer."""
    sent = BODIES.get(endpoint, {"trace_id": "t1"}) if body is None else body
    data = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    address = f"{server.url}{ENDPOINTS[endpoint].path}{query}"
    request = Request(address, data, KEYS if headers is None else headers)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read()), answer.headers
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), error.headers


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_is_served(endpoint: str) -> None:
    """With keys and a body that means something each path answers."""
    with a_server() as server:
        status, answer, _ = post(server, endpoint)

    assert status == HTTPStatus.OK
    assert answer


@pytest.mark.parametrize(
    ("endpoint", "headers", "status", "errors"),
    [
        pytest.param("export", {}, 403, ["Forbidden"], id="none"),
        pytest.param("rum-events", {"DD-API-KEY": "x"}, 403, ["Forbidden"], id="one"),
        pytest.param("audit-events", {"Authorization": "Bearer x"}, 403, ["Forbidden"], id="token"),
        pytest.param("get-trace", {}, 401, ["Unauthorized"], id="tool-none"),
        pytest.param("get-trace", {"Authorization": "Bearer "}, 401, ["Unauthorized"], id="blank"),
        pytest.param("get-trace", {"Authorization": "Bearer x"}, 200, None, id="tool-token"),
    ],
)
def test_keys_are_asked_for(
    endpoint: str, headers: dict[str, str], status: int, errors: list[str] | None
) -> None:
    """API v2 wants both keys, the tool endpoints both or a bearer token."""
    with a_server() as server:
        found, answer, _ = post(server, endpoint, headers=headers)

    assert (found, answer.get("errors")) == (status, errors)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000], ids=repr)
def test_what_is_no_json_object_is_400(body: bytes) -> None:
    """The reason is in `errors`, and the connection stays good."""
    with a_server() as server:
        status, answer, _ = post(server, "get-trace", body)

    assert status == HTTPStatus.BAD_REQUEST
    assert "body" in answer["errors"][0]


def test_an_unknown_span_is_404() -> None:
    """The status and the text are those of the hosted endpoint."""
    with a_server() as server:
        status, answer, _ = post(server, "get-agent-loop", {"trace_id": "t1", "span_id": "no"})

    assert status == HTTPStatus.NOT_FOUND
    assert answer == {"errors": ["404 Not Found: span no in trace t1"]}


def test_other_paths_and_hosts_are_refused() -> None:
    """There is nothing else here, and a page that rebinds its name gets nothing."""
    with a_server() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request("POST", "/api/v1/validate", "{}", KEYS)
        other = connection.getresponse()
        other.read()
        path = ENDPOINTS["rum-events"].path
        connection.request("POST", path, "{}", {**KEYS, "Host": "evil.example:80"})
        host = connection.getresponse()
        host.read()
        connection.close()

    assert (other.status, host.status) == (404, 403)


@pytest.mark.parametrize("code", [401, 403, 404, 429, 500])
def test_a_planned_status_hits_its_call(code: int) -> None:
    """The second call fails, the ones around it do not; a 429 says when to come back."""
    fault = Fault(Kind(str(code)), "get-trace", call=2, reset=3)
    with a_server(fault) as server:
        post(server, "find-error-spans")
        found = [post(server, "get-trace") for _ in range(3)]

    assert [status for status, _, _ in found] == [200, code, 200]
    assert "errors" in found[1][1]
    assert found[1][2]["X-RateLimit-Reset"] == ("3" if code == 429 else None)


def test_a_plan_for_any_endpoint_counts_all_calls() -> None:
    """`*` hits the n-th call of all, as often as it says."""
    with a_server(Fault(Kind.BROKEN, call=2, times=2)) as server:
        found = [post(server, name)[0] for name in ("get-trace", "export", "rum-events", "export")]
        calls = server.router.plan.calls

    assert found == [200, 500, 500, 200]
    assert (calls["export"], calls["*"]) == (2, 4)


def test_a_fault_can_be_asked_for_by_one_request() -> None:
    """The query of a request plans the fault of that call alone."""
    with a_server() as server:
        hit = post(server, "get-trace", query="?fault=429&reset=7")
        unknown = post(server, "get-trace", query="?fault=fire")
        after = post(server, "get-trace")

    assert (hit[0], hit[2]["X-RateLimit-Reset"]) == (429, "7")
    assert (unknown[0], after[0]) == (400, 200)


def test_a_connection_is_cut_in_the_middle() -> None:
    """Fewer bytes come than were promised; the next call is whole."""
    with a_server(Fault(Kind.CUT, "export")) as server:
        with pytest.raises(http.client.IncompleteRead):
            post(server, "export")
        assert post(server, "export")[0] == HTTPStatus.OK


def test_a_body_is_truncated() -> None:
    """All promised bytes come, and they are half of a JSON text."""
    with (
        a_server(Fault(Kind.TRUNCATED, "export")) as server,
        pytest.raises(ValueError, match="line 1"),
    ):
        post(server, "export")


@pytest.mark.parametrize("endpoint", ["search-spans", "export"])
def test_an_empty_page_leads_on(endpoint: str) -> None:
    """Its cursor brings the rows that it left out, and no row is lost."""
    with a_server(Fault(Kind.EMPTY_PAGE, endpoint, call=2)) as server:
        whole, empty = post(server, endpoint)[1], post(server, endpoint)[1]
        if endpoint == "export":
            page = {"limit": 2, "cursor": empty["meta"]["page"]["after"]}
            body: Any = {"data": {"type": "spans", "attributes": {"page": page}}}
        else:
            body = {"limit": 2, "cursor": empty["next_cursor"]}
        again = post(server, endpoint, body)[1]

    rows = "data" if endpoint == "export" else "spans"
    assert empty[rows] == []
    assert again == whole


@pytest.mark.parametrize(
    ("endpoint", "body", "mask"),
    [
        pytest.param("search-spans", {}, "<MASKED_STREAMING_RESPONSE>", id="preview"),
        pytest.param("get-agent-loop", {"trace_id": "t1", "span_id": "r1"}, "REDACTED", id="loop"),
        pytest.param("span-content", BODIES["span-content"], "<REDACTED_INPUT>", id="content"),
        pytest.param("export", BODIES["export"], "<REDACTED_INPUT>", id="export"),
    ],
)
def test_content_is_masked(endpoint: str, body: Any, mask: str) -> None:
    """Masks stand in place of what was said; names and tags stay."""
    with a_server(Fault(Kind.MASKED)) as server:
        _, answer, _ = post(server, endpoint, body)

    text = json.dumps(answer)
    assert mask in text
    assert "Order 7" not in text
    assert "word word" not in text


def test_calls_are_answered_side_by_side() -> None:
    """Eight calls at once are all under way before the first of them is answered."""
    together = threading.Barrier(8, timeout=10)

    def now() -> int:
        together.wait()
        return NOW

    found: list[int] = []
    with serving(a_recording(), now=now) as server:
        threads = [
            threading.Thread(target=lambda: found.append(post(server, "get-trace")[0]))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [200] * 8


def test_calls_take_as_long_as_asked() -> None:
    """Latency is added to every call, and the wait of a slow one to that."""
    with a_server(Fault(Kind.SLOW, call=2, ms=60), latency=30) as server:
        took = []
        for _ in range(2):
            began = time.monotonic()
            post(server, "get-trace")
            took.append(time.monotonic() - began)

    assert took[0] >= 0.03
    assert took[1] >= 0.09


def served(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "session_classify", "serve", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Write the made-up session as a bundle."""
    folder = a_bundle(tmp_path / "b", SPANS)
    a_bundle(folder, RUM, "rum.jsonl")
    return a_bundle(folder, AUDIT, "audit.jsonl")


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_verb_serves_until_it_is_ended(bundle: Path, number: int) -> None:
    """One line tells the address, a signal ends it with exit code 0, and stderr stays empty."""
    process = served(bundle)
    assert process.stdout is not None
    line = process.stdout.readline()
    address = line.removeprefix("serving on ").strip()
    request = Request(
        f"{address}{ENDPOINTS['export'].path}",
        json.dumps(
            {"data": {"attributes": {"filter": {"from": str(NOW - 10**9), "to": str(NOW + 10**9)}}}}
        ).encode(),
        KEYS,
    )
    with urlopen(request, timeout=10) as answer:
        rows = json.loads(answer.read())["data"]
    os.kill(process.pid, number)
    out, told = process.communicate(timeout=10)

    assert address.startswith("http://127.0.0.1:")
    assert len(rows) == 10
    assert (process.returncode, out, told) == (0, "", "")


@pytest.mark.usefixtures("interruptible")
def test_a_server_in_the_background_of_a_script_is_not_interrupted(bundle: Path) -> None:
    """Where the parent process ignores SIGINT, as shells do for `&`, only SIGTERM ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = served(bundle)
    assert process.stdout is not None
    address = process.stdout.readline().removeprefix("serving on ").strip()
    os.kill(process.pid, signal.SIGINT)
    try:
        with pytest.raises(HTTPError), urlopen(f"{address}/nothing", timeout=10):
            pass
        process.terminate()
        process.communicate(timeout=10)
    finally:
        process.kill()

    assert process.returncode == 0


def test_a_row_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """File and line on stderr, and the rest is served."""
    process = served(a_bundle(tmp_path / "b", [SPANS[0], b"{"]))
    assert process.stdout is not None
    line = process.stdout.readline()
    process.terminate()
    _, told = process.communicate(timeout=10)

    assert line.startswith("serving on ")
    assert "spans.jsonl:2 is left out: not JSON" in told


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        pytest.param("{", "expected a list of faults", id="not-json"),
        pytest.param('[{"fault": "fire"}]', "fire", id="unknown-fault"),
        pytest.param('[{"fault": "429", "when": 1}]', "when", id="unknown-field"),
        pytest.param('[{"fault": "429", "endpoint": "x"}]', "no endpoint x", id="unknown-endpoint"),
    ],
)
def test_a_plan_that_means_nothing_is_refused(bundle: Path, plan: str, told: str) -> None:
    """Exit code 2 with what was expected, before anything is served."""
    file = bundle / "faults.json"
    file.write_text(plan)

    done = run("serve", bundle, "--faults", file)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_port_in_use_is_told(bundle: Path) -> None:
    """Exit code 2 with the cure."""
    with a_server() as server:
        done = run("serve", bundle, "--http", server.server_port)

    assert done.returncode == 2
    assert "--http 0 takes a free port" in done.stderr
