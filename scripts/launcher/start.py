"""Choose the Python for a command, and continue there."""

from __future__ import annotations

import os
import sys

from launcher.locks import Locks, lock_path
from launcher.messages import fail, tell
from launcher.places import Environment, cache_folder, ready_environment

TYPE_CHECKING = False  # importing typing takes milliseconds at each start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVar

    T = TypeVar("T")

_AGAIN = "session_classify_again"
"""Set for a Python that the launcher started as itself: it looks for no other one."""

_SCRIPTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def start(command: tuple[str, ...]) -> None:
    """Run a command, followed by the arguments of this process, in the first suitable place.

    In this order: this interpreter, unless a private environment has more extras; the private
    environment with the most extras; another Python on PATH with every package; a new environment.
    PYTHONPATH is not passed on: its modules are for other programs.
    """
    # The path as called, links included: agents allow a command by its text.
    script = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "run.py")
    launch = Launch(script, [*command, *sys.argv[1:]])
    launch.run(_guarded(launch.choose), None)


def go_on(extras: str, tries: str, script: str, *arguments: str) -> None:
    """Run a command in the private environment of this interpreter."""
    launch = Launch(script, list(arguments))
    environment = Environment(launch.locks.key, frozenset(extras.split(",")) - {""})
    _guarded(lambda: launch.check(environment, int(tries)))
    launch.run(environment.extras, environment)


def ready_command(*command: str) -> list[str] | None:
    """Return the arguments that run a command without installing anything; None if they cannot."""
    script = os.path.join(_SCRIPTS, "run.py")
    locks = Locks()
    made = ready_environment(locks.key)
    if made is not None:
        return [*_inside(made, tries=1), script, *command]
    is_clean = "PYTHONPATH" not in os.environ or sys.flags.ignore_environment
    return [sys.executable, script, *command] if is_clean and not locks.lacking("") else None


class Launch:
    """A command to start: the launcher's path as called, and the arguments."""

    def __init__(self, script: str, arguments: list[str]) -> None:
        self.script = script
        self.arguments = arguments
        self.locks = Locks()

    def choose(self) -> frozenset[str]:
        """Return the extras of this interpreter if it is used, else continue in another."""
        made = ready_environment(self.locks.key)
        is_clean = "PYTHONPATH" not in os.environ or sys.flags.ignore_environment
        if is_clean and not self.locks.lacking(""):
            own = frozenset(one for one in self.locks.extras if not self.locks.lacking(one))
            if made is None or made.extras <= own:
                return own
        if made is None and _AGAIN not in sys._xoptions:
            python = _complete_python() if is_clean else sys.executable
            if python is not None:
                _become([python, "-E", "-X", "utf8", "-X", _AGAIN, *sys.argv])
        return self.enter(made or self.make(frozenset()))

    def check(self, environment: Environment, tries: int) -> None:
        """Replace an environment that lost packages, once, and continue there."""
        wanted = ("", *environment.extras)
        problems = [problem for one in wanted for problem in self.locks.lacking(one)]
        if not problems:
            return
        environment.spoil()
        why = f"the private environment in {environment.folder} is damaged: {problems[0]}"
        if tries:
            fail(f"{why}; it was made anew, and that did not help")
        tell(why)
        self.enter(self.make(environment.extras), tries=1)

    def make(self, extras: frozenset[str]) -> Environment:
        """Return the private environment with some extras; make it if it is missing."""
        from launcher.make import make

        return make(self.locks.key, extras)

    def enter(self, environment: Environment, tries: int = 0) -> NoReturn:
        """Continue in a private environment, isolated from the user's variables and folders."""
        _become([*_inside(environment, tries), self.script, *self.arguments])

    def run(self, extras: frozenset[str], environment: Environment | None) -> None:
        """Run the command in this process, which has some extras."""
        from launcher.bytecode import keep_elsewhere

        folder = environment.folder if environment else cache_folder()
        keep_elsewhere(_SCRIPTS, os.path.join(folder, "bytecode"))
        sys.path.insert(0, _SCRIPTS)
        sys.argv = [self.script, *self.arguments]

        def again(error: Exception) -> None:
            extra = getattr(error, "extra", "")
            if extra and extra not in extras:
                _guarded(lambda: self.add(extra))
            if isinstance(error, ImportError) and not _is_known(error.name or ""):
                _guarded(lambda: _end_broken(error, environment))

        try:
            from session_classify.__main__ import main

            main(again)
        except ImportError as error:
            again(error)
            raise

    def add(self, extra: str) -> NoReturn:
        """Restart with one more extra."""
        made = ready_environment(self.locks.key)
        self.enter(self.make(frozenset({extra, *(made.extras if made else ())})))


def _inside(environment: Environment, tries: int) -> list[str]:
    """Return the arguments that start a script in a private environment, isolated."""
    inside = os.path.join(_SCRIPTS, "launcher", "inside.py")
    extras = ",".join(sorted(environment.extras))
    return [environment.python, "-I", "-X", "utf8", inside, extras, str(tries)]


def _complete_python() -> str | None:
    from launcher.make import complete_python

    return complete_python()


def _is_known(module: str) -> bool:
    """Return whether a module belongs to the package or to Python, not to an environment."""
    top = module.partition(".")[0]
    return top == "session_classify" or top in sys.stdlib_module_names


def _end_broken(error: ImportError, environment: Environment | None) -> NoReturn:
    """End because an installed package cannot be imported."""
    if environment is None:
        by_hand = f"{sys.executable} -m pip install --force-reinstall -r {lock_path('')}"
        fail(f"a package of this Python is broken ({error}); repair it: {by_hand}")
    environment.spoil()
    fail(f"{environment.folder} is damaged ({error}); the next run makes it anew: run this again")


def _guarded(step: Callable[[], T]) -> T:
    """Return the result of a step; an unusable folder ends the process with one line."""
    try:
        return step()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as problem:
        fail(f"cannot use {cache_folder()}: {problem}; XDG_CACHE_HOME may name another folder")


def _become(command: list[str]) -> NoReturn:
    """Replace this process, with the same input and output."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606
    import subprocess

    sys.exit(subprocess.call(command))
