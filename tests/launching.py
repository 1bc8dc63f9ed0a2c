"""Start the launcher as a person without an installation does."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

SCRIPTS = ROOT / "scripts"
RUN = SCRIPTS / "run.py"
BARE = (os.path.realpath(sys.executable), "-S")
"""The interpreter that the test environment was made from; without `site` it has no packages."""

COMPLETE = (sys.executable,)
"""An interpreter with every package."""


def launch(
    home: Path,
    *arguments: object,
    python: tuple[str, ...] = BARE,
    script: Path = RUN,
    path: str = "/nowhere",
    cwd: Path | None = None,
    **env: str,
) -> subprocess.Popen[str]:
    """Start the launcher with nothing in the environment but a home, a PATH and what is given."""
    return subprocess.Popen(
        [*python, str(script), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=cwd,
        env={"HOME": str(home), "PATH": path, **env},
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait, and return exit code, output and what was said beside it."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def cache(home: Path) -> Path:
    """Return where the launcher keeps what it makes."""
    return home / ".cache" / "session-classify"


def old_pythons() -> list[Path]:
    """Return the Pythons of this machine that are too old for the package."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    folders += (Path.home() / ".pyenv" / "versions").glob("*/bin")
    names = ("python2.7", "python3.6", "python3.7", "python3.8", "python3.9", "python3.10")
    found = {
        name: folder / name
        for name in names
        for folder in folders
        if "shims" not in str(folder) and (folder / name).is_file()
    }
    return [found[name] for name in names if name in found]
