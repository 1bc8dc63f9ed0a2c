"""How this process was started: by the launcher, or as an installed command."""

import os
import sys


def is_launched() -> bool:
    """Tell whether the launcher started this process; it installs the extras that are missing."""
    return os.path.basename(sys.argv[0]) == "run.py"  # noqa: PTH119  pathlib costs --help 2 ms


def program() -> str:
    """Return what a person types to run a command."""
    import shlex

    return f"python3 {shlex.quote(sys.argv[0])}" if is_launched() else "session-classify"
