"""The sources of a sweep: files, folders and patterns as the engine reads them."""

from collections.abc import Iterable, Iterator
from glob import escape, glob
from hashlib import blake2b, file_digest
from io import BufferedReader
from itertools import chain
from pathlib import Path
from shlex import quote
from typing import BinaryIO

from session_classify.errors import UnusableInputError, UsageError

_KINDS = ("*.jsonl", "*.ndjson", "*.json")
_PACKED = ("", ".gz", ".zst")
_FRAME, _SKIPPED, _SKIPPED_MASK = 0xFD2FB528, 0x184D2A50, 0xFFFFFFF0


def sources_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return sources for workers anywhere: addresses as they are, local paths resolved.

    A folder becomes patterns of the files below it that may hold rows; the folder of an export, one
    of its spans. A file that several names mean is read once. Raises UsageError where a name means
    no file, UnusableInputError for a local file of which the engine would read a part.
    """
    found: list[str] = []
    seen: set[Path] = set()
    for one, named in chain.from_iterable(_source(name).items() for name in names):
        files = {file.resolve(): file for file in named}
        if seen & files.keys() or len(files) < len(named):
            # what is left of the pattern, file by file
            found += sorted(escape(str(files[file])) for file in files.keys() - seen)
        elif one not in found:
            found.append(one)
        seen |= files.keys()
    return tuple(found)


def is_address(source: str) -> bool:
    """Return whether a source is read over a network."""
    return "://" in source


def digests(sources: Iterable[str]) -> dict[str, str]:
    """Return the digest of each local file by its name: a file that was changed is another one."""
    return {str(file): _digest(file) for file in _local(sources)}


def _local(sources: Iterable[str]) -> Iterator[Path]:
    """Yield the local files of sources."""
    for one in sources:
        if not is_address(one):
            yield from _files(one)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=16)).hexdigest()


def _source(name: str) -> dict[str, tuple[Path, ...]]:
    """Return what the engine is given for a name, each with the local files that it fits."""
    if is_address(name):
        return {name: ()}
    path = Path(name).resolve()
    if path.is_dir():
        found = {one: files for one in _patterns(path) if (files := _files(one))}
        if not found:
            kinds = ", ".join(_KINDS)
            raise UsageError(f"{name} holds no file of rows; expected {kinds}, also .gz or .zst")
    elif Path(name).exists():
        if not path.is_file():  # a link to a pipe leads nowhere
            raise UsageError(f"{name} is no file that can be read twice; save what it holds first")
        found = {escape(str(path)): (path,)}
    else:
        pattern = str(Path(name).absolute())
        found = {pattern: _files(pattern)}
        if not found[pattern]:
            raise UsageError(f"no file at {name}; name files of span rows, a folder or a pattern")
    for file in chain.from_iterable(found.values()):
        if file.suffix == ".zst" and _has_more_frames(file):
            raise UnusableInputError(
                f"{file} has several zstd frames, of which the engine reads the first alone; make "
                f"it one: zstd -dc {quote(str(file))} | zstd -o NEW"
            )
    return found


def place_of_no_text(sources: tuple[str, ...]) -> str:
    """Return file and line of the first local text that is not UTF-8; empty if none is found."""
    for path in _local(sources):
        for number, line in enumerate(_lines(path), 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return f"{path}, line {number}"
    return ""


def _patterns(folder: Path) -> Iterator[str]:
    place = escape(str(folder))
    if (folder / "manifest.json").is_file():
        yield f"{place}/spans-*"
        return
    for kind in _KINDS:
        for packed in _PACKED:
            yield f"{place}/**/{kind}{packed}"


def _files(pattern: str) -> tuple[Path, ...]:
    """Return the files that a local pattern fits, by the names under which the engine reads."""
    names = sorted(glob(pattern, recursive=True))  # noqa: PTH207
    return tuple(path for path in map(Path, names) if path.is_file())


def _lines(path: Path) -> Iterator[bytes]:
    import pyarrow

    try:
        with pyarrow.input_stream(str(path)) as stream:
            yield from BufferedReader(stream)
    except (OSError, pyarrow.ArrowException):
        return  # what the engine says of the file is told


def _has_more_frames(path: Path) -> bool:
    """Return whether data follows the first zstd frame of a file.

    Source: RFC 8878, sections 3.1.1 and 3.1.2.
    """
    with path.open("rb") as file:
        frames = 0
        while (magic := _number(file, 4)) is not None:
            if magic & _SKIPPED_MASK == _SKIPPED:
                file.seek(_number(file, 4) or 0, 1)
            elif magic != _FRAME:
                return False  # no zstd: the engine tells it
            else:
                frames += 1
                if frames > 1:
                    return True
                _pass_frame(file)
    return False


def _pass_frame(file: BinaryIO) -> None:
    """Go to the end of a frame whose magic number was read."""
    flags = _number(file, 1) or 0
    is_single = flags >> 5 & 1
    size = (is_single, 2, 4, 8)[flags >> 6]
    file.seek((not is_single) + (0, 1, 2, 4)[flags & 3] + size, 1)
    is_last = False
    while not is_last and (block := _number(file, 3)) is not None:
        is_last = bool(block & 1)
        file.seek(1 if block >> 1 & 3 == 1 else block >> 3, 1)
    file.seek(4 * (flags >> 2 & 1), 1)


def _number(file: BinaryIO, size: int) -> int | None:
    data = file.read(size)
    return int.from_bytes(data, "little") if len(data) == size else None
