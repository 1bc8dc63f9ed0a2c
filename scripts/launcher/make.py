"""Make a private environment: with uv where it is installed, else with venv and pip."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from launcher.locks import lock_path
from launcher.messages import fail, tell
from launcher.places import Environment
from launcher.pythons import NAMES, NEEDED, OLDEST
from launcher.settings import pip_environment, plain_environment, uv_environment

if TYPE_CHECKING:
    from collections.abc import Callable

_PROBE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "probe.py")
_UV_PYTHON = ">=3.11,<3.14"
"""The Python that uv finds or installs; the newest one may have no wheels yet."""

_PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))"


class StepError(Exception):
    """A program failed; the message contains its output."""


class ProbeError(StepError):
    """The environment was made, but its packages cannot be imported."""


def make(key: str, extras: frozenset[str]) -> Environment:
    """Return the private environment with some extras, made by this run or by another one.

    Ends the process with one line where it cannot be made; no partial environment is left.
    """
    environment = Environment(key, extras)
    os.makedirs(os.path.dirname(environment.folder), exist_ok=True)
    with open(environment.folder + ".lock", "a") as file:
        _hold(file.fileno(), environment.folder)
        if not environment.is_ready():
            try:
                _Maker(environment, file.fileno()).make()
                with open(environment.mark, "x"):
                    pass  # written last: it marks a complete environment
            finally:
                if not environment.is_ready():
                    shutil.rmtree(environment.folder, ignore_errors=True)
    return environment


def complete_python() -> str | None:
    """Return a Python on PATH with every package, if there is one."""
    found = filter(None, map(shutil.which, NAMES))
    return next((python for python in found if _succeeds([python, "-P", _PROBE])), None)


def find_maker() -> str | None:
    """Return a Python that is new enough and can make an environment; this one first.

    If none can, return one that is new enough, for its error message.
    """
    # For a private environment, which may be the one to replace, use its base Python.
    base: str = getattr(sys, "_base_executable", sys.executable)
    own = [base] if sys.version_info >= OLDEST else []
    # Version managers leave names of removed versions on PATH, so each one is run.
    found = [*own, *filter(None, map(shutil.which, NAMES))]
    new = f"import sys; assert sys.version_info >= {OLDEST}"
    for wanted in (f"{new}; import venv, ensurepip", new):
        for python in found:
            if _succeeds([python, "-I", "-c", wanted]):
                return python
    return None


class _Maker:
    """The ways to make one environment, while its lock file is held."""

    def __init__(self, environment: Environment, held: int) -> None:
        self.environment = environment
        self.locks = [lock_path(extra) for extra in ("", *sorted(environment.extras))]
        self.held = held

    def make(self) -> None:
        """Make it by the first way that works; failures of others are reported."""
        uv, python = shutil.which("uv"), find_maker()
        if uv or python:
            extras = " and ".join(sorted(self.environment.extras))
            added = f" with {extras}" if extras else ""
            tell(f"making a private environment{added} in {self.environment.folder}, once")
        if uv:
            problem = self.tried(lambda: self.with_uv(uv, python))
            if problem is None:
                return
            tell(f"uv {problem}" + ("; trying pip" if python else ""))
        if python is None:
            fail(NEEDED)
        problem = self.tried(lambda: self.with_pip(python))
        if isinstance(problem, ProbeError):
            tell(f"{python} {problem}; making it anew")
            problem = self.tried(lambda: self.with_pip(python))
        if problem is not None:
            by_hand = " -r ".join([f"{python} -m pip install", *map(shlex.quote, self.locks)])
            fail(f"{python} {problem}; {_advice(str(problem))}, or by hand: {by_hand}")

    def tried(self, way: Callable[[], None]) -> StepError | None:
        """Make it in one way and test it; return the error."""
        shutil.rmtree(self.environment.folder, ignore_errors=True)
        try:
            way()
            probe = [self.environment.python, "-I", _PROBE, *sorted(self.environment.extras)]
            self.step(probe, plain_environment(), "made it, and it does not work", ProbeError)
        except StepError as problem:
            return problem
        return None

    def with_uv(self, uv: str, python: str | None) -> None:
        """Make it with uv, which installs a Python if there is none."""
        variables = uv_environment()
        cwd = os.path.abspath(os.sep)  # a folder without a project's uv settings
        venv = [uv, "venv", "--quiet", "--no-project", "--python", python or _UV_PYTHON]
        self.step(
            [*venv, self.environment.folder], variables, "cannot make an environment", cwd=cwd
        )
        # An explicit folder, because a `target` in uv's configuration overrides --python.
        ask = [self.environment.python, "-I", "-c", _PACKAGES]
        packages = self.step(ask, variables, "made an environment that does not run").strip()
        install = [uv, "pip", "install", "--quiet", "--python", self.environment.python]
        install += ["--target", packages, "--require-hashes"]
        install += self.requirements
        self.step(install, variables, "cannot install its packages", cwd=cwd)

    def with_pip(self, python: str) -> None:
        """Make it with a Python's own venv and pip."""
        made = self.environment.python
        for command in (
            [python, "-I", "-m", "venv", "--without-pip", self.environment.folder],
            [made, "-I", "-m", "ensurepip", "--default-pip"],  # venv would not report why it fails
        ):
            self.step(command, plain_environment(), "cannot make an environment")
        # Compiling all modules would take longer than installing them; imported ones are compiled.
        install = [made, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        install += ["--no-input", "--no-compile", "--require-hashes", *self.requirements]
        self.step(install, pip_environment([python, made]), "cannot install its packages")

    @property
    def requirements(self) -> list[str]:
        """The arguments that name the lock files."""
        return [word for path in self.locks for word in ("--requirement", path)]

    def step(
        self,
        command: list[str],
        variables: dict[str, str],
        problem: str,
        error: type[StepError] = StepError,
        cwd: str | None = None,
    ) -> str:
        """Run a program and return its output; raises with the essential lines if it fails.

        The child keeps the lock file open: the next run waits for a child of a killed run.
        """
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace", env=variables, check=False,
            cwd=cwd,
            pass_fds=(self.held,) if os.name == "posix" else (),
        )  # fmt: skip
        if done.returncode:
            raise error(f"{problem}: {_gist(done.stdout)}")
        return done.stdout


def _gist(printed: str) -> str:
    """Return the most informative line of a failed program's output."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    # pip marks error lines; a traceback ends with the error.
    for mark in ("ERROR", "Error"):
        if telling := [line for line in lines if mark in line]:
            return telling[-1][:500]
    return " ".join(lines or ["it said nothing"])[:500]


def _advice(problem: str) -> str:
    if "No space left" in problem:
        return "free some space, or name another folder with XDG_CACHE_HOME"
    if "No module named ensurepip" in problem:
        return "on Debian and Ubuntu: apt install python3-venv"
    return "run this again with a network"


def _succeeds(command: list[str]) -> bool:
    null = subprocess.DEVNULL
    try:
        variables = plain_environment()
        return subprocess.call(command, stdin=null, stdout=null, stderr=null, env=variables) == 0
    except OSError:
        return False


def _hold(file: int, folder: str) -> None:
    """Wait for the lock of an open file; it ends with the last process that has it open."""
    waiting = f"waiting for another run that makes {folder}"
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                return msvcrt.locking(file, msvcrt.LK_LOCK, 1)
            except OSError as error:
                if error.errno != errno.EDEADLK:  # the message after ten seconds of waiting
                    raise
                tell(waiting)
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(waiting)
        fcntl.flock(file, fcntl.LOCK_EX)
