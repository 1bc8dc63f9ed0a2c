"""The private environments and byte code, in the user's cache folder."""

from __future__ import annotations

import os
import sys


def cache_folder() -> str:
    """Return the folder of all files of the launcher.

    A relative XDG_CACHE_HOME is ignored, as the XDG base directory specification requires.
    """
    if sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    elif os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "session-classify")


class Environment:
    """A private environment with the locked packages, and those of some extras."""

    def __init__(self, key: str, extras: frozenset[str]) -> None:
        self.extras = extras
        self.folder = os.path.join(cache_folder(), "-".join(["venv", key, *sorted(extras)]))
        windows = os.path.join("Scripts", "python.exe")
        self.python = os.path.join(self.folder, windows if os.name == "nt" else "bin/python")
        self.mark = os.path.join(self.folder, "ready")
        """Written last: without it the environment is incomplete."""

    def is_ready(self) -> bool:
        """Return whether it is complete and its Python still exists."""
        return os.path.exists(self.mark) and os.access(self.python, os.X_OK)

    def spoil(self) -> None:
        """Mark it as incomplete, so that the next run makes it again."""
        if os.path.exists(self.mark):
            os.remove(self.mark)


def ready_environment(key: str) -> Environment | None:
    """Return the complete environment with the most extras, None where there is none."""
    try:
        names = os.listdir(cache_folder())
    except OSError:
        return None
    prefix = f"venv-{key}"
    found = []
    for name in names:
        if name == prefix or name.startswith(prefix + "-"):
            extras = frozenset(name[len(prefix) + 1 :].split("-")) - {""}
            environment = Environment(key, extras)
            if environment.is_ready():
                found.append(environment)
    return max(found, key=lambda one: len(one.extras), default=None)
