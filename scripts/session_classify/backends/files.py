"""Files: results that an agent client or a user saved, in any shape and order."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from session_classify.backends import CompleteBackend, RawAnswer
from session_classify.errors import UsageError
from session_classify.inputs import as_text, check_inside, read_input
from session_classify.vocabulary import DEFAULT_SITE, Unit


@dataclass(frozen=True, slots=True)
class Files(CompleteBackend):
    """Results in files; `-` is standard input."""

    names: tuple[str, ...]
    """The arguments: paths, folders, patterns."""
    paths: tuple[Path, ...]
    site: str = DEFAULT_SITE

    @property
    def name(self) -> str:
        """The backend as the case records it."""
        return as_text("files:" + " ".join(self.names))

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:  # noqa: ARG002
        """Yield every file unchanged; its type is detected later from its content."""
        for number, path in enumerate(self.paths, start=1):
            yield RawAnswer(f"answer-{number:03}", "any", iter([_bytes(path)]), as_text(path))


def open_files(names: tuple[str, ...], site: str = DEFAULT_SITE) -> Files:
    """Find the named files: paths, folders (direct children only), or patterns.

    Raises UsageError for a name that matches no file.
    """
    found: list[Path] = []
    for name in names:
        path = Path(name).expanduser()
        if name == "-":
            found.append(path)
        elif path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.name[0] != ".")
            if not inside:
                raise UsageError(
                    f"{name} has no files directly in it, and subfolders are not searched; "
                    "expected persisted results"
                )
            for one in inside:
                check_inside(path, one)
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            matching = [Path(hit) for hit in sorted(glob(str(path))) if Path(hit).is_file()]  # noqa: PTH207
            if not matching:
                missing = "fits no file" if set(name) & set("*?[") else "does not exist"
                raise UsageError(f"{name} {missing}; expected persisted results: files:PATH…")
            found += matching
    return Files(names, tuple(dict.fromkeys(found)), site)


def _bytes(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else read_input(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
