"""The default folders of the tool."""

import os
import sys
from pathlib import Path

from session_classify.errors import LackingError

APP = "session-classify"


def cases_folder() -> Path:
    """Return the folder of the cases that were gathered without `--case`.

    It is in the user's state directory: `~/.local/state` on Linux, or `XDG_STATE_HOME`. Raises
    LackingError when the user has no home directory.
    """
    return _state_folder() / "cases"


def captures_folder() -> Path:
    """Return the folder of the results that the capture hook stored, one folder a conversation.

    `scripts/hook/store.py` has the same rule for Linux and macOS, because it cannot import
    platformdirs. Raises LackingError as `cases_folder` does.
    """
    return _state_folder() / "captures"


def _state_folder() -> Path:
    from platformdirs import user_state_path

    try:
        state = user_state_path(APP)
        if not state.is_absolute():  # what platformdirs did before it raised this error
            raise RuntimeError
    except RuntimeError as error:
        raise LackingError(
            "no place for cases: this user has no home directory; give --case DIR, or "
            "set HOME or XDG_STATE_HOME"
        ) from error
    return state


def answers_folder(case: Path) -> Path:
    """Return the folder in which a case's responses are cached until gathering succeeds."""
    return case.parent / f".{case.name}.answers"


def case_of_answers(folder: Path) -> Path:
    """Return the case to which a folder of cached responses belongs."""
    return folder.with_name(folder.name.removeprefix(".").removesuffix(".answers"))


def cache_folder() -> Path:
    """Return the folder of private environments and other data that can be recreated.

    `scripts/launcher/places.py` has the same rule, because it cannot import the package. A relative
    XDG_CACHE_HOME is ignored, as the XDG base directory specification requires.
    """
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", ""))
        if not base.is_absolute():
            base = Path.home() / ".cache"
    return base / APP
