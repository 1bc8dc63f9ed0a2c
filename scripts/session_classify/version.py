"""Which version runs here, and of which commit it is where that is known."""

from pathlib import Path

from session_classify import __version__
from session_classify.lazy import lazy_pattern

_COMMIT = lazy_pattern(r"[0-9a-f]{40,64}")
_ROOT = Path(__file__).resolve().parents[2]
"""The checkout, where this runs in one."""
_SHOWN = 12
"""Digits of a commit that are printed: enough to find it."""


def version_text(root: Path = _ROOT) -> str:
    """Return the version as `0.1.0 (commit 1a2b3c4d5e6f)`; without a known commit, `0.1.0`.

    `root` is the checkout, where there is one; otherwise pip may have recorded the commit.
    """
    commit = _of_checkout(root) or _of_installation()
    return f"{__version__} (commit {commit[:_SHOWN]})" if commit else __version__


def _of_checkout(root: Path) -> str:
    """Return the commit that is checked out at a folder; empty where that cannot be read.

    Git's files are read, not git: it may be missing, and another repository may lie around this.
    """
    try:
        folder = root / ".git"
        if folder.is_file():  # a worktree or a submodule: the file names the folder
            folder = root / folder.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref:"):
            return head if _COMMIT.fullmatch(head) else ""
        name = head.removeprefix("ref:").strip()
        common = folder / "commondir"
        if common.is_file():
            folder = folder / common.read_text(encoding="utf-8").strip()
        if (folder / name).is_file():
            found = (folder / name).read_text(encoding="utf-8").strip()
        else:
            lines = (folder / "packed-refs").read_text(encoding="utf-8").splitlines()
            found = next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
    except (OSError, UnicodeDecodeError):
        return ""
    return found if _COMMIT.fullmatch(found) else ""


def _of_installation() -> str:
    """Return the commit that pip installed from a repository; empty for any other installation."""
    import json
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        recorded = distribution("session-classify").read_text("direct_url.json")
        commit = json.loads(recorded or "{}").get("vcs_info", {}).get("commit_id", "")
    except (PackageNotFoundError, OSError, ValueError, AttributeError):
        return ""
    return commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else ""
