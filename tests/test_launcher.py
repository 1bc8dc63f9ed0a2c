"""The launcher, on machines that lack things."""

import ast
import os
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUN = ROOT / "scripts" / "run.py"
# The interpreter that the test environment was made from: it has none of the packages.
BARE = Path(os.path.realpath(sys.executable))


def launch(home: Path, path: str, *arguments: str, python: Path = BARE) -> subprocess.Popen[str]:
    """Start the launcher with nothing in the environment but a home and a PATH."""
    return subprocess.Popen(
        [python, "-S", "-E", str(RUN), *arguments]
        if python == BARE
        else [python, str(RUN), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={"HOME": str(home), "PATH": path},
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def test_it_parses_on_python_3_8_and_imports_the_standard_library_alone() -> None:
    """An old interpreter must get far enough to find a newer one."""
    tree = ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }

    assert names - {"session_classify"} <= set(sys.stdlib_module_names)


def test_an_interpreter_with_everything_runs_the_verb_itself(tmp_path: Path) -> None:
    """Nothing is made and nothing is said where nothing is missing."""
    code, out, err = finish(launch(tmp_path, "/nowhere", "--version", python=Path(sys.executable)))

    assert (code, err) == (0, "")
    assert "version" in out
    assert list(tmp_path.iterdir()) == []


def test_two_first_runs_at_once_make_one_environment(tmp_path: Path) -> None:
    """Both succeed, one environment is made, and the next run says nothing."""
    runs = [launch(tmp_path, "/nowhere", "--version") for _ in range(2)]
    done = [finish(run) for run in runs]

    assert [code for code, _, _ in done] == [0, 0], done
    said = "".join(err for _, _, err in done)
    assert said.count("making a private environment") == 1
    made = sorted(p.name for p in (tmp_path / ".cache" / "session-classify").iterdir())
    assert [name.partition("-")[0] for name in made] == ["venv", "venv"]

    code, _, err = finish(launch(tmp_path, "/nowhere", "demo", "--case", str(tmp_path / "case")))
    assert (code, err) == (0, "")


def test_a_half_made_environment_is_made_again(tmp_path: Path) -> None:
    """Whatever interrupted the first run, its leftovers are never used."""
    code, _, _ = finish(launch(tmp_path, "/nowhere", "--version"))
    assert code == 0
    (folder,) = (tmp_path / ".cache" / "session-classify").glob("venv-*[!k]")
    (folder / "ready").unlink()
    (folder / "bin" / "python").unlink()

    code, _, err = finish(launch(tmp_path, "/nowhere", "--version"))

    assert code == 0
    assert "making a private environment" in err


def test_an_environment_whose_python_is_gone_is_made_again(tmp_path: Path) -> None:
    """After an upgrade of the system's Python the launcher mends itself."""
    assert finish(launch(tmp_path, "/nowhere", "--version"))[0] == 0
    (folder,) = (tmp_path / ".cache" / "session-classify").glob("venv-*[!k]")
    (folder / "bin" / "python").unlink()

    code, _, err = finish(launch(tmp_path, "/nowhere", "--version"))

    assert code == 0
    assert "making a private environment" in err


def test_a_cache_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Exit 7 and the variable that names another place."""
    (tmp_path / ".cache").write_text("a file")

    code, out, err = finish(launch(tmp_path, "/nowhere", "--version"))

    assert (code, out, err.count("\n")) == (7, "", 1)
    assert "XDG_CACHE_HOME" in err


def test_without_a_network_it_says_what_is_missing(tmp_path: Path) -> None:
    """Exit 7, what could not be done, and the command that does it by hand."""
    process = subprocess.Popen(
        [BARE, "-S", "-E", str(RUN), "--version"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={
            "HOME": str(tmp_path),
            "PATH": "/nowhere",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_RETRIES": "0",
            "PIP_FIND_LINKS": "",
        },
    )
    code, out, err = finish(process)

    assert (code, out) == (7, "")
    assert "cannot install its packages" in err
    assert "pip install -r" in err.splitlines()[-1]
    assert not list((tmp_path / ".cache" / "session-classify").glob("*/ready"))


def test_without_a_new_python_it_says_what_to_install(tmp_path: Path) -> None:
    """An old interpreter alone ends with exit 7 and one line."""
    old = (
        "import sys, runpy; sys.version_info = (3, 8, 0, 'final', 0); "
        f"sys.argv = [{str(RUN)!r}, 'demo']; runpy.run_path({str(RUN)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", old],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/nowhere"},
        check=False,
    )

    assert done.returncode == 7
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt install" in done.stderr


@pytest.mark.parametrize("name", ["click", "msgspec", "jinja2"])
def test_the_lock_pins_every_package_with_hashes_and_no_address(name: str) -> None:
    """What is installed is what was tested, wherever it is fetched from."""
    text = (RUN.parent / "requirements.lock").read_text()

    assert f"\n{name}==" in f"\n{text}"
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_a_shim_that_cannot_run_makes_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version managers leave shims of Pythons that are gone; the next one that runs is taken."""
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    good = tmp_path / "python3.12"
    good.symlink_to(BARE)
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert list(runpy.run_path(str(RUN))["makers"]()) == [str(good)]


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("/a/run.py", "/a/run.py"),
        ("/a b/run.py", '"/a b/run.py"'),
        ("/a'b/run.py", '"/a\'b/run.py"'),
        ("/$a b/run.py", "'/$a b/run.py'"),
        ('/a"b/run.py', "'/a\"b/run.py'"),
        ("/a`b/run.py", "'/a`b/run.py'"),
    ],
)
def test_a_printed_command_has_the_quotes_of_the_permission(path: str, quoted: str) -> None:
    """A client compares texts, and the skill's rules have double quotes; a shell reads the same."""
    assert runpy.run_path(str(RUN))["quoted"](path) == quoted
    assert shlex.split(quoted) == [path]
