"""The launcher: where a command runs, on machines that lack things; nothing is installed here."""

import ast
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from packaging.version import Version

from launcher import locks, make, places, relock, settings, start
from session_classify import invocation
from tests.conftest import ROOT, every
from tests.launching import BARE, COMPLETE, RUN, SCRIPTS, cache, finished, launch, old_pythons

DOORS = sorted(path for path in SCRIPTS.glob("*.py") if path != RUN)
LAUNCHER = sorted((SCRIPTS / "launcher").glob("*.py"))
ANYWHERE = [RUN, *DOORS, SCRIPTS / "launcher" / "__init__.py", SCRIPTS / "launcher" / "pythons.py"]
DEVELOPERS_ALONE = {"relock.py"}


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Return a fresh copy of scripts/, as a skill folder has one."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("scripts", "templates", "references"):
        shutil.copytree(ROOT / name, tmp_path / "skill" / name, ignore=ignored)
    return tmp_path / "skill" / "scripts"


def test_there_are_scripts_to_look_at() -> None:
    """A check that finds nothing to check would pass for ever."""
    assert len(DOORS) >= 4
    assert len(LAUNCHER) >= 8


@pytest.mark.parametrize("path", ANYWHERE, ids=lambda path: path.name)
def test_what_an_old_python_reads_has_no_newer_syntax(path: Path) -> None:
    """Python 2.7 parses these files, and so gets as far as to say what is needed."""
    newer = (
        ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.AsyncFunctionDef,
        ast.YieldFrom, ast.Starred, ast.MatMult, ast.Match, ast.TryStar,
    )  # fmt: skip

    for node in ast.walk(ast.parse(path.read_text(encoding="ascii"))):
        if isinstance(node, ast.Starred) and isinstance(node.ctx, ast.Load):
            continue  # f(*arguments)
        assert not isinstance(node, newer), ast.unparse(node)
        if isinstance(node, ast.FunctionDef):
            every = [*node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            assert not node.args.kwonlyargs
            assert not node.returns
            assert not any(one.annotation for one in every if one)


@pytest.mark.parametrize("path", LAUNCHER, ids=lambda path: path.name)
def test_the_launcher_needs_python_3_8_and_its_standard_library(path: Path) -> None:
    """It has to run where nothing is installed, to find a newer Python or to make a place."""
    if path.name in DEVELOPERS_ALONE:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert names - {"launcher", "session_classify", "_typeshed"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "python", old_pythons() or [None], ids=lambda path: getattr(path, "name", "none")
)
@pytest.mark.parametrize("script", every([RUN, *DOORS], kept=[RUN]), ids=lambda path: path.name)
def test_an_old_python_alone_gets_one_sentence(
    python: Path | None, script: Path, tmp_path: Path
) -> None:
    """Exit code 7, and what to do; whatever the Python, and by whichever script."""
    if python is None:
        pytest.skip("no Python older than 3.11 is on this machine")

    code, out, err = finished(launch(tmp_path, "--version", python=(str(python),), script=script))

    assert (code, out, err.count("\n")) == (7, "", 1), err
    assert "needs Python 3.11 or newer, this is " in err
    assert "apt install python3.11" in err


def test_without_a_new_python_it_says_what_to_install(tmp_path: Path) -> None:
    """The same where no old Python is at hand to try it with."""
    old = (
        "import sys, runpy; sys.version_info = (3, 8, 0, 'final', 0); "
        f"sys.argv = [{str(RUN)!r}, 'demo']; runpy.run_path({str(RUN)!r}, run_name='__main__')"
    )
    process = launch(tmp_path, python=(sys.executable, "-c"), script=Path(old))

    code, out, err = finished(process)

    assert (code, out, err.count("\n")) == (7, "", 1)
    assert "needs Python 3.11 or newer" in err


@pytest.mark.parametrize("extra", ["", *relock.EXTRAS])
def test_a_lock_begins_with_what_pyproject_wants(extra: str) -> None:
    """The launcher looks for what the package needs, at the version that it needs: `make lock`."""
    text = Path(locks.lock_path(extra)).read_text(encoding="utf-8")

    assert text.startswith(relock.head(relock.wanted()[extra]))


@pytest.mark.parametrize("extra", ["", *relock.EXTRAS])
def test_a_lock_pins_every_package_with_hashes_and_no_address(extra: str) -> None:
    """What is installed is what was tested, wherever it is fetched from."""
    text = Path(locks.lock_path(extra)).read_text(encoding="utf-8")
    pins = pinned(text)

    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")
    for requirement in locks.Locks().requirements(extra):
        assert Version(pins[requirement.name]) >= Version(requirement.oldest)
    assert not {name for name, version in pins.items() if EVERY_PIN[name] != version}


def pinned(text: str) -> dict[str, str]:
    lines = (line.split() for line in text.splitlines() if "==" in line)
    return {name: version for name, _, version in (words[0].partition("==") for words in lines)}


EVERY_PIN = pinned("".join(path.read_text() for path in sorted(SCRIPTS.glob("*.lock"))))


def site(folder: Path, name: str, version: str, ending: str = ".dist-info") -> Path:
    """Make a folder as pip does, with one package that can be imported."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    if version:
        (folder / f"{name}-{version}{ending}").mkdir()
    return folder


@pytest.mark.parametrize(
    ("version", "ending", "told"),
    [
        pytest.param("8.1", ".dist-info", "", id="the oldest"),
        pytest.param("8.1.0", ".dist-info", "", id="the oldest, written longer"),
        pytest.param("8.10", ".dist-info", "", id="numbers, not letters"),
        pytest.param("8.1.7.post1", ".dist-info", "", id="post"),
        pytest.param("8.1.3", ".egg-info", "", id="Debian"),
        pytest.param("8.2-py3.11", ".egg-info", "", id="setuptools"),
        pytest.param("7.1.2", ".dist-info", "click 7.1.2 is older than 8.1", id="older"),
        pytest.param("8.0.9", ".dist-info", "click 8.0.9 is older than 8.1", id="a little older"),
        pytest.param("", ".dist-info", "click is not installed", id="a folder of that name"),
    ],
)
def test_a_version_counts(
    version: str, ending: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is installed at an older version than pyproject wants does not count as there."""
    monkeypatch.setattr(sys, "path", [str(site(tmp_path, "click", version, ending))])

    assert locks.Requirement("# import click from click>=8.1").problem(locks.installed()) == told


def test_a_module_in_front_of_a_package_counts_as_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be imported is what is looked at: a `click.py` in an earlier folder is foreign."""
    (tmp_path / "click.py").touch()
    good = site(tmp_path / "good", "click", "8.2")
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(good)])

    problem = locks.Requirement("# import click from click>=8.1").problem(locks.installed())

    assert problem == f"click is not in {good} but {tmp_path}/click.py"


@hypothesis(deadline=None)
@given(*[st.lists(st.integers(0, 30), min_size=1, max_size=4)] * 2)
def test_versions_are_ordered_as_packaging_orders_them(one: list[int], other: list[int]) -> None:
    """The launcher has no library for it, and must not differ."""
    first, second = (".".join(map(str, numbers)) for numbers in (one, other))

    ours = locks._numbers(first) < locks._numbers(second)

    assert ours == (Version(first) < Version(second))


@pytest.mark.parametrize(
    "script", every(["run.py", *(path.name for path in DOORS)], kept=["run.py", "extract_loop.py"])
)
@pytest.mark.parametrize("safe", ["", "1"], ids=["", "safe path"])
def test_a_complete_interpreter_runs_the_command_and_leaves_nothing_in_the_folder(
    script: str, safe: str, scripts: Path, tmp_path: Path
) -> None:
    """Nothing is said and made; byte code goes to the user's cache, so that starts stay quick."""
    home = tmp_path / "home"
    env = {"PYTHONSAFEPATH": safe} if safe else {}

    code, out, err = finished(
        launch(home, "--help", python=COMPLETE, script=scripts / script, **env)
    )

    assert (code, err) == (0, "")
    assert out.startswith("Usage: python3 ")
    assert list(scripts.rglob("__pycache__")) == []
    assert [path.name for path in cache(home).iterdir()] == ["bytecode"]
    assert list(cache(home).rglob("session_classify/cli/__init__*.pyc"))
    assert not list(cache(home).rglob("click*"))


@pytest.mark.matrix
def test_another_python_that_has_everything_is_used(tmp_path: Path) -> None:
    """Nothing is made where a Python on PATH has the packages; one without is passed by."""
    for name, python in (("python3.13", BARE[0]), ("python3.12", sys.executable)):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        program.chmod(0o755)

    code, out, err = finished(launch(tmp_path, "demo", path=f"{tmp_path}:/bin"))

    assert (code, err) == (0, "")
    assert "verdict: no" in out
    assert {path.name for path in cache(tmp_path).iterdir()} == {"bytecode", "parsed", "templates"}


@pytest.mark.matrix
def test_what_is_printed_names_the_path_that_was_called(scripts: Path, tmp_path: Path) -> None:
    """An agent may run what a command prints by that path and no other: links are kept."""
    (tmp_path / "link").symlink_to(scripts)

    code, out, err = finished(
        launch(tmp_path, "demo", python=COMPLETE, script=tmp_path / "link" / "run.py")
    )

    assert (code, err) == (0, "")
    assert f"python3 {tmp_path}/link/run.py show" in out


def test_a_cache_that_cannot_be_written_stops_no_complete_interpreter(tmp_path: Path) -> None:
    """Byte code is not kept then, and that is all."""
    (tmp_path / ".cache").write_text("a file")

    assert finished(launch(tmp_path, "--version", python=COMPLETE))[0] == 0


def test_a_cache_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Exit 7 and the variable that names another place."""
    (tmp_path / ".cache").write_text("a file")

    code, out, err = finished(launch(tmp_path, "--version"))

    assert (code, out, err.count("\n")) == (7, "", 1)
    assert "XDG_CACHE_HOME" in err


FOREIGN = "raise SystemExit('foreign')"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Return a folder with files that are named like the packages, and are something else."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    for requirement in locks.Locks().requirements(""):
        (folder / f"{requirement.module}.py").write_text(FOREIGN)
    return folder


@pytest.mark.matrix
def test_pythonpath_and_the_current_folder_do_not_count(foreign: Path, tmp_path: Path) -> None:
    """What lies there is for another program, even where this interpreter has everything."""
    by_path = launch(tmp_path, "demo", python=COMPLETE, PYTHONPATH=str(foreign))
    by_folder = launch(tmp_path, "demo", python=COMPLETE, cwd=foreign)

    assert [finished(process)[::2] for process in (by_path, by_folder)] == [(0, ""), (0, "")]


@pytest.mark.matrix
def test_a_command_that_is_started_can_be_the_launcher(tmp_path: Path) -> None:
    """Nothing of a launch reaches a judge: it may call the launcher, and says its own name."""
    demo = SCRIPTS / "session_classify" / "demo_bundle"
    judge = tmp_path / "judge.py"
    judge.write_text(
        "import json, os, subprocess, sys\n"
        f"done = subprocess.run([sys.executable, {str(RUN)!r}, '--version'], check=True)\n"
        "assert not [name for name in os.environ if name.startswith('SESSION_CLASSIFY')]\n"
        "print(json.dumps({'verdict': 'no', 'reason': 'It was never added.', 'cite': ['write1'],\n"
        "    'confirm': ['claim1'], 'failures': [{'code': 'hallucination'}]}))\n"
    )

    code, out, err = finished(
        launch(
            tmp_path, "classify", "5e551044-de30-4c1a-9551-000000000001", "--backend",
            f"bundle:{demo}", "--judge", shlex.join([sys.executable, str(judge)]), python=COMPLETE,
        )
    )  # fmt: skip

    assert code == 0, err
    assert out.startswith("verdict: no")


@pytest.mark.matrix
def test_a_relative_xdg_folder_is_ignored(tmp_path: Path) -> None:
    """Neither the cache nor a case lands in the current folder, as the specification says."""
    here = tmp_path / "here"
    here.mkdir()
    env = dict.fromkeys(("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), "rel")

    code, _, err = finished(launch(tmp_path, "demo", python=COMPLETE, cwd=here, **env))

    assert (code, err) == (0, "")
    assert list(here.iterdir()) == []
    assert cache(tmp_path).is_dir()
    assert (tmp_path / ".local" / "state" / "session-classify" / "cases").is_dir()


@pytest.fixture
def without_links(scripts: Path, tmp_path: Path) -> Path:
    """Return a checkout as Git for Windows makes it: links are text files."""
    checkout = tmp_path / "checkout"
    scripts.parent.rename(checkout)
    for skill in (ROOT / "skills").iterdir():
        shutil.copytree(skill, checkout / "skills" / skill.name, symlinks=True)
        for link in (checkout / "skills" / skill.name).iterdir():
            if link.is_symlink():
                target = link.readlink()
                link.unlink()
                link.write_text(str(target))
    return checkout


def test_a_checkout_without_links_works_and_names_the_fix(
    without_links: Path, tmp_path: Path
) -> None:
    """The launcher at the top works there; `doctor` says why the skills do not."""
    run = without_links / "scripts" / "run.py"

    code, out, err = finished(launch(tmp_path, "doctor", python=COMPLETE, script=run))

    assert (code, err) == (0, "")
    told = [line for line in out.splitlines() if "text files" in line]
    skills = sorted(path.name for path in (ROOT / "skills").iterdir())
    assert len(told) == len(skills)
    for name, line in zip(skills, told, strict=True):
        assert f"{without_links}/skills/{name}: this skill does not work" in line
        assert "git config core.symlinks true" in line


@pytest.mark.matrix
@pytest.mark.parametrize("name", ["templates", "references"])
def test_a_skill_folder_with_text_files_for_links_names_the_fix(
    name: str, without_links: Path, tmp_path: Path
) -> None:
    """Where only some of a copied skill is real, the command says what is wrong."""
    skill = without_links / "skills" / "llm-obs-session-classify"
    for real in {"scripts", "templates", "references"} - {name}:
        (skill / real).unlink()
        shutil.copytree(without_links / real, skill / real)

    code, out, err = finished(
        launch(tmp_path, "demo", python=COMPLETE, script=skill / "scripts" / "run.py")
    )

    assert (code, out, err.count("\n")) == (7, "", 1)
    assert f"{skill / name} is a text file in place of a link; run `git config" in err


def test_an_environment_that_stays_damaged_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is made anew once; the second time the command ends, with what is wrong."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    launched = start.Launch("run.py", [])
    monkeypatch.setattr(launched.locks, "lacking", lambda _: ["click is not installed"])
    environment = places.Environment("key", frozenset())
    Path(environment.folder).mkdir(parents=True)
    Path(environment.mark).touch()

    with pytest.raises(SystemExit) as ended:
        launched.check(environment, 1)

    assert ended.value.code == 7
    assert "click is not installed; it was made anew" in capsys.readouterr().err
    assert not Path(environment.mark).exists()


def test_a_shim_that_cannot_run_makes_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version managers leave shims of Pythons that are gone; the next one that runs is taken."""
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    good = tmp_path / "python3.12"
    good.symlink_to(BARE[0])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "_base_executable", str(shim))

    assert make.find_maker() == str(good)


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        pytest.param("global.proxy='p'", {"PIP_PROXY": "p"}, id="kept"),
        pytest.param("global.cert='a'\ninstall.cert='b'", {"PIP_CERT": "b"}, id="install, global"),
        pytest.param(":env:.cert='c'\ninstall.cert='b'", {"PIP_CERT": "c"}, id="variable, file"),
        pytest.param("global.no-index='true'", {"PIP_NO_INDEX": "true"}, id="several words"),
        pytest.param(r"global.cert='a\nb'", {"PIP_CERT": "a\nb"}, id="several lines"),
        pytest.param("global.target='t'\ninstall.user='true'", {}, id="where"),
        pytest.param("global.constraint='c'\ninstall.no-deps='true'", {}, id="what"),
        pytest.param("download.cert='a'\nfreeze.user='true'", {}, id="of other commands"),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_of_pips_settings_those_of_the_source_are_kept(listed: str, wanted: dict[str, str]) -> None:
    """Index, proxy, certificate and cache go along; where and what to install does not."""
    assert settings.kept(listed) == wanted


