"""Where the package's own text and data files lie: in a checkout, a skill folder or a wheel."""

from pathlib import Path

from session_classify.errors import ClassifyError

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Return a file or folder of the package, or below `templates/` or `references/`.

    A wheel carries these two inside the package; everywhere else they lie beside `scripts/`.
    """
    for base in (_PACKAGE, _PACKAGE.parents[1]):
        path = base.joinpath(*parts)
        if path.exists():
            return path
    raise ClassifyError(f"{'/'.join(parts)} is missing from this installation; install it again")
