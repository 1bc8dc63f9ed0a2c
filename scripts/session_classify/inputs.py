"""Files that somebody names or that lie in a folder: none without an end, none from elsewhere."""

import os
import stat
from pathlib import Path

from session_classify.errors import UsageError


def as_text(argument: str | Path) -> str:
    """Return an argument or a path as text, whatever bytes a shell passed or a folder holds."""
    return str(argument).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_input(path: Path) -> bytes:
    """Return what a file or a pipe holds.

    Raises UsageError for a device, which may have no end, and OSError for what cannot be read.
    """
    mode = path.stat().st_mode
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise UsageError(f"{path} is a device; expected a file, or - for standard input")
    return path.read_bytes()


def check_inside(folder: Path, path: Path) -> None:
    """Raise UsageError for a file of a folder that is a link to somewhere else.

    Whoever made the folder may not be who named it, and would choose what is read.
    """
    # `Path.resolve` raises for a link that leads to itself.
    leads = Path(os.path.realpath(path))
    if path.is_symlink() and Path(os.path.realpath(folder)) not in leads.parents:
        raise UsageError(f"{path} is a link out of its folder; name the file that it leads to")
