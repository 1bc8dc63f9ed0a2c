"""The package's text and data files: in a checkout, a skill folder or a wheel, parsed if asked."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from session_classify import __version__
from session_classify.errors import ClassifyError, LackingError
from session_classify.places import cache_folder
from session_classify.storage import keep_cached

T = TypeVar("T")

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


def parsed(texts: Sequence[bytes], form: str, kind: type[T], parse: Callable[[], T]) -> T:
    """Return what `parse` makes of YAML texts, from the user's cache if it was made before.

    Reading YAML would take a third of a short command. `form` is the module that defines the
    structs of `kind`: after a change of a text or of the module, the texts are parsed anew. Raises
    what `parse` raises.
    """
    from hashlib import blake2b  # with msgspec, more than `--help` needs

    import msgspec

    content = blake2b(digest_size=16)
    for data in (Path(form).read_bytes(), *texts):
        content.update(len(data).to_bytes(8, "big") + data)
    path = cache_folder() / "parsed" / f"{__version__}-{content.hexdigest()}.json"
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(path.read_bytes(), type=kind)
    made = parse()
    keep_cached(path, msgspec.json.encode(made))
    return made
