"""Locate the package's text and data files in a checkout, a skill folder or a wheel."""

from pathlib import Path

from session_classify.errors import ClassifyError, LackingError

LINKS_FIX = (
    "run `git config core.symlinks true` and `git checkout -- skills` in the checkout, or "
    "`git config --global core.symlinks true` and install again (Windows: with Developer Mode on)"
)
"""How to create the links where git wrote text files instead."""

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE.parents[1]
_SHARED = ("scripts", "references", "templates")


def resource(*parts: str) -> Path:
    """Return a file or folder of the package, or below `templates/` or `references/`.

    A wheel carries these two inside the package; elsewhere they are beside `scripts/`.
    """
    if (_ROOT / parts[0]).is_file():
        raise LackingError(f"{_ROOT / parts[0]} is a text file in place of a link; {LINKS_FIX}")
    for base in (_PACKAGE, _ROOT):
        path = base.joinpath(*parts)
        if path.exists():
            return path
    raise ClassifyError(f"{'/'.join(parts)} is missing from this installation; install it again")


def skills_without_links() -> list[str]:
    """Return the skill folders of a checkout whose links are text files (Git for Windows).

    The package cannot be reached from such a folder.
    """
    return [
        str(folder)
        for folder in sorted(_ROOT.glob("skills/*"))
        if any((folder / name).is_file() for name in _SHARED)
    ]
