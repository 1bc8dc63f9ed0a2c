#!/usr/bin/env python3
"""Run a verb of session-classify where nothing is installed: `python3 run.py VERB ...`.

Standard library only, and it parses on Python 3.8, so that an old interpreter can find a newer one.
In this order: this interpreter when it is new enough and has the packages; the private environment
that an earlier run made; a newer Python on PATH that has the packages; uv; a private environment,
made once in the user's cache from the hash-locked requirements beside this file.
"""

import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
PACKAGES = ("click", "filelock", "jinja2", "jsonpath_ng", "msgspec", "platformdirs", "yaml")
OLDEST = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14")
MISSING = 7  # exit code: the environment lacks something
PROBE = f"import sys; assert sys.version_info >= {OLDEST}; import {', '.join(PACKAGES)}"


def main():
    """Run the verb in the first place that can; this process becomes that one where it must."""
    script = os.path.abspath(sys.argv[0])  # noqa: PTH100  the link that was called
    os.environ.setdefault("SESSION_CLASSIFY_COMMAND", f"python3 {quoted(script)}")
    if is_complete():
        run_here()
    folder = cache_folder() / f"venv-{lock_key()}"
    if is_ready(folder):
        become([str(interpreter(folder))])
    for python in newer_pythons():
        if succeeds([python, "-c", PROBE]):
            become([python])
    uv = shutil.which("uv")
    if uv:
        become_with_uv(uv)
    make_private(folder)
    become([str(interpreter(folder))])


def quoted(path):
    """Quote a path for a shell, in double quotes where they do: a skill's permission has those."""
    plain = shlex.quote(path)
    return plain if plain == path or set('"$`!\\') & set(path) else f'"{path}"'


def is_complete():
    """Tell whether this interpreter can run the package; nothing is imported to find out."""
    found = (importlib.util.find_spec(name) is not None for name in PACKAGES)
    return sys.version_info >= OLDEST and all(found)


def run_here():
    """Run the verb in this process."""
    sys.path.insert(0, str(HERE))
    from session_classify.__main__ import main as run

    run()


def become(command):
    """Go on as another process with the same arguments, input and output."""
    if os.environ.get("SESSION_CLASSIFY_LAUNCHED"):
        fail(f"{sys.executable} lacks a package; delete {cache_folder()} and run again")
    os.environ["SESSION_CLASSIFY_LAUNCHED"] = "1"
    command = [*command, str(HERE / "run.py"), *sys.argv[1:]]
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606
    sys.exit(subprocess.call(command))


def become_with_uv(uv):
    """Let uv bring the packages, if it can; a mark saves later runs the question."""
    command = [uv, "run", "--quiet", "--no-project", "--python", ">=3.11"]
    command += ["--with-requirements", str(LOCK), "python"]
    mark = cache_folder() / f"uv-{lock_key()}"
    if not mark.exists():
        tell("preparing packages with uv, once")
        if not succeeds([*command, "-c", PROBE]):
            return
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    become(command)


def make_private(folder):
    """Make the private environment, or fail with what is missing and the command that helps."""
    maker = sys.executable if sys.version_info >= OLDEST else next(makers(), None)
    if maker is None:
        fail(
            f"needs Python 3.11 or newer, and none of {', '.join(NAMES)} nor uv is on PATH; "
            "install one, for example: apt install python3.11, or: brew install python@3.12"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        hold(lock)  # of two first runs at once the second waits, then finds it made
        if is_ready(folder):
            return
        tell(f"making a private environment in {folder}, once")
        shutil.rmtree(folder, ignore_errors=True)
        step([maker, "-m", "venv", str(folder)], f"{maker} cannot make an environment")
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        install += ["--require-hashes", "--requirement", str(LOCK)]
        step([str(interpreter(folder)), *install], "cannot install its packages (no network?)")
        (folder / "ready").touch()  # last of all: without it the environment is half-made


def step(command, problem):
    """Run one step; what it prints is shown only when it fails, and then its gist."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        telling = [line for line in lines if "ERROR" in line or "apt install" in line]
        gist = (telling or lines or ["it said nothing"])[-1]
        by_hand = f"python3.11 -m pip install -r {shlex.quote(str(LOCK))}"
        fail(f"{problem}: {gist}; with a network, or by hand: {by_hand}")


def newer_pythons():
    """Yield the Pythons on PATH whose names say that they are new enough."""
    return filter(None, map(shutil.which, NAMES))


def makers():
    """Yield those that run: a version manager leaves shims on PATH of versions that are gone."""
    check = f"import sys, venv; assert sys.version_info >= {OLDEST}"
    return (python for python in newer_pythons() if succeeds([python, "-c", check]))


def succeeds(command):
    """Run a command without its output and tell whether it went well."""
    null = subprocess.DEVNULL
    try:
        return subprocess.call(command, stdin=null, stdout=null, stderr=null) == 0
    except OSError:
        return False


def hold(lock):
    """Wait for the lock of an open file; it ends with the process."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
    else:
        import msvcrt

        msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)


def cache_folder():
    """Return the folder of what is made once, in the user's cache."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "session-classify"


def lock_key():
    """Return a name for the locked requirements: other packages, other environment."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]


def interpreter(folder):
    """Return the interpreter of an environment, whether it exists or not."""
    return folder / ("bin/python" if os.name == "posix" else "Scripts/python.exe")


def is_ready(folder):
    """Tell whether an environment was finished, and its Python is still there."""
    return (folder / "ready").exists() and interpreter(folder).exists()


def tell(text):
    """Say what is being done, where it does not mix with data."""
    sys.stderr.write(f"session-classify: {text}\n")


def fail(text):
    """End with one line that says what is missing and what to do."""
    tell(text)
    sys.exit(MISSING)


if __name__ == "__main__":
    try:
        main()
    except OSError as problem:
        fail(f"cannot use {cache_folder()}: {problem}; XDG_CACHE_HOME may name another folder")
