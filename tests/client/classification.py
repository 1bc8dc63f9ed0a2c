"""One classification over the MCP server of the real client, by a model that follows the skill."""

import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.client.client import SKILL, Install, Outcome, Use, bash, outcomes_of, skill_text
from tests.client.model import Script
from tests.conftest import ROOT
from tests.hook.conversation import Call, listed

SERVER = "datadog-llmo-mcp"
_MOST = 80
"""Tool uses after which something goes round in circles."""
Way = Callable[[str, Path], Install]


@dataclass(slots=True)
class Classification:
    """A session, the verdict to record, and what became of each tool use."""

    install: Install
    session_id: str
    verdict_words: str
    uses: list[Use] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    digest: str = ""
    verdict: Outcome | None = None

    @property
    def case(self) -> Path:
        """Where the case lies."""
        return self.install.project / "case"

    @property
    def commands(self) -> list[Use]:
        """The commands that gather."""
        return [use for use in self.uses if use["name"] == "Bash"]

    @property
    def replaced(self) -> list[Outcome]:
        """The results in whose place the model got the hook's words."""
        return [one for one in self.outcomes if "stored this result" in one.text]

    def run(self, server: list[str], *, tokens: int = 1) -> "Classification":
        """Converse in the client with an MCP server; any text counts `tokens`."""
        paths = os.pathsep.join((str(ROOT / "scripts"), str(ROOT)))
        entry = {"command": sys.executable, "args": server, "env": {"PYTHONPATH": paths}}
        servers = self.install.project / "servers.json"
        servers.write_text(json.dumps({"mcpServers": {SERVER: entry}}))
        prompt, options = f"/{SKILL} {self.session_id}", ("--mcp-config", str(servers))
        self.install.converse(prompt, self._script(), *options, tokens=tokens)
        return self

    def _script(self) -> Script:
        """Make the first call and all that are named, gather, and record the verdict."""
        request = yield {}
        text = skill_text(request)
        folder = text.partition("\n")[0].removeprefix("Base directory for this skill: ")
        command = f'python3 "{folder}/scripts/run.py" --restricted'
        tools = {tool["name"] for tool in request["tools"]}
        if f"mcp__{SERVER}__search_llmobs_spans" not in tools:  # the server is still connecting
            yield {"name": "WaitForMcpServers", "input": {}}
        batch = [first_call(text, self.session_id)]
        while batch and len(self.uses) < _MOST:
            uses = [{"name": f"mcp__{SERVER}__{tool}", "input": given} for tool, given in batch]
            request = yield uses
            batch = self._next(uses, outcomes_of(request, len(uses)))
            if not batch:
                gather = f'gather session {self.session_id} --backend client --case "{self.case}"'
                uses = [bash(f"{command} {gather}")]
                request = yield uses
                batch = self._next(uses, outcomes_of(request, len(uses)))
                self.digest = self.outcomes[-1].text
        request = yield bash(f'{command} verdict "{self.case}" {self.verdict_words}')
        self.verdict = outcomes_of(request)[-1]

    def _next(self, uses: list[Use], outcomes: list[Outcome]) -> list[Call]:
        self.uses += uses
        self.outcomes += outcomes
        return [call for outcome in outcomes for call in listed(outcome.text)]


def first_call(skill: str, session_id: str) -> Call:
    """Return the call that the skill gives in full, for a session."""
    found = re.search(r"^(search_llmobs_spans) (\{.*\})$", skill, re.MULTILINE)
    assert found, "the skill names no first call"
    return found[1], json.loads(found[2].replace('"ID"', json.dumps(session_id)))
