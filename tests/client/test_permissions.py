"""What the skill's permission lets an agent do unprompted, in the real client.

`make client` installs the client and runs these; SESSION_CLASSIFY_CLIENT names its program.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests.client.client import (
    SKILL,
    WAYS,
    Install,
    Outcome,
    Use,
    bash,
    outcome_of,
    read,
    skill_text,
)
from tests.client.model import Script
from tests.situations import samples

pytestmark = pytest.mark.client
ID = "5e551044-de30-4c1a-9551-000000000001"
ALLOWED = list(samples("client-allowed"))
REFUSED = list(samples("client-refused"))
_FILLED = {
    "gather session ID": f'gather session {ID} --backend "bundle:{{demo}}" --case CASE',
    "turn 3 tool7 write2": "turn 1 tool1 write1",
    "write2 --cite turn4": "write1 --confirm claim1",
    "wrong_tool_use": "hallucination",
    "CASE": '"{case}"',
}
"""What stands in the lines of the skill for what an agent knows."""
_FILLED_HINTS = {
    "turn N | ID | policy": "policy",
    "WORD --reason 'One sentence.'": "no --reason 'The write was blocked.' --failure hallucination "
    "--cite write1 --confirm claim1",
}
"""What stands in printed commands for it."""


@dataclass(slots=True)
class Conversation:
    """What became of every tool use of one conversation, in one installation."""

    install: Install
    skill: str = ""
    of_skill: dict[str, Outcome] = field(default_factory=dict)
    of_hints: dict[str, Outcome] = field(default_factory=dict)
    of_samples: dict[str, Outcome] = field(default_factory=dict)

    def filled(self, text: str, number: int | str) -> str:
        """Return a line with the places of this installation."""
        return text.format(
            run=f'python3 "{self.skill}/scripts/run.py"',
            skill=self.skill,
            demo=f"{self.skill}/scripts/session_classify/demo_bundle",
            id=ID,
            project=self.install.project,
            home=self.install.home,
            case=self.install.project / "the case",
            canary=self.canary(number),
        )

    def canary(self, number: int | str) -> Path:
        """Return a file that only a line that should not run would make."""
        return self.install.project / f"canary-{number}"

    def use(self, sample: dict[str, str], number: int | str) -> Use:
        """Return the tool use of a sample."""
        if "bash" in sample:
            return bash(self.filled(sample["bash"], number))
        return read(self.filled(sample["read"], number))

    def script(self) -> Script:
        """Follow the skill, then what it prints as next commands, then try the samples."""
        request = yield {}
        text = skill_text(request)
        self.skill = text.partition("\n")[0].removeprefix("Base directory for this skill: ")
        printed = ""
        for line in re.findall(r"python3 [^`\n]*", text):
            filled = self.filled(_with_values(line, _FILLED), "")
            request = yield bash(filled)
            self.of_skill[line] = outcome_of(request)
            printed += f"{self.of_skill[line].text}\n"
        for line in re.findall(r"(?:python3|session-classify) .* --restricted [^`\n]*", printed):
            request = yield bash(_with_values(line, _FILLED_HINTS))
            self.of_hints[line] = outcome_of(request)
        for kind, params in (("allowed", ALLOWED), ("refused", REFUSED)):
            for number, param in enumerate(params):
                request = yield self.use(param.values[0], f"{kind}-{number}")
                self.of_samples[f"{kind}-{number}"] = outcome_of(request)


def _with_values(line: str, filled: dict[str, str]) -> str:
    for words, value in filled.items():
        line = line.replace(words, value)
    return line


@pytest.fixture(scope="session")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Conversation]:
    """Return what holds the conversation in an installation, once for all tests."""
    client = os.environ["SESSION_CLASSIFY_CLIENT"]

    @cache
    def held(name: str) -> Conversation:
        way, _, place = name.partition(" in ")
        install = WAYS[way](client, tmp_path_factory.mktemp("client") / place)
        (install.home / ".secret").write_text("a secret")
        (install.project / "loop.json").write_text('{"iterations": []}')
        (install.project / "hostile.py").write_text("open('canary', 'w')\n")
        conversation = Conversation(install)
        install.converse(f"/{SKILL} {ID}", conversation.script())
        return conversation

    return held


INSTALLS = {
    "folder in place": [pytest.mark.long],
    "folder in some place": [],
    "marketplace in place": [pytest.mark.long],
    "marketplace in some place": [],
    "git in place": [pytest.mark.long],
    "git in some place": [pytest.mark.long],
    "npx in some place": [pytest.mark.long],
    "project in some place": [pytest.mark.long],
    "home in some place": [pytest.mark.long],
}


# A group runs in one process, which has its conversation once.
@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.xdist_group(name), *marks])
        for name, marks in INSTALLS.items()
    ]
)
def conversation(
    request: pytest.FixtureRequest, conversations: Callable[[str], Conversation]
) -> Conversation:
    """Return the conversation in each installation, in folders with and without a space."""
    return conversations(request.param)


def test_the_lines_of_the_skill_run_unprompted(conversation: Conversation) -> None:
    """As they are written, each does what it says."""
    assert conversation.of_skill
    for line, outcome in conversation.of_skill.items():
        assert not outcome.is_error, (line, outcome.text)


def test_the_commands_that_are_printed_run_unprompted(conversation: Conversation) -> None:
    """An agent copies the next command from what the last one printed."""
    assert conversation.of_hints
    for line, outcome in conversation.of_hints.items():
        assert not outcome.is_error, (line, outcome.text)


@pytest.mark.parametrize("number", range(len(ALLOWED)))
def test_what_a_classification_takes_runs_unprompted(
    conversation: Conversation, number: int
) -> None:
    """Options, pipes, quotes and the references."""
    outcome = conversation.of_samples[f"allowed-{number}"]

    assert outcome.ran, (ALLOWED[number].values, outcome.text)
    assert not outcome.is_refused, (ALLOWED[number].values, outcome.text)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_a_hostile_trace_may_ask_for_is_refused(
    conversation: Conversation, number: int
) -> None:
    """The client wants an approval, or the command refuses; nothing was made.

    Files of the project are open to every agent, and so is a skill that is installed there.
    """
    name = f"refused-{number}"
    outcome, sample = conversation.of_samples[name], REFUSED[number].values[0]
    read = Path(conversation.filled(sample.get("read", "/"), name))

    is_open = read.is_relative_to(conversation.install.project)
    assert outcome.is_refused != is_open, (sample, outcome.text)
    assert not conversation.canary(name).exists()


def test_nothing_else_was_written(conversation: Conversation) -> None:
    """The project holds what allowed lines made, and nothing is in hidden folders."""
    project = conversation.install.project
    made = {path.name for path in project.iterdir()} - {".claude", ".git", "skills-lock.json"}

    assert made == {"the case", "digest.md", "docs", "loop.json", "hostile.py"}
    assert [
        *(project / ".git" / "hooks").iterdir(),
        *(project / ".claude/commands").iterdir(),
    ] == []
