"""Read files that a user names or that lie in a folder; devices and links out of it are refused."""

import os
import stat
from pathlib import Path

from session_classify.errors import UsageError


def as_text(argument: str | Path) -> str:
    """Return an argument or a path as text, with undecodable bytes replaced."""
    return str(argument).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_input(path: Path) -> bytes:
    """Return the content of a file or a pipe.

    Raises UsageError for a device, which may never end, and OSError for an unreadable file.
    """
    mode = path.stat().st_mode
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise UsageError(f"{path} is a device; expected a file, or - for standard input")
    return path.read_bytes()


def check_inside(folder: Path, path: Path) -> None:
    """Raise UsageError if a file of a folder is a link to a place outside it.

    Otherwise the author of a received folder could choose which files of the user are read.
    """
    # `Path.resolve` raises for a link that leads to itself.
    leads = Path(os.path.realpath(path))
    if path.is_symlink() and Path(os.path.realpath(folder)) not in leads.parents:
        raise UsageError(f"{path} is a link out of its folder; name the file that it leads to")
