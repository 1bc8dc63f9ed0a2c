"""What travels: plugin, skill folders, wheel."""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from session_classify import __version__
from tests.conftest import ROOT, every

SKILLS = sorted(path.parent for path in (ROOT / "skills").glob("*/SKILL.md"))
SHARED = ("scripts", "references", "templates")
SERVERS = ("datadog-llmo-mcp", "datadog")
"""Names that users give to Datadog's MCP server."""
MCP_TOOLS = (
    "search_llmobs_spans",
    "get_llmobs_trace",
    "get_llmobs_agent_loop",
    "get_llmobs_span_details",
    "get_llmobs_span_content",
    "expand_llmobs_spans",
    "analyze_rum_events",
)
CLASSIFYING = ("eval-session-classify", "llm-obs-session-classify")
"""Skills that read sessions, by any restricted command and with tools of an MCP server."""
ASKED_FOR = {
    **dict.fromkeys(CLASSIFYING, ("", SERVERS)),
    "rum-audience": (" audience", ()),
}
"""The command that a skill asks for, or none for any, and the servers whose tools it asks for."""
BY_NAME = pytest.mark.parametrize("skill", SKILLS, ids=lambda path: path.name)


def test_there_are_skills() -> None:
    """A check of no skill would pass for ever."""
    assert SKILLS


def test_the_version_is_the_same_wherever_a_file_must_name_it() -> None:
    """The package's version is the one; the plugin's manifest repeats it."""
    manifest = json.loads((ROOT / ".claude-plugin" / "plugin.json").read_text())

    assert manifest["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


@BY_NAME
def test_a_skill_keeps_the_specification(skill: Path) -> None:
    """The public validator finds nothing to say."""
    done = subprocess.run(
        [sys.executable, "-m", "skills_ref.cli", "validate", str(skill)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@BY_NAME
def test_the_links_of_a_skill_lead_to_the_shared_folders(skill: Path) -> None:
    """Relative links that resolve inside the repository: they survive clone and install."""
    for name in SHARED:
        link = skill / name
        assert link.is_symlink()
        assert not link.readlink().is_absolute()
        assert link.resolve() == ROOT / name


@BY_NAME
def test_a_skill_names_only_what_is_there(skill: Path) -> None:
    """Every path below the skill's folder exists, and every command may be run unprompted."""
    from session_classify.cli.guard import COMMANDS

    text = (skill / "SKILL.md").read_text(encoding="utf-8")
    paths = re.findall(r"\$\{CLAUDE_SKILL_DIR\}/([\w./-]+)", text)
    lines = re.findall(r"python3 .*scripts/run\.py.*", text.partition("\n---\n")[2])

    assert paths
    assert [path for path in paths if not (skill / path).exists()] == []
    assert lines
    for line in lines:
        found = re.match(
            r'python3 "\$\{CLAUDE_SKILL_DIR\}/scripts/run\.py" --restricted (\S.*)', line
        )
        assert found, line
        assert any(f"{found[1]} ".startswith(f"{name} ") for name in COMMANDS)
    assert re.findall(r"(?<!\\)\$\d", text) == []


@BY_NAME
def test_a_skill_asks_for_the_restricted_commands_and_its_references_alone(skill: Path) -> None:
    """A rule that matches more runs more: without the switch, or with it at the end of a word.

    Which commands the switch allows is the list of `cli/guard.py` alone. Of MCP tools a skill asks
    for those that read what a session needs. The skill about the audience asks for its own
    commands alone.
    """
    import yaml

    text = (skill / "SKILL.md").read_text(encoding="utf-8")
    run = "${CLAUDE_SKILL_DIR}/scripts/run.py"
    forms = (f'python3 "{run}"', f"python3 {run}", "session-classify")
    folders = ("${CLAUDE_SKILL_DIR}", "${CLAUDE_PLUGIN_ROOT}")
    command, servers = ASKED_FOR[skill.name]

    assert yaml.safe_load(text.split("---\n")[1])["allowed-tools"] == [
        *(f"Bash({form} --restricted{command} *)" for form in forms),
        *(f"mcp__{server}__{tool}" for server in servers for tool in MCP_TOOLS),
        *(f"Read(/{folder}/references/**)" for folder in folders),
    ]


@BY_NAME
def test_a_skill_is_short_enough_to_be_read(skill: Path) -> None:
    """An agent pays for every line of it."""
    text = (skill / "SKILL.md").read_text(encoding="utf-8")

    assert text.count("\n") <= (150 if skill.name in CLASSIFYING else 100)
    assert len(text) <= 11_500


@pytest.mark.parametrize("skill", every(SKILLS, kept=SKILLS[:1]), ids=lambda path: path.name)
def test_a_skill_folder_copied_alone_works(skill: Path, tmp_path: Path) -> None:
    """Installers copy one skill folder and follow its links; it has to find everything there."""
    alone = tmp_path / "some skill"
    shutil.copytree(skill, alone, ignore=shutil.ignore_patterns("__pycache__"))

    done = subprocess.run(
        [sys.executable, alone / "scripts" / "run.py", "demo", "--case", tmp_path / "case"],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONSAFEPATH": "1"},
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "verdict: no" in done.stdout
    assert f'python3 "{alone}/scripts/run.py" show' in done.stdout


@pytest.mark.slow
def test_the_wheel_works_in_a_bare_environment(tmp_path: Path) -> None:
    """`pip install .` brings templates, references and the demo; another folder runs it."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(ROOT)]
    subprocess.run(install, check=True, capture_output=True)

    done = subprocess.run(
        [tmp_path / "env" / "bin" / "session-classify", "demo"],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "verdict: no" in done.stdout
    assert (tmp_path / ".local/state/session-classify/cases").is_dir()


@pytest.mark.matrix
def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    """The three steps that the README shows run as they are printed."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(part for part in text.split("```") if "session-classify gather" in part)
    commands = block.replace("\\\n", " ").strip().replace("./case", f"'{tmp_path}/case'")
    script = f"set -e\nsession-classify() {{ '{sys.executable}' -m session_classify \"$@\"; }}\n"

    done = subprocess.run(
        ["bash", "-c", script + commands], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "verdict: no\nreason: The widget was never added" in done.stdout
