"""What tests of live backends share: a server of bundles, and a `pup` on the path."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

STANDIN = Path(__file__).with_name("standin_pup.py")
Server = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Server]:
    """Return what starts a server of bundles and returns its address; all end with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> str:
        command = [sys.executable, "-m", "session_classify", "serve", "--replay"]
        server = subprocess.Popen(
            [*command, *map(str, arguments)], stdout=subprocess.PIPE, text=True
        )
        started.append(server)
        assert server.stdout is not None
        line = server.stdout.readline()
        assert "http://127.0.0.1:" in line
        return line.split()[-1].strip()

    yield start
    for server in started:
        server.terminate()
        server.wait(10)
        if server.stdout:
            server.stdout.close()


@pytest.fixture
def pup(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Return what puts a stand-in `pup` for a server on the path, as environment variables."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "pup"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STANDIN}" "$@"\n')
    program.chmod(0o755)

    def environment(url: str) -> dict[str, str]:
        return {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "PUP_MOCK_SERVER": url,
            "STANDIN_LOG": str(tmp_path / "pup.log"),
            "CLAUDECODE": "1",
        }

    return environment


KEYS = {"DD_API_KEY": "made-up-api-key-1234", "DD_APP_KEY": "made-up-app-key-5678"}
DEMO = ROOT / "scripts" / "session_classify" / "demo_bundle"