@pytest.mark.matrix
def test_pips_own_files_and_variables_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real pip says what it would do, though its file has it print nothing, or a part only."""
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nquiet = 3\nuser = true\ntarget = /t\nproxy = http://p.example\nlog = /no/where\n"
        "[install]\nno-deps = true\nindex-url = https://file.example/simple\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example/simple")
    monkeypatch.setenv("PIP_PREFIX", "/p")
    monkeypatch.setenv("PYTHONPATH", "/p")

    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)

    found = settings.pip_environment([str(tmp_path / "python"), sys.executable])

    assert found["PIP_PROXY"] == "http://p.example"
    assert found["PIP_INDEX_URL"] == "https://variable.example/simple"
    assert found["PIP_CONFIG_FILE"] == os.devnull
    steering = {name for name in found if name.startswith(("PIP_", "PYTHON"))}
    kept = {"PIP_" + name.upper().replace("-", "_") for name in settings.PIP}
    assert steering <= kept | {"PIP_CONFIG_FILE"}


def test_uvs_variables_of_the_source_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for uv, names of indexes in variables included."""
    kept = {"UV_DEFAULT_INDEX": "u", "UV_INDEX_CORP_PASSWORD": "p", "UV_CACHE_DIR": "c"}
    steering = ("UV_TARGET", "UV_CONSTRAINT", "UV_SYSTEM_PYTHON", "PYTHONPATH", "PIP_USER")
    monkeypatch.setattr(os, "environ", {**dict.fromkeys(steering, "x"), **kept, "HOME": "/h"})

    assert settings.uv_environment() == {**kept, "HOME": "/h"}


