"""A classification over the MCP server of the real client: with the hook, and without.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.backends.conftest import DEMO
from tests.backends.test_live import SESSION_ID
from tests.cli.run import run
from tests.client.client import (
    SKILL,
    Install,
    Outcome,
    Use,
    bash,
    by_folder,
    by_marketplace,
    by_project,
    outcomes_of,
    skill_text,
)
from tests.client.model import Script
from tests.conftest import ROOT
from tests.hook.conversation import listed, search
from tests.hook.test_capture import told

pytestmark = pytest.mark.client
SERVER = "datadog-llmo-mcp"
_MOST = 60
"""Tool uses after which something goes round in circles."""


@dataclass(slots=True)
class Classification:
    """One classification by a scripted model, and what became of each of its tool uses."""

    install: Install
    case: Path
    uses: list[Use] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    digest: str = ""
    verdict: Outcome | None = None

    def script(self) -> Script:
        """Make the first call and all that are named, gather, and record a verdict."""
        request = yield {}
        skill = (
            skill_text(request).partition("\n")[0].removeprefix("Base directory for this skill: ")
        )
        command = f'python3 "{skill}/scripts/run.py" --restricted'
        batch = [search(SESSION_ID)]
        while batch and len(self.uses) < _MOST:
            uses = [{"name": f"mcp__{SERVER}__{tool}", "input": given} for tool, given in batch]
            request = yield uses
            batch = self._next(uses, outcomes_of(request, len(uses)))
            if not batch:
                gather = f'gather session {SESSION_ID} --backend client --case "{self.case}"'
                uses = [bash(f"{command} {gather}")]
                request = yield uses
                batch = self._next(uses, outcomes_of(request, len(uses)))
                self.digest = self.outcomes[-1].text
        words = (
            "--verdict no --reason 'The write was blocked.' --failure hallucination --cite write1"
        )
        request = yield bash(f'{command} verdict "{self.case}" {words} --confirm claim1')
        self.verdict = outcomes_of(request)[-1]

    def _next(
        self, uses: list[Use], outcomes: list[Outcome]
    ) -> list[tuple[str, dict[str, object]]]:
        self.uses += uses
        self.outcomes += outcomes
        return [call for outcome in outcomes for call in listed(outcome.text)]


@pytest.fixture(scope="session")
def classified(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Callable[[str, Path], Install], str], Classification]:
    """Return what holds a classification in an installation."""
    client = os.environ["SESSION_CLASSIFY_CLIENT"]

    def held(way: Callable[[str, Path], Install], place: str) -> Classification:
        install = way(client, tmp_path_factory.mktemp("client") / place)
        servers = install.project / "servers.json"
        server = ["-m", "session_classify", "serve", "--demo", "--mcp", "stdio"]
        entry = {
            "command": sys.executable,
            "args": server,
            "env": {"PYTHONPATH": str(ROOT / "scripts")},
        }
        servers.write_text(json.dumps({"mcpServers": {SERVER: entry}}))
        made = Classification(install, install.project / "case")
        install.converse(f"/{SKILL} {SESSION_ID}", made.script(), "--mcp-config", str(servers))
        return made

    return held


@pytest.mark.parametrize(
    ("way", "place"),
    [
        pytest.param(by_folder, "some place", id="folder"),
        pytest.param(by_marketplace, "place", id="marketplace", marks=pytest.mark.long),
        pytest.param(by_project, "some place", id="without the hook"),
    ],
)
def test_a_session_is_classified_by_mcp_alone(
    classified: Callable[[Callable[[str, Path], Install], str], Classification],
    way: Callable[[str, Path], Install],
    place: str,
    tmp_path: Path,
) -> None:
    """No tool use needs an approval, nothing is written by the model, and the verdict stands.

    With the hook each result is replaced, also of calls made at once, and one gather follows.
    """
    made = classified(way, place)

    assert [outcome.text for outcome in made.outcomes if outcome.is_error] == []
    rows = run("gather", "session", SESSION_ID, "--backend", f"bundle:{DEMO}", "--case", tmp_path)
    assert told(made.digest) == told(rows.stdout)
    assert made.verdict is not None
    assert "verdict: no" in made.verdict.text
    commands = [use for use in made.uses if use["name"] == "Bash"]
    replaced = [text for one in made.outcomes if "stored this result" in (text := one.text)]
    with_hook = way is not by_project
    assert len(replaced) == (len(made.uses) - 1 if with_hook else 0)
    assert len(commands) == 1 if with_hook else len(commands) <= 5
    typed = [json.dumps(use["input"]) for use in commands]
    assert sum(map(len, typed)) < 2_000
    assert not re.search(r"Write|Edit", str([use["name"] for use in made.uses]))
