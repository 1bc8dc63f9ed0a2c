"""The launcher's private environments: real ones, made by pip and uv; `make launcher`."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher import locks, make, relock
from tests.backends.conftest import Server, serve
from tests.conftest import ROOT
from tests.launching import BARE, RUN, cache, finished, launch, old_pythons

pytestmark = pytest.mark.slow

__all__ = ["serve"]
SESSION = "5e551044-de30-4c1a-9551-000000000001"
DEMO = ROOT / "scripts" / "session_classify" / "demo_bundle"
MAKING = "making a private environment"


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return settings of pip and uv for a folder with every locked package, downloaded once."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(folder)]
    for extra in ("", *relock.EXTRAS):
        command += ["--requirement", locks.lock_path(extra)]
    subprocess.run([*command, "--require-hashes"], check=True)
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(folder),
    }


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, uv: Path, wheels: dict[str, str]) -> Path:
    """Return a home in which a first run made the environment, with uv because that is quick."""
    home = tmp_path_factory.mktemp("made")
    code, out, err = finished(launch(home, "--version", path=str(uv), **wheels))
    assert (code, err.count(MAKING), err.count("\n")) == (0, 1, 1), err
    assert "version" in out
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """Return a home of one's own with a finished environment."""
    shutil.copytree(made, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with uv alone in it."""
    folder = tmp_path_factory.mktemp("uv")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder / "lib")]
    subprocess.run([*install, "uv"], check=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "uv").symlink_to(folder / "lib" / "bin" / "uv")
    return folder / "bin"


def environment(home: Path) -> Path:
    (found,) = (path for path in cache(home).glob("venv-*") if path.is_dir())
    return found


def test_two_first_runs_at_once_make_one_environment(
    tmp_path: Path, wheels: dict[str, str]
) -> None:
    """Both succeed, one environment is made, the other run says that it waits."""
    done = [finished(run) for run in [launch(tmp_path, "--version", **wheels) for _ in range(2)]]

    assert [code for code, _, _ in done] == [0, 0], done
    said = "".join(err for _, _, err in done)
    assert (said.count(MAKING), said.count("waiting for another run")) == (1, 1)
    assert environment(tmp_path).is_dir()


def test_later_runs_say_nothing_and_need_no_network(home: Path, tmp_path: Path) -> None:
    """What was made is used, by an isolated Python, wherever the user's own packages lie."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for name in ("click", "yaml", "msgspec", "jinja2", "json", "subprocess"):
        (foreign / f"{name}.py").write_text("raise SystemExit('foreign')")
    version = "python{}.{}".format(*sys.version_info)
    shutil.copytree(foreign, home / ".local" / "lib" / version / "site-packages")
    variables = {"PYTHONPATH": str(foreign), "PYTHONSTARTUP": str(foreign / "click.py")}

    code, out, err = finished(launch(home, "demo", python=BARE[:1], cwd=foreign, **variables))

    assert (code, err) == (0, "")
    assert "verdict: no" in out


def test_pythonhome_does_not_reach_the_environment(home: Path) -> None:
    """It may be right for the Python that was called, and would keep this one from starting."""
    python = (*BARE, "-E")

    assert finished(launch(home, "demo", python=python, PYTHONHOME="/nowhere"))[::2] == (0, "")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(("ready", "bin/python"), id="half-made"),
        pytest.param(("bin/python",), id="its Python is gone"),
        pytest.param(("lib/python3.11/site-packages/click",), id="a package is gone"),
        pytest.param(("lib/python3.11/site-packages",), id="of another Python version"),
    ],
)
def test_a_damaged_environment_is_made_again(
    damage: tuple[str, ...], home: Path, uv: Path, wheels: dict[str, str]
) -> None:
    """Whatever happened to it, the next run works and says what it does."""
    for name in damage:
        (path,) = environment(home).glob(name.replace("python3.11", "python3.*"))
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    code, _, err = finished(launch(home, "--version", path=str(uv), **wheels))

    assert code == 0, err
    assert err.count(MAKING) == 1
    assert finished(launch(home, "--version"))[::2] == (0, "")


