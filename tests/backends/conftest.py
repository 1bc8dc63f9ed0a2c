"""What tests of live backends share: a server of bundles, and a `pup` on the path."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from datadog_standin.faults import Plan, read_plan
from datadog_standin.recording import read_recording
from datadog_standin.router import ENDPOINTS, clock
from datadog_standin.server import serving
from tests.conftest import ROOT

STANDIN = Path(__file__).with_name("standin_pup.py")
Server = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Server]:
    """Return what serves a bundle in this process, with options of `serve`; it returns the address.

    The newest row is a minute old, as with `--replay`.
    """
    with ExitStack() as running:

        def start(bundle: Path, *options: object) -> str:
            chosen = dict(zip(options[::2], map(str, options[1::2]), strict=True))
            assert chosen.keys() <= {"--faults", "--latency"}
            recording = read_recording([bundle])
            faults = read_plan(Path(chosen["--faults"]), ENDPOINTS) if "--faults" in chosen else ()
            server = serving(
                recording,
                latency=int(chosen.get("--latency", 0)),
                plan=Plan(faults),
                lag=clock() - recording.newest - 60_000,
            )
            return running.enter_context(server).url

        yield start


@pytest.fixture
def pup(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Return what puts a stand-in `pup` for a server on the path, as environment variables."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "pup"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{STANDIN}" "$@"\n')
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
