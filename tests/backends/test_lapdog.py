"""The local test agent: what a real SDK really sent, classified with no account."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backends.test_live import session
from tests.cli.run import run

DEFAULT = Path.home() / ".cache" / "session-classify" / "sdk" / "bin" / "python"
APP = Path(__file__).with_name("made_up_app.py")


@pytest.fixture(scope="module")
def agent() -> Iterator[str]:
    """Start a test agent, let the made-up app send to it, and return its address."""
    with running_agent() as (python, url, _):
        subprocess.run([python, APP], env={**os.environ, "DD_TRACE_AGENT_URL": url}, check=True)
        time.sleep(1)
        yield url


@contextmanager
def running_agent() -> Iterator[tuple[Path, str, str]]:
    """Run a test agent; yield the SDK's Python, its address and the one for OpenTelemetry."""
    python = Path(os.environ.get("SESSION_CLASSIFY_SDK", DEFAULT))
    if not python.is_file():
        pytest.skip(f"no SDK at {python}; `make sdk` installs it and runs this")
    ports = _free_ports(3)
    options = ("-p", "--otlp-http-port", "--otlp-grpc-port")
    pairs = [word for pair in zip(options, map(str, ports), strict=True) for word in pair]
    command = [python, "-m", "lapdog.server", "--host", "127.0.0.1", *pairs]
    server = subprocess.Popen(
        [*command, "--disable-llmobs-data-forwarding"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for port in ports[:2]:
            _wait_for(port)
        yield python, f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
    finally:
        server.terminate()
        server.wait(20)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait_for(port: int) -> None:
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("the test agent did not start within 30 s")


@pytest.mark.slow
def test_a_session_that_the_sdk_sent_is_whole(agent: str, tmp_path: Path) -> None:
    """Texts, rules, the confirmed write, who asked, and what a judge said of each turn."""
    case = tmp_path / "c"
    done = run("gather", "session", "sess-real", "--backend", f"lapdog:{agent}", "--case", case)

    assert done.returncode == 0, done.stderr
    found = session(case)
    assert [(turn.user_text, turn.final_text) for turn in found.turns] == [
        ("Hi", "Hello, how can I help?"),
        ("Cancel A-1", "It is cancelled."),
    ]
    assert [system_prompt.text for system_prompt in found.system_prompts] == ["Be kind."]
    assert found.identity.user_handle == "ana@example.com"
    assert [(call.name, call.arguments) for call in found.tool_calls] == [
        ("cancel_order", {"id": "A-1"})
    ]
    assert "write1 = tool1, turn 2: cancel_order → confirmed" in done.stdout
    assert [e.name for turn in found.turns for e in turn.evaluations] == ["helpful", "helpful"]


@pytest.mark.slow
def test_a_trace_of_it_is_found_by_its_id(agent: str, tmp_path: Path) -> None:
    """The agent answers unknown ids with other traces; what is not the one asked for is dropped."""
    run("gather", "session", "sess-real", "--backend", f"lapdog:{agent}", "--case", tmp_path / "c")
    trace = session(tmp_path / "c").turns[1].trace_id

    done = run("gather", "trace", trace, "--backend", f"lapdog:{agent}", "--case", tmp_path / "t")
    other = run(
        "gather", "trace", "0" * 32, "--backend", f"lapdog:{agent}", "--case", tmp_path / "o"
    )

    assert (done.returncode, other.returncode) == (0, 3), done.stderr + other.stderr
    assert [turn.user_text for turn in session(tmp_path / "t").turns] == ["Cancel A-1"]


@pytest.mark.parametrize(
    ("where", "code", "told"),
    [
        ("lapdog:http://127.0.0.1:1", 5, "start one with `python -m lapdog.server`"),
        ("lapdog:http://example.com:8126", 2, "is not a local http address"),
    ],
)
def test_where_no_agent_is_it_is_told(tmp_path: Path, where: str, code: int, told: str) -> None:
    """One line, and nothing is sent anywhere else."""
    done = run("gather", "session", "s", "--backend", where, "--case", tmp_path / "c")

    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
