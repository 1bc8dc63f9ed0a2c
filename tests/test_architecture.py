"""The shape of the code: one direction of flow, small modules, words held once."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPTS = ROOT / "scripts"
PACKAGE = SCRIPTS / "session_classify"
STANDIN = SCRIPTS / "datadog_standin"
MODULES = sorted(PACKAGE.rglob("*.py"))
STANDIN_MODULES = sorted(STANDIN.rglob("*.py"))
OUTSIDE = [path for name in ("launcher", "hook") for path in sorted((SCRIPTS / name).rglob("*.py"))]
EVERY = [*MODULES, *STANDIN_MODULES, *OUTSIDE]
FOLDERS = sorted({path.parent for path in EVERY})

# A room may import from rooms before it, never from one after it. "" is what lies at the root.
FLOW = {
    "": ("redaction",),
    "queries": (),
    "backends": ("", "official", "client", "kinds"),
    "wire": ("answers", "messages", "trace", "session", "rum", ""),
    "profiles": (),
    "evidence": ("results", "conversation", "", "rum", "audit"),
    "gathering": (),
    "printing": (),
    "digest": (),
    "verdict": (),
    "population": (),
    "exporting": (),
    "sweeping": (),
    "agreement": (),
    "probing": (),
    "report": (),
    "pages": (),
    "audience": (),
    "submission": (),
    "cli": ("", "runs", "commands"),
    "instrument": (),
}
"""The rooms from the first to the last, each with the order of the rooms inside it."""


def place(module: str) -> tuple[int, int]:
    """Return where a module of the package stands in the flow: its room, and the room inside."""
    parts = module.split(".")[1:]
    at_root = not parts or not (PACKAGE / parts[0]).is_dir() or parts[0] in FLOW[""]
    room = "" if at_root else parts[0]
    inner = parts[1] if len(parts) > 1 and (PACKAGE.joinpath(*parts[:2])).is_dir() else ""
    inside = 0 if at_root or not FLOW[room] else FLOW[room].index(inner)
    return list(FLOW).index(room), inside


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(SCRIPTS).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports, wherever in it: `from a import b` gives `a.b` too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add(node.module or "")
            found.update(f"{node.module}.{name.name}" for name in node.names)
    return frozenset(found)


def is_module(name: str) -> bool:
    path = SCRIPTS.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def named(path: Path) -> str:
    return str(path.relative_to(SCRIPTS))


def test_there_are_modules_to_look_at() -> None:
    """A check that finds nothing to check would pass for ever."""
    rooms = {path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE}

    assert len(MODULES) > 100
    assert rooms == {*FLOW, "redaction"} - {""}


def test_a_module_is_small() -> None:
    """No module is over 300 lines, no function over 60."""
    modules, functions = {}, {}
    for path in EVERY:
        text = path.read_text(encoding="utf-8")
        modules[named(path)] = text.count("\n")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno
                functions[f"{named(path)}: {node.name}"] = lines

    assert {name: lines for name, lines in modules.items() if lines > 300} == {}
    assert {name: lines for name, lines in functions.items() if lines > 60} == {}


def test_a_folder_is_small() -> None:
    """No folder has over 20 modules, so that its list can be read at a glance."""
    counts = {
        named(folder): len([one for one in folder.glob("*.py") if one.name != "__init__.py"])
        for folder in FOLDERS
    }

    assert {name: count for name, count in counts.items() if count > 20} == {}


def test_data_flows_one_way() -> None:
    """No room imports from a room that comes after it, nor does a room inside another."""
    against = [
        (named(path), name)
        for path in MODULES
        if path.name != "__main__.py"
        for name in imports(path)
        if name.startswith("session_classify.") and is_module(name)
        if place(name) > place(dotted(path))
    ]

    assert against == []


INSTRUMENT = sorted((PACKAGE / "instrument").glob("*.py"))


def test_nothing_uses_what_apps_load() -> None:
    """`instrument` stands for itself: it needs the app's SDK, which nothing else here has."""
    used = {
        named(path): [name for name in imports(path) if "session_classify.instrument" in name]
        for path in MODULES
        if path not in INSTRUMENT
    }

    assert {name: modules for name, modules in used.items() if modules} == {}


def test_what_apps_load_uses_nothing_else() -> None:
    """A web app imports it without the rest of the package and its libraries."""
    used = {
        name for path in INSTRUMENT for name in imports(path) if name.startswith("session_classify")
    }

    assert used
    assert {name for name in used if not name.startswith("session_classify.instrument")} == set()


def test_the_standin_shares_nothing_with_what_it_tests() -> None:
    """A server that decoded rows with the package's code could not show a fault of that code."""
    used = {name.split(".")[0] for path in STANDIN_MODULES for name in imports(path)}

    assert "datadog_standin" in used
    assert "session_classify" not in used


def test_the_map_names_what_exists() -> None:
    """Every path in AGENTS.md exists, from the root or below the package."""
    text = (ROOT / "AGENTS.md").read_text(encoding="utf-8")
    paths = {
        name
        for name in re.findall(r"`([\w.][\w./-]*)`", text)
        if ("/" in name or name.endswith((".py", ".md"))) and not name.startswith("../")
    }

    assert len(paths) > 40
    assert [
        name for name in sorted(paths) if not ((ROOT / name).exists() or (PACKAGE / name).exists())
    ] == []


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
