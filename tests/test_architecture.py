"""The shape of the code: one direction of flow, small modules, words held once."""

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "scripts" / "session_classify"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Later rooms may use earlier ones, never the other way round.
FLOW = (
    "redaction",
    "backends",
    "wire",
    "profiles",
    "evidence",
    "around",
    "report",
    "verdict",
    "serve",
    "cli",
)


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }


def test_there_are_modules_to_look_at() -> None:
    """A check that finds nothing to check would pass for ever."""
    assert len(MODULES) > 30
    assert {room(path) for path in MODULES} == {"", *FLOW}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_small(path: Path) -> None:
    """No module is over 300 lines, no function over 60."""
    text = path.read_text(encoding="utf-8")

    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno
            assert lines <= 60, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_data_flows_one_way(path: Path) -> None:
    """No room imports from a room that comes after it."""
    if room(path) not in FLOW:
        return
    later = FLOW[FLOW.index(room(path)) + 1 :]

    found = [
        name
        for name in imports(path)
        for other in later
        if f"{name}.".startswith(f"session_classify.{other}.")
    ]

    assert found == []


def test_nothing_committed_names_this_machine() -> None:
    """No absolute path of a developer's machine and no registry's address travels along."""
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("no git checkout: what would be committed is not known here")
    here = re.escape(str(ROOT))
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not re.search(rf'{here}|"resolved":\s*"http', text), name