@pytest.mark.parametrize("script", ["run.py", "session-classify"])
@pytest.mark.parametrize("keys", [True, False], ids=["keys", "no keys"])
def test_a_missing_extra_is_set_up_by_the_launcher_alone(
    script: str, keys: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed command names pip's; under the launcher the first use brings what is missing."""
    from session_classify.backends import environment, kinds

    monkeypatch.setattr(environment, "find_spec", lambda _: None)
    monkeypatch.setattr(sys, "argv", [f"/somewhere/{script}"])
    for name in ("DD_API_KEY", "DD_APP_KEY", "DD_APPLICATION_KEY", "DD_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
        if keys and "APPLICATION" not in name:
            monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("PATH", "/nowhere")

    found = kinds.availability()
    api, mcp = found["api"], found["mcp"]

    launched = script == "run.py"
    assert (api.extra, mcp.extra) == (("api", "mcp") if launched and keys else ("", ""))
    assert ("pip install" in api.fix, "pip install" in mcp.fix) == (not launched,) * 2
    assert ("export DD_API_KEY" in api.fix) is not keys
    assert kinds.first_choice(found) == ("api" if launched and keys else "")


def test_an_error_reaches_the_launcher_before_it_is_told(tmp_path: Path) -> None:
    """The command line gives every error to whoever can start it again, and then tells it."""
    code = (
        "import sys\nfrom session_classify.__main__ import main\n"
        "sys.argv = ['x', 'show', 'nowhere']\n"
        "main(lambda error: print(type(error).__name__))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )

    assert (done.returncode, done.stdout) == (3, "NotFoundError\n")
    assert done.stderr.startswith("session-classify: no case at")


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
    assert invocation.quoted(path) == quoted
    assert shlex.split(quoted) == [path]
