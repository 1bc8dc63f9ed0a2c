"""The manifest of an export: what was asked for, and each part with its rows and digest."""

from hashlib import file_digest, sha256
from pathlib import Path

import msgspec

from session_classify import __version__
from session_classify.errors import UsageError
from session_classify.exporting.packing import ENDINGS, UNREADABLE
from session_classify.exporting.slots import Slot, moment
from session_classify.instants import stamp
from session_classify.jsontext import UNREADABLE as NO_JSON
from session_classify.storage import PARTIAL, write_whole

FILE, LOCK = "manifest.json", ".export.lock"
_WHAT = "rows exported by session-classify"
_ELSEWHERE = "name another directory with --out"


class Part(msgspec.Struct, frozen=True):
    """The rows of one slot; without any it has no file."""

    source: str
    """`spans`, `rum` or `audit`."""
    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    rows: int
    asked: str
    """Digest of what was asked for; other users or another window make another part."""
    file: str = ""
    size: int = 0
    sha256: str = ""
    strays: int = 0
    """Rows whose own time is not in the slot, and which no other part has."""
    foreign: int = 0
    """Rows of other apps, which were dropped."""
    fetched: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """What it is in the manifest: its source and where it begins."""
        return self.source, self.start

    def is_whole(self, folder: Path) -> bool:
        """Return whether its file is there as it was written."""
        if not self.file:
            return not self.rows
        path = folder / self.file
        try:
            return path.stat().st_size == self.size and digest(path) == self.sha256
        except UNREADABLE:
            return False


class Manifest(msgspec.Struct, frozen=True):
    """What an export holds; a part that is in it was written before."""

    app: str
    site: str
    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    window: str
    format: str
    what: str = _WHAT
    version: str = __version__
    is_complete: bool = msgspec.field(default=False, name="complete")
    rows: dict[str, int] = {}
    """The rows of all parts by source."""
    parts: tuple[Part, ...] = ()

    def with_parts(self, parts: dict[tuple[str, str], Part], *, complete: bool) -> "Manifest":
        """Return the manifest with these parts, in order, and their counts."""
        ordered = tuple(parts[place] for place in sorted(parts))
        rows = dict.fromkeys(sorted({part.source for part in ordered}), 0)
        for part in ordered:
            rows[part.source] += part.rows
        return msgspec.structs.replace(self, parts=ordered, rows=rows, is_complete=complete)

    def save(self, folder: Path) -> None:
        """Write the manifest; raises OSError."""
        write_whole(folder / FILE, msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")


def started(folder: Path, wanted: Manifest) -> Manifest:
    """Return the export in a folder with the wanted end, or `wanted` itself for a new one.

    An export may be continued to a later end. Raises UsageError for a folder with anything else in
    it, and for another export.
    """
    path = folder / FILE
    if not path.exists():
        others = [found.name for found in folder.iterdir() if not _is_own(found.name)]
        if others:
            raise UsageError(
                f"{folder} holds {min(others)} and no {FILE} of an export; {_ELSEWHERE}"
            )
        return wanted
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (*NO_JSON, msgspec.ValidationError) as error:
        raise UsageError(f"{path} is not that of an export ({error}); {_ELSEWHERE}") from error
    for name, told in (("app", "app"), ("site", "site"), ("start", "--from"),
                       ("window", "--window"), ("format", "--format")):  # fmt: skip
        before, now = getattr(found, name), getattr(wanted, name)
        if before != now:
            raise UsageError(
                f"{folder} holds an export with {told} {before}, not {now}; {_ELSEWHERE}"
            )
    if found.end > wanted.end:
        raise UsageError(
            f"{folder} holds an export up to {found.end}, not {wanted.end}; {_ELSEWHERE}"
        )
    return msgspec.structs.replace(wanted, parts=found.parts)


def remove_drafts(folder: Path) -> None:
    """Remove what a killed run had begun to write; call it with the lock held."""
    for path in folder.glob(f".*{PARTIAL}"):
        path.unlink(missing_ok=True)


def file_name(source: str, slot: Slot, form: str) -> str:
    """Return the name of a part file: `spans-2026-11-20T10.jsonl.zst`."""
    return f"{source}-{slot.name}{ENDINGS[form]}"


def ends(slot: Slot) -> tuple[str, str]:
    """Return both ends of a slot as the manifest tells them."""
    return stamp(moment(slot.start)), stamp(moment(slot.end))


def written(part: Part, path: Path, data: bytes) -> Part:
    """Write the file of a part, whole or not at all, and return the part with it.

    Without rows there is no file. Raises OSError.
    """
    if not part.rows:
        path.unlink(missing_ok=True)
        return msgspec.structs.replace(part, file="", size=0, sha256="")
    write_whole(path, data)
    return msgspec.structs.replace(
        part, file=path.name, size=len(data), sha256=sha256(data).hexdigest()
    )


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex; raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, sha256).hexdigest()


def _is_own(name: str) -> bool:
    return name == LOCK or (name.startswith(".") and name.endswith(PARTIAL))
