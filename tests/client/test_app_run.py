"""A run over an app in the real client, whose agent lets two helpers of its own judge.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import a_bundle
from tests.cli.test_app import rows_of, uuid
from tests.client.client import (
    SKILL,
    Outcome,
    bash,
    by_folder,
    outcome_of,
    outcomes_of,
    skill_text,
)
from tests.client.model import Model, Request, Script

pytestmark = [pytest.mark.client, pytest.mark.long]
_UNITS = 4
_PART = "Judge the cases of this list"
"""How the agent's words to a helper begin."""


class Agents(Model):
    """Answers the agent by one script and each of its helpers by another."""

    def __init__(self, script: Script, helper: Any) -> None:
        """Take what makes the script of a helper from what it was asked."""
        super().__init__(script)
        self._helper = helper
        self.scripts: dict[str, Script] = {}

    def blocks(self, request: Request) -> list[dict[str, Any]]:
        """Return the content of the answer to a request, by whom it comes from."""
        asked = next((text for text in _texts(request) if text.startswith(_PART)), "")
        if not asked or not request.get("tools"):
            return super().blocks(request)
        with self._lock:
            if asked not in self.scripts:
                self.scripts[asked] = self._helper(asked)
                next(self.scripts[asked])
            try:
                use = self.scripts[asked].send(request)
            except StopIteration:
                return [{"type": "text", "text": "All judged."}]
            self._uses += 1
            return [{"type": "tool_use", "id": f"toolu_{self._uses:04}", **use}]


def _texts(request: Request) -> list[str]:
    """Return the texts of the first message."""
    content = request["messages"][0]["content"]
    return [content] if isinstance(content, str) else [block.get("text", "") for block in content]


def test_an_app_is_judged_by_an_agent_and_its_helpers(tmp_path: Path) -> None:
    """It gathers, gives each helper some of the cases, and prints the summary of all verdicts."""
    install = by_folder(os.environ["SESSION_CLASSIFY_CLIENT"], tmp_path / "some place")
    rows = [row for n in range(_UNITS) for row in rows_of(n, uuid(n), ml_app="app")]
    bundle = a_bundle(install.project / "data", rows)
    outcomes: list[Outcome] = []
    helped: list[Outcome] = []
    tools: list[set[str]] = []
    commands: list[str] = []

    def agent() -> Script:
        request = yield {}
        tools.append({tool["name"] for tool in request["tools"]})
        text = skill_text(request)
        folder = text.partition("\n")[0].removeprefix("Base directory for this skill: ")
        commands.append(f'python3 "{folder}/scripts/run.py" --restricted')
        run = install.project / "run"
        gather = f'gather app app --backend "bundle:{bundle}" --run "{run}"'
        request = yield bash(f"{commands[0]} {gather}")
        outcomes.append(outcome_of(request))
        cases = list(
            dict.fromkeys(re.findall(r"^- (.*/cases/.*)$", outcomes[0].text, re.MULTILINE))
        )
        request = yield [
            {
                "name": "Agent" if "Agent" in tools[0] else "Task",
                "input": {
                    "description": "judge some cases",
                    "prompt": "\n".join([_PART, *part]),
                    "subagent_type": "general-purpose",
                },
            }
            for part in (cases[:2], cases[2:])
        ]
        outcomes.extend(outcomes_of(request, 2))
        request = yield bash(f'{commands[0]} report "{run}"')
        outcomes.append(outcome_of(request))

    def helper(asked: str) -> Script:
        request = yield {}
        for case in asked.splitlines()[1:]:
            name = case.strip("'\"")
            judged = '--verdict yes --reason "Greeted." --cite turn1'
            for line in (f'show "{name}"', f'verdict "{name}" {judged}'):
                request = yield bash(f"{commands[0]} {line}")
                helped.append(outcome_of(request))

    with Agents(agent(), helper) as model:
        keys = {"ANTHROPIC_API_KEY": "none", "ANTHROPIC_BASE_URL": model.url}
        install.run("-p", f"/{SKILL} ml_app=app", *install.options, **keys)

    assert [one.text for one in (*outcomes, *helped) if one.is_error] == []
    assert len(helped) == 2 * _UNITS
    assert f"| yes     | {_UNITS} | 100% |" in outcomes[-1].text
    assert "Judged by: agent 4." in outcomes[-1].text
