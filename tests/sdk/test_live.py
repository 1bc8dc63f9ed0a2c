"""Released libraries, sending live to the local test agent: each gives what its script did.

`make sdk` installs them and runs this; SESSION_CLASSIFY_SDK and SESSION_CLASSIFY_SDK_AGENTS name
their Pythons.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.backends.test_lapdog import agent
from tests.backends.test_live import session
from tests.cli.run import run
from tests.conftest import ROOT
from tests.sdk.script import REQUESTS, STEPS

__all__ = ["agent"]
NAMES = (
    "openai_chat",
    "openai_responses",
    "anthropic",
    "google_genai",
    "bedrock",
    "litellm",
    "langchain",
    "pydantic_ai",
    "openai_agents",
    "llama_index",
    "google_adk",
)
APART = ("llama_index", "google_adk")
"""Libraries that need other versions of what the others use."""
CALLS = [step for step in STEPS if not isinstance(step, str)]
ANSWERS = [step for step in STEPS if isinstance(step, str)]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_library_gives_what_its_script_did(agent: str, name: str, tmp_path: Path) -> None:
    """Four turns, four calls, one of them failed and claimed, and so the verdict is no."""
    python = os.environ["SESSION_CLASSIFY_SDK" + ("_AGENTS" if name in APART else "")]
    done = subprocess.run(
        [python, "-m", "tests.sdk.apps", name, f"live-{name}"],
        env={**os.environ, "DD_TRACE_AGENT_URL": agent, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    words = ("classify", "session", f"live-{name}", "--backend", f"lapdog:{agent}")

    classified = run(*words, "--case", tmp_path / "c")

    assert classified.returncode == 0, classified.stderr
    found = session(tmp_path / "c")
    assert [turn.user_text for turn in found.turns] == list(REQUESTS)
    assert [turn.final_text for turn in found.turns] == ANSWERS
    assert [(call.name, call.arguments) for call in found.tool_calls] == CALLS
    assert [turn.unknown for turn in found.turns if turn.unknown] == []
    assert "verdict: no" in classified.stdout
    ledger = run("show", tmp_path / "c").stdout.partition("## Ledger")[2]
    assert re.findall(r"^write.* → (\w+)", ledger, re.MULTILINE) == [
        "failed",
        "confirmed",
        "confirmed",
    ]
