"""Claude Code as a user has it: installed plugin or skill, default permissions, an empty home."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.client.model import Model, Request, Script
from tests.conftest import ROOT

SKILL = "llm-obs-session-classify"
PLUGIN = "session-classify@session-classify"
_REFUSAL = re.compile(r"Exit code \d+\nsession-classify: --restricted (?:does not|refuses) ")
_NOT_INSTALLED = shutil.ignore_patterns(".*_cache", ".git", ".venv", ".hypothesis", "__pycache__")
_GITHUB = "made-up/session-classify"
_GIT = """[url "file://{repository}"]
    insteadOf = https://github.com/{name}.git
    insteadOf = https://github.com/{name}
[protocol "file"]
    allow = always
"""
"""Where a home's git finds a repository that no server has."""


@dataclass(frozen=True, slots=True)
class Install:
    """One way to have the skill: the client's options, its home, and where it runs."""

    client: str
    home: Path
    project: Path
    options: tuple[str, ...] = ()

    def run(self, *arguments: str, **env: str) -> str:
        """Run the client in the project and return what it printed."""
        done = subprocess.run(
            [self.client, *arguments],
            cwd=self.project,
            env={
                "HOME": str(self.home),
                # The Python of these tests has the packages, so that the launcher installs nothing.
                "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                "DISABLE_AUTOUPDATER": "1",
                "DISABLE_TELEMETRY": "1",
                "IS_SANDBOX": "1",
                **env,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def converse(
        self, prompt: str, script: Script, *options: str, tokens: int = 1, **env: str
    ) -> None:
        """Let the scripted model use tools until its script ends; any text counts `tokens`."""
        with Model(script, tokens) as model:
            keys = {"ANTHROPIC_API_KEY": "none", "ANTHROPIC_BASE_URL": model.url}
            self.run("-p", prompt, *self.options, *options, **keys, **env)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one tool use."""

    is_error: bool
    text: str

    @property
    def ran(self) -> bool:
        """Whether the command was started, however it ended."""
        return not self.is_error or self.text.startswith("Exit code ")

    @property
    def is_refused(self) -> bool:
        """Whether the client wanted an approval, or the command refused to do it."""
        return self.is_error and (not self.ran or bool(_REFUSAL.match(self.text)))


def outcome_of(request: Request) -> Outcome:
    """Return the result of the last tool use, as the model gets it."""
    return outcomes_of(request)[-1]


def outcomes_of(request: Request, count: int = 1) -> list[Outcome]:
    """Return the results of the last `count` tool uses; a client may join earlier ones to them."""
    blocks = [
        block
        for message in request["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "tool_result"
    ]
    outcomes = []
    for block in blocks[-count:]:
        content = block["content"]
        text = content if isinstance(content, str) else "".join(b.get("text", "") for b in content)
        outcomes.append(Outcome(bool(block.get("is_error")), text))
    return outcomes


def skill_text(request: Request) -> str:
    """Return the skill as the client hands it to the model: its folder, then its text."""
    texts = [
        block["text"]
        for message in request["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "text"
    ]
    return next(text for text in texts if text.startswith("Base directory for this skill: "))


def by_folder(client: str, base: Path) -> Install:
    """Use the plugin in the folder where it lies."""
    install = _fresh(client, base)
    return Install(client, install.home, install.project, ("--plugin-dir", str(_copy(base))))


def readme_commands(row: str, repository: Path) -> list[list[str]]:
    """Return the commands of a row of README's table of installations, with their place."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    cell = re.findall(rf"^\| {row} \| (.*) \|$", text, re.MULTILINE)[0]
    place = "/path/to/this/repository"
    return [
        [str(repository) if word == place else word for word in line.split()]
        for line in re.findall(r"`([^`]+)`", cell)
    ]


def by_marketplace(client: str, base: Path) -> Install:
    """Install the plugin from a marketplace that is a folder, as README says."""
    install = _fresh(client, base)
    commands = readme_commands("plugin of Claude Code", _copy(base))
    assert len(commands) == 2
    for program, *words in commands:
        assert program == "claude"
        install.run(*words)
    return install


def by_git(client: str, base: Path) -> Install:
    """Install the plugin from a marketplace that is a repository; the client clones it."""
    install = _fresh(client, base)
    repository = _copy(base)
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "Release"]):
        subprocess.run(["git", "-C", repository, *words], check=True)
    settings = _GIT.format(repository=repository, name=_GITHUB)
    (install.home / ".gitconfig").write_text(settings)
    install.run("plugin", "marketplace", "add", f"https://github.com/{_GITHUB}.git")
    install.run("plugin", "install", PLUGIN)
    return install


def by_npx(client: str, base: Path) -> Install:
    """Let the skills installer of npm copy the skill into the project, as README says.

    The further options answer its questions.
    """
    install = _fresh(client, base)
    ((program, package, *words),) = readme_commands("a skill alone", _copy(base))
    assert (program, package) == ("npx", "skills")
    words += ["--agent", "claude-code", "--yes", "--copy"]
    subprocess.run(
        ["node", os.environ["SESSION_CLASSIFY_SKILLS"], *words],
        cwd=install.project,
        env={"HOME": str(install.home), "PATH": os.environ["PATH"], "DISABLE_TELEMETRY": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=120,
    )
    return install


def by_project(client: str, base: Path) -> Install:
    """Copy the skill alone into the project, with what its links lead to."""
    install = _fresh(client, base)
    _copy_skill(install.project)
    return install


def by_home(client: str, base: Path) -> Install:
    """Copy the skill alone into the home directory."""
    install = _fresh(client, base)
    _copy_skill(install.home)
    return install


WAYS: dict[str, Callable[[str, Path], Install]] = {
    "folder": by_folder,
    "marketplace": by_marketplace,
    "git": by_git,
    "npx": by_npx,
    "project": by_project,
    "home": by_home,
}


def _fresh(client: str, base: Path) -> Install:
    """Make an empty home and a repository with folders from which agents take instructions."""
    home, project = base / "home", base / "the project"
    home.mkdir(parents=True)
    for folder in (".git/hooks", ".claude/commands", "docs"):
        (project / folder).mkdir(parents=True)
    return Install(client, home, project)


def _copy(base: Path) -> Path:
    """Copy what a release's archive holds, as it lies here, committed or not."""
    plugin = base / "plugin"
    shutil.copytree(ROOT, plugin, symlinks=True, ignore=_not_released)
    return plugin


def _not_released(folder: str, names: list[str]) -> set[str]:
    lines = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    kept_back = {ROOT / line.split()[0][1:] for line in lines if line.endswith(" export-ignore")}
    left = {name for name in names if Path(folder, name) in kept_back}
    return _NOT_INSTALLED(folder, names) | left


def _copy_skill(folder: Path) -> None:
    place = folder / ".claude" / "skills" / SKILL
    shutil.copytree(ROOT / "skills" / SKILL, place, ignore=_NOT_INSTALLED)


Use = dict[str, Any]


def bash(command: str) -> Use:
    """Return the tool use that runs a command."""
    return {"name": "Bash", "input": {"command": command, "description": "run"}}


def read(path: str) -> Use:
    """Return the tool use that reads a file."""
    return {"name": "Read", "input": {"file_path": path}}
