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
from tests.conftest import ROOT

SKILLS = sorted(path.parent for path in (ROOT / "skills").glob("*/SKILL.md"))
SHARED = ("scripts", "references", "templates")
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
    """Every path below the skill's folder exists, and every command is a verb of the launcher."""
    from session_classify.cli import cli

    text = (skill / "SKILL.md").read_text(encoding="utf-8")
    paths = re.findall(r"\$\{CLAUDE_SKILL_DIR\}/([\w./-]+)", text)
    verbs = re.findall(r"scripts/run\.py (\w+)", text)

    assert paths
    assert [path for path in paths if not (skill / path).exists()] == []
    assert set(verbs) <= set(cli.commands) | set(cli.list_commands(None))  # type: ignore[arg-type]
    assert re.findall(r"(?<!\\)\$\d", text) == []


@BY_NAME
def test_a_skill_is_short_enough_to_be_read(skill: Path) -> None:
    """An agent pays for every line of it."""
    text = (skill / "SKILL.md").read_text(encoding="utf-8")

    assert text.count("\n") <= 80
    assert len(text) <= 11_500


@BY_NAME
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
    assert f"{alone}/scripts/run.py' show" in done.stdout


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