def test_a_package_that_breaks_while_it_is_imported_is_told(
    home: Path, uv: Path, wheels: dict[str, str]
) -> None:
    """Exit code 7 and what is wrong; the next run makes the environment anew."""
    (module,) = environment(home).glob("lib/*/site-packages/click/core.py")
    module.unlink()

    code, out, err = finished(launch(home, "--version"))
    assert (code, out, err.count("\n")) == (7, "", 1), err
    assert "is damaged" in err
    assert "click.core" in err

    assert finished(launch(home, "--version", path=str(uv), **wheels))[0] == 0


@pytest.mark.long
def test_an_environment_that_never_works_is_tried_twice(
    tmp_path: Path,
    wheels: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is made anew once, and then the probe's words say why there is none."""
    probe = tmp_path / "probe.py"
    probe.write_text("raise SystemExit('msgspec cannot be imported: ImportError: GLIBC')")
    monkeypatch.setattr(make, "_PROBE", str(probe))
    for name, value in {**wheels, "HOME": str(tmp_path), "PATH": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    with pytest.raises(SystemExit) as ended:
        make.make("key", frozenset())

    assert ended.value.code == 7
    said = capsys.readouterr().err
    assert said.count("msgspec cannot be imported: ImportError: GLIBC") == 2
    assert said.count("making it anew") == 1
    assert [path.name for path in cache(tmp_path).iterdir()] == ["venv-key.lock"]


def test_a_kill_while_it_is_made_leaves_nothing_that_is_used(
    tmp_path: Path, wheels: dict[str, str]
) -> None:
    """The next run waits for what the killed one left behind, and makes it from the start."""
    process = launch(tmp_path, "--version", **wheels)
    until(lambda: bool(list(cache(tmp_path).glob("venv-*/bin/python"))))
    process.send_signal(signal.SIGKILL)
    assert finished(process)[0] == -signal.SIGKILL
    assert not list(cache(tmp_path).glob("venv-*/ready"))

    code, _, err = finished(launch(tmp_path, "--version", **wheels))

    assert code == 0, err
    assert [line.split(" in ")[0] for line in err.splitlines()][-1].endswith(MAKING)
    assert finished(launch(tmp_path, "demo"))[::2] == (0, "")


def test_an_interrupt_while_it_is_made_ends_at_once(tmp_path: Path, wheels: dict[str, str]) -> None:
    """Exit code 130, no traceback, nothing half-made."""
    # A shell may have this process ignore it, and then what it starts, too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = launch(tmp_path, "--version", **wheels)
    signal.signal(signal.SIGINT, before)
    until(lambda: bool(list(cache(tmp_path).glob("venv-*/bin/python"))))
    process.send_signal(signal.SIGINT)

    code, out, err = finished(process)

    assert (code, out, err.count("\n")) == (130, "", 1), err
    assert [path.suffix for path in cache(tmp_path).iterdir()] == [".lock"]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does; a minute is far more than it takes."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within a minute")


def test_without_a_network_it_says_what_is_missing(tmp_path: Path) -> None:
    """Exit 7, what could not be done, and the command that does it by hand."""
    process = launch(
        tmp_path,
        "--version",
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
    )

    code, out, err = finished(process)

    assert (code, out) == (7, "")
    assert "cannot install its packages" in err
    assert "pip install -r" in err.splitlines()[-1]
    assert [path.suffix for path in cache(tmp_path).iterdir()] == [".lock"]


@pytest.mark.long
@pytest.mark.parametrize("megabytes", [1, 8, 18])
def test_a_full_disk_is_told(megabytes: int, tmp_path: Path, wheels: dict[str, str]) -> None:
    """One line with what the system said, exit 7, and the disk is as empty as before."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", tmp_path]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user cannot mount a small disk")
    try:
        code, out, err = finished(launch(tmp_path, "--version", **wheels, TMPDIR="/tmp"))
        left = [path.suffix for path in cache(tmp_path).iterdir()]
    finally:
        subprocess.run(["umount", tmp_path], check=True)

    assert (code, out, err.count("\n")) == (7, "", 2), err
    assert "No space left on device" in err
    assert "XDG_CACHE_HOME" in err
    assert left == [".lock"]


def test_an_environment_on_a_disk_that_cannot_be_written_is_used(home: Path) -> None:
    """What is there is enough; only what would have to be made cannot be."""
    mount = ["mount", "--bind", "-o", "ro", home, home]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user cannot mount a disk")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", home], check=True)
        used = finished(launch(home, "--version"))
        wanted = finished(launch(home, "gather", "session", "x", "--backend", "api:http://[::1]:9"))
    finally:
        subprocess.run(["umount", home], check=True)

    assert used[::2] == (0, "")
    assert wanted[0] == 7
    assert "Read-only file system" in wanted[2]
    assert wanted[2].count("\n") == 1


@pytest.mark.long
def test_settings_for_other_environments_do_not_reach_it(
    tmp_path: Path, wheels: dict[str, str]
) -> None:
    """Of pip.conf and variables, where packages come from counts, and where they go does not."""
    elsewhere = tmp_path / "elsewhere"
    config = tmp_path / "home" / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text(
        f"[global]\nuser = true\nquiet = 2\ntarget = {elsewhere}\nconstraint = /no/where\n"
        f"require-virtualenv = true\nno-index = true\nfind-links = {wheels['PIP_FIND_LINKS']}\n"
        f"[install]\nprefix = {elsewhere}\nroot = {elsewhere}\nno-deps = true\n"
    )
    steering = {
        name: str(elsewhere)
        for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_SRC")
    }

    code, _, err = finished(
        launch(
            tmp_path / "home", "demo", **steering, PIP_USER="1", PIP_REQUIRE_VIRTUALENV="1",
            PIP_NO_DEPS="1", PIP_REQUIREMENT="/no/where", PIP_PYTHON="/no/where",
            PIP_DRY_RUN="1", PYTHONDONTWRITEBYTECODE="1", VIRTUAL_ENV=str(elsewhere),
        )
    )  # fmt: skip

    assert code == 0, err
    assert not elsewhere.exists()


def test_uv_makes_the_environment_where_it_is(
    tmp_path: Path, uv: Path, wheels: dict[str, str]
) -> None:
    """It is quicker; neither its settings for other environments nor PYTHONPATH reach it."""
    elsewhere = tmp_path / "elsewhere"
    config = tmp_path / ".config" / "uv" / "uv.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[pip]\ntarget = "{elsewhere}"\nsystem = true\n')
    (tmp_path / "uv.toml").write_text("no such setting")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "click.py").write_text("raise SystemExit('foreign')")
    steering = {"UV_TARGET": str(elsewhere), "UV_CONSTRAINT": "/no/where", "UV_SYSTEM_PYTHON": "1"}

    code, _, err = finished(
        launch(
            tmp_path, "demo", path=str(uv), cwd=tmp_path, PYTHONPATH=str(foreign), **steering,
            **wheels,
        )
    )  # fmt: skip

    assert code == 0, err
    assert err.count("\n") == 1
    assert not elsewhere.exists()
    assert not list(environment(tmp_path).glob("lib/*/site-packages/pip"))
    assert finished(launch(tmp_path, "demo", path=str(uv)))[::2] == (0, "")


@pytest.mark.long
def test_a_uv_that_fails_is_reported_and_pip_is_tried(
    tmp_path: Path, uv: Path, wheels: dict[str, str]
) -> None:
    """Its own words are told; when pip fails, too, both are."""
    nothing = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    told = "uv cannot install its packages: error: No solution found"

    code, out, err = finished(launch(tmp_path, "--version", path=str(uv), **nothing))
    assert (code, out, err.count("\n")) == (7, "", 3), err
    assert told in err
    assert "No matching distribution found" in err.splitlines()[-1]

    of_pip = {name: value for name, value in wheels.items() if name.startswith("PIP_")}
    code, _, err = finished(launch(tmp_path, "--version", path=str(uv), **nothing | of_pip))
    assert code == 0, err
    assert told in err
    assert environment(tmp_path).is_dir()


@pytest.mark.long
@pytest.mark.parametrize("python", old_pythons()[-3:], ids=lambda path: path.name)
def test_an_older_python_makes_it_with_a_newer_one_on_the_path(
    python: Path, tmp_path: Path, wheels: dict[str, str]
) -> None:
    """And later runs go straight to it."""
    if python.name in ("python2.7", "python3.6", "python3.7"):
        pytest.skip(f"{python.name} is too old to look for another one")
    path = tmp_path / "bin"
    path.mkdir()
    (path / "python3.11").symlink_to(BARE[0])
    old = (str(python),)

    code, _, err = finished(launch(tmp_path, "demo", python=old, path=str(path), **wheels))
    assert code == 0, err
    assert err.count(MAKING) == 1

    assert finished(launch(tmp_path, "demo", python=old))[::2] == (0, "")


@pytest.mark.long
def test_an_extra_that_is_asked_for_is_installed_in_the_same_command(
    home: Path, uv: Path, wheels: dict[str, str], serve: Server
) -> None:
    """Keys and no library: the first command makes what it needs, later ones use it."""
    url = serve(DEMO)
    keys = {"DD_API_KEY": "made-up", "DD_APP_KEY": "made-up"}
    doctor = finished(launch(home, "doctor", **keys))[1]
    assert "\napi: is set up at its first use (" in doctor
    assert doctor.endswith("without --backend: api\n")

    api = ("gather", SESSION, "--backend", f"api:{url}", "--case", home / "case")
    code, out, err = finished(launch(home, *api, **wheels, **keys))
    assert code == 0, err
    assert err.count(f"{MAKING} with api in") == 1
    assert out.startswith(f"# Digest of session {SESSION}")

    code, again, err = finished(launch(home, *api, **keys))
    assert (code, MAKING in err) == (0, False)
    assert again == out
    assert "\napi: is set up (" in finished(launch(home, "doctor", **keys))[1]

    server = f"mcp:{sys.executable} -m session_classify serve --demo"
    mcp = ("gather", SESSION, "--backend", server, "--case", home / "by-mcp")
    code, out, err = finished(launch(home, *mcp, path=f"{uv}:/usr/bin:/bin", **wheels))
    assert code == 0, err
    assert err.count(f"{MAKING} with api and mcp in") == 1
    code, _, err = finished(launch(home, *mcp, path="/usr/bin:/bin"))
    assert (code, MAKING in err) == (0, False)


def test_an_extra_is_brought_by_uv_and_by_keys_alone(
    tmp_path: Path, uv: Path, wheels: dict[str, str]
) -> None:
    """Without --backend keys are enough to ask for it; the first call is what tells them wrong."""
    keys = {"DD_API_KEY": "made-up", "DD_APP_KEY": "made-up", "DD_SITE": "localhost.invalid"}

    code, _, err = finished(launch(tmp_path, "gather", SESSION, path=str(uv), **keys, **wheels))

    assert code == 5, err
    assert err.count(f"{MAKING} with api in") == 1
    assert "localhost.invalid" in err.splitlines()[-1]


@pytest.mark.long
def test_an_extra_that_cannot_be_installed_is_told(home: Path, tmp_path: Path) -> None:
    """Exit 7; what was there before is as it was."""
    code, out, err = finished(
        launch(
            home, "gather", SESSION, "--backend", "api:http://127.0.0.1:9", PIP_NO_INDEX="1",
            PIP_CONFIG_FILE=os.devnull,
        )
    )  # fmt: skip

    assert (code, out) == (7, "")
    assert "requirements-api.lock" in err.splitlines()[-1]
    assert finished(launch(home, "demo", "--case", tmp_path / "case"))[::2] == (0, "")


def test_a_judge_can_be_the_launcher_itself(home: Path, tmp_path: Path) -> None:
    """Nothing of a launch reaches the children of the private environment."""
    judge = tmp_path / "judge.sh"
    judge.write_text(
        "#!/bin/sh\n"
        f"'{BARE[0]}' -S '{RUN}' --version >&2 || exit 1\n"
        """echo '{"verdict": "no", "reason": "It was never added.", "cite": ["write1"],"""
        """ "confirm": ["claim1"], "failures": [{"code": "hallucination"}]}'\n"""
    )
    judge.chmod(0o755)

    code, out, err = finished(
        launch(
            home, "classify", SESSION, "--backend", f"bundle:{DEMO}", "--judge", judge,
            path="/usr/bin:/bin",
        )
    )  # fmt: skip

    assert code == 0, err
    assert out.startswith("verdict: no")


def test_nothing_is_left_beside_the_source(home: Path, tmp_path: Path) -> None:
    """A plugin folder stays as it was copied; byte code lies in the environment."""
    skill = tmp_path / "skill"
    for name in ("scripts", "templates", "references"):
        shutil.copytree(ROOT / name, skill / name, ignore=shutil.ignore_patterns("__pycache__"))

    done = launch(home, "demo", script=skill / "scripts" / "run.py")

    assert finished(done)[::2] == (0, "")
    assert not list(skill.rglob("__pycache__"))
    assert list((environment(home) / "bytecode").rglob("skill/scripts/session_classify/*.pyc"))
