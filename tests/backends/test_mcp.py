"""Sessions from an MCP server: the same as from the rows, whatever goes wrong on the way."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import uvicorn
from mcp.server.lowlevel import Server

from datadog_standin.faults import Fault, Plan
from datadog_standin.mcp_server import bound, http_app, mcp_server
from datadog_standin.recording import read_recording
from datadog_standin.router import Router, clock
from session_classify.backends.live import Live
from session_classify.backends.mcp import Mcp, open_mcp
from session_classify.errors import ClassifyError
from session_classify.gathering.gather import gather
from session_classify.vocabulary import Unit
from tests.backends.conftest import DEMO, KEYS
from tests.backends.test_faults import MATRIX, AtOnce, gathered_here, matrix
from tests.backends.test_live import NOT_BY_PUP, SESSION_ID, gathered, session
from tests.cli.run import run_process
from tests.wire.session.test_from_answers import differences

if TYPE_CHECKING:
    import socket

Serving = Callable[..., str]
DEMO_SERVER = f"mcp:'{sys.executable}' -m session_classify serve --demo --verbose"


def a_router(bundle: Path, faults: tuple[Fault, ...] = ()) -> Router:
    """Return what answers from a bundle whose newest row is a minute old."""
    recording = read_recording([bundle])
    return Router(recording, plan=Plan(faults), lag=clock() - recording.newest - 60_000)


@pytest.fixture
def mcp_http() -> Iterator[Serving]:
    """Return what serves a bundle over MCP and HTTP in this process, and gives its address."""
    running: list[tuple[uvicorn.Server, threading.Thread, socket.socket]] = []

    def start(bundle: Path, log: Callable[[str], None] | None = None) -> str:
        app = http_app(a_router(bundle), log)
        listening = bound(0)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
        thread = threading.Thread(target=lambda: anyio.run(server.serve, [listening]), daemon=True)
        thread.start()
        running.append((server, thread, listening))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"

    yield start
    for server, _, _ in running:
        server.should_exit = True
    for _, thread, listening in running:
        thread.join(10)
        listening.close()


@pytest.mark.parametrize("way", ["stdio", "http"])
def test_mcp_gives_what_the_rows_give(mcp_http: Serving, tmp_path: Path, way: str) -> None:
    """Over both transports, up to what the table says of its sources."""
    gathered(tmp_path / "a", "--backend", f"bundle:{DEMO}")
    backend = DEMO_SERVER if way == "stdio" else f"mcp:{mcp_http(DEMO)}"

    done = gathered(tmp_path / "b", "--backend", backend, **KEYS)

    assert done.returncode == 0, done.stderr
    found = differences(session(tmp_path / "a"), session(tmp_path / "b"))
    assert [item for item in found if item[0] not in NOT_BY_PUP] == []
    assert "Missing, and can still be fetched" not in done.stdout


@pytest.mark.matrix
def test_every_call_tells_what_it_is_for(tmp_path: Path) -> None:
    """The same eight digits on each call of a run, and `:start` on the first alone."""
    # The library hands a server the standard error that it was imported with.
    done = run_process(
        "gather", "session", SESSION_ID, "--backend", DEMO_SERVER, "--case", tmp_path / "c"
    )

    intents = [line for line in done.stderr.splitlines() if "(skill:" in line]
    runs = {line.split("[")[1].split("]")[0] for line in intents}
    assert len(intents) >= 8
    assert [":start[" in line for line in intents] == [True] + [False] * (len(intents) - 1)
    assert len(runs) == 1
    assert all(len(run) == 8 and int(run, 16) >= 0 for run in runs)


@pytest.mark.parametrize("name", ["tau2air-t000-r0", "tauair-t002-r2", "swe-django__django-14315"])
def test_a_real_session_comes_whole_within_its_budget(
    mcp_http: Serving, tmp_path: Path, shared_data: Path, name: str
) -> None:
    """Turns + 2 calls with loops, 3 × turns + 2 wrapped; answers may be larger than a megabyte."""
    bundle = shared_data / "bundles" / name
    labels = json.loads((bundle.parent / "labels.json").read_bytes())
    session_id = labels[name]["session_id"]
    gathered(tmp_path / "a", "--backend", f"bundle:{bundle}", session_id=session_id)
    calls: list[str] = []

    url = mcp_http(bundle, log=calls.append)
    done = gathered(tmp_path / "b", "--backend", f"mcp:{url}", session_id=session_id, **KEYS)

    assert done.returncode == 0, done.stderr
    whole = session(tmp_path / "a")
    found = differences(whole, session(tmp_path / "b"))
    assert [item for item in found if item[0] not in NOT_BY_PUP] == []
    spans = [call for call in calls if "llmobs" in call and "Step 1b" not in call]
    extra = sum("read the output" in call or "read the input" in call for call in spans)
    wrapped = any(call.startswith("expand") for call in spans)
    assert len(spans) - extra <= (3 if wrapped else 1) * len(whole.turns) + 2


@dataclass(slots=True)
class McpHere(Mcp):
    """A server in this process: a matrix of faults would wait for hundreds of connections."""

    server: Server[Any] | None = None

    async def _transport(self, stack: AsyncExitStack) -> Any:  # noqa: ARG002
        return self.server


@MATRIX
def test_a_fault_at_any_call_costs_no_truth(tmp_path: Path, kind: str) -> None:
    """No traceback, no hang, no wrong content: what a case lacks, it says."""

    def run_mcp(case: Path, faults: tuple[Fault, ...]) -> Live:
        server = mcp_server(a_router(DEMO, faults))
        return gathered_here(McpHere("", "datadoghq.com", server=server, _closed=AtOnce()), case)

    matrix(kind, tmp_path, run_mcp)


@pytest.mark.parametrize(
    ("backend", "env", "code", "said"),
    [
        ("mcp", {"PATH": "/nonexistent"}, 4, "no credentials found"),
        ("mcp:http://example.com/mcp", KEYS, 2, "traces are only sent encrypted"),
        ("mcp:http://127.0.0.1:9/mcp", KEYS, 5, "does not answer"),
        ("mcp:no-such-program x", {}, 5, "no-such-program is not on the PATH"),
        ("mcp:cat", {}, 5, "is not a working MCP server"),
        ("mcp:echo hi", {}, 5, "is not a working MCP server"),
    ],
)
def test_a_server_that_is_none_is_told_in_one_line(
    tmp_path: Path, backend: str, env: dict[str, str], code: int, said: str
) -> None:
    """What was tried and what to do; no traceback of a library."""
    nothing = {"DD_API_KEY": "", "DD_APP_KEY": "", "DD_ACCESS_TOKEN": ""}
    done = gathered(tmp_path / "c", "--backend", backend, **{**nothing, **env})

    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_refused_key_ends_with_what_to_check(mcp_http: Serving, tmp_path: Path) -> None:
    """A server that does not know whoever asks is no server that is away."""
    url = mcp_http(DEMO)
    with pytest.raises(ClassifyError, match="refuses the credentials") as caught:
        place = Live(Mcp(url, "x"), tmp_path / "answers", lambda _: None)
        try:
            gather(place, Unit.SESSION, SESSION_ID, tmp_path / "c")
        finally:
            place.done(made=False)

    assert caught.value.exit_code == 4


def test_a_server_without_the_tools_is_told(tmp_path: Path) -> None:
    """Toolsets are chosen in the address; the core one has no LLM Observability."""
    server = tmp_path / "server.py"
    server.write_text(
        "import anyio, mcp_types as t\n"
        "from mcp.server.lowlevel import Server\n"
        "from datadog_standin.mcp_server import serve_stdio\n"
        "async def listed(c, p): return t.ListToolsResult(tools=[])\n"
        "async def called(c, p): raise ValueError\n"
        "anyio.run(serve_stdio, Server('x', on_list_tools=listed, on_call_tool=called))\n"
    )
    done = gathered(tmp_path / "c", "--backend", f"mcp:'{sys.executable}' '{server}'")

    assert done.returncode == 5
    assert "has no tool search_llmobs_spans; add toolsets=llmobs,rum" in done.stderr


def test_the_address_of_a_site_follows_dd_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Datadog site has a server of its own, and a token goes before keys."""
    for name, value in {**KEYS, "DD_SITE": "us3.datadoghq.com", "DD_ACCESS_TOKEN": ""}.items():
        monkeypatch.setenv(name, value)
    found = open_mcp("")
    monkeypatch.setenv("DD_ACCESS_TOKEN", "made-up-token")

    assert found.url.startswith("https://mcp.us3.datadoghq.com/api/unstable/mcp-server/mcp?")
    assert found.headers == {
        "DD_API_KEY": KEYS["DD_API_KEY"],
        "DD_APPLICATION_KEY": KEYS["DD_APP_KEY"],
    }
    assert open_mcp("").headers == {"Authorization": "Bearer made-up-token"}
    assert "made-up" not in repr(found) + repr(open_mcp(""))


def test_keys_go_to_datadog_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in of this machine and another's server get none; a site and DD_SITE get them."""
    for name, value in {**KEYS, "DD_SITE": "dd.example.org", "DD_ACCESS_TOKEN": ""}.items():
        monkeypatch.setenv(name, value)

    sent = {
        url: open_mcp(url).headers.get("DD_API_KEY")
        for url in (
            "https://mcp.us5.datadoghq.com/x",
            "https://mcp.dd.example.org/x",
            "https://datadoghq.com.example.com/x",
            "https://gateway.example.com/mcp",
            "http://127.0.0.1:8080/mcp",
        )
    }

    assert list(sent.values()) == [KEYS["DD_API_KEY"], KEYS["DD_API_KEY"], None, None, None]


def test_no_key_is_written_or_printed(mcp_http: Serving, tmp_path: Path) -> None:
    """Whatever happens, keys stay in the environment."""
    done = gathered(tmp_path / "c", "--backend", f"mcp:{mcp_http(DEMO)}", **KEYS)

    assert done.returncode == 0
    for key in KEYS.values():
        assert key not in done.stdout + done.stderr
        for path in tmp_path.rglob("*"):
            assert not path.is_file() or key.encode() not in path.read_bytes()
