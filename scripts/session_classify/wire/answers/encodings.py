"""Encodings of whole files: compression, UTF-16 and UTF-32, marks; undone within a limit.

Each is told by the bytes alone, never by a file's name; sources:
references/sources/clients.md#encodings-of-files.
"""

import codecs
import zlib
from collections.abc import Callable
from typing import Protocol

import msgspec

from session_classify.errors import UnusableInputError

MOST = 100_000_000
"""Bytes that one file may become when it is decompressed; a page of an export has 50 MB at most."""
_STEP = 1_000_000
_GZIP, _XZ = b"\x1f\x8b\x08", b"\xfd7zXZ\0"
_HEAD = 400
"""Bytes that tell UTF-16 and UTF-32 without a mark."""


class Budget(msgspec.Struct):
    """What may still be decompressed out of one file; `name` is for the refusal."""

    name: str
    left: int = MOST

    def take(self, size: int) -> None:
        """Count decompressed bytes; raises UnusableInputError where they are too many."""
        self.left -= size
        if self.left < 0:
            raise UnusableInputError(
                f"{self.name} is compressed and holds more than {MOST // 1_000_000} MB; "
                "decompress it and pass the part that is needed"
            )


class _Decompressor(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Encoding(msgspec.Struct, frozen=True):
    """One encoding: its name, what tells it, and what undoes it."""

    name: str
    tells: Callable[[bytes], bool]
    undo: Callable[[bytes, Budget], bytes]


def undone(data: bytes, budget: Budget) -> tuple[str, bytes] | None:
    """Return the name of the outermost encoding of some bytes and what is in it; None without one.

    Raises UnusableInputError for data that is cut, damaged, or too large when it is decompressed.
    """
    for encoding in ENCODINGS:
        if encoding.tells(data):
            return encoding.name, encoding.undo(data, budget)
    return None


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(marks)


def _compressed(
    name: str, mark: bytes, make: Callable[[], _Decompressor], error: type[Exception]
) -> Callable[[bytes, Budget], bytes]:
    """Return what decompresses all members of a file; what is no member behind one is ignored."""

    def undo(data: bytes, budget: Budget) -> bytes:
        found: list[bytes] = []
        try:
            data = _member(make(), data, budget, found)
            while mark and data.startswith(mark):
                data = _member(make(), data, budget, found)
        except (error, EOFError) as reason:
            raise UnusableInputError(
                f"{budget.name} is {name}, but cannot be decompressed ({reason}); get it again"
            ) from reason
        return b"".join(found)

    return undo


def _member(stream: _Decompressor, data: bytes, budget: Budget, found: list[bytes]) -> bytes:
    """Decompress one member in steps; return what lies behind it. Raises EOFError for a cut one."""
    parts = []
    while not stream.eof:
        part = stream.decompress(data, _STEP)
        budget.take(len(part))
        parts.append(part)
        data = _unread(stream)
        if not part and not data and not stream.eof:
            raise EOFError("it ends in the middle")
    found += parts
    return stream.unused_data


def _unread(stream: _Decompressor) -> bytes:
    """Return the input that zlib hands back; the other decompressors keep theirs."""
    rest: bytes = getattr(stream, "unconsumed_tail", b"")
    return rest


def _is_bzip2(data: bytes) -> bool:
    return data.startswith(b"BZh") and data[4:10] == b"1AY&SY"


def _bzip2() -> _Decompressor:
    import bz2

    return bz2.BZ2Decompressor()


def _xz(data: bytes, budget: Budget) -> bytes:
    import lzma

    def make() -> _Decompressor:
        return lzma.LZMADecompressor(memlimit=MOST)

    return _compressed("xz", _XZ, make, lzma.LZMAError)(data, budget)


def _text_in(name: str, mark: bytes, codec: str) -> Callable[[bytes, Budget], bytes]:
    """Return what makes UTF-8 of a text in another encoding; half an emoji is marked."""

    def undo(data: bytes, budget: Budget) -> bytes:
        try:
            text = data.removeprefix(mark).decode(codec, "surrogatepass")
        except UnicodeDecodeError as error:
            raise UnusableInputError(
                f"{budget.name} is {name}, but: {error.reason} at byte {error.start:,} of "
                f"{len(data):,}; the file is cut or damaged, get it again"
            ) from error
        return text.encode("utf-8", "replace")

    return undo


def _zeros(width: int, at: tuple[int, ...]) -> Callable[[bytes], bool]:
    """Return what tells ASCII in units of `width` bytes: zeros in these places of each alone."""

    def tells(data: bytes) -> bool:
        head = data[: min(len(data), _HEAD) // width * width]
        if len(head) < 2 * width or 0 not in head:
            return False
        columns = [head[place::width] for place in range(width)]
        zeros = [column.count(0) / len(column) for column in columns]
        return all(
            zeros[place] > 0.6 if place in at else zeros[place] < 0.1 for place in range(width)
        )

    return tells


ENCODINGS = (
    Encoding(
        "gzip",
        _begins(_GZIP),
        _compressed("gzip", _GZIP, lambda: zlib.decompressobj(wbits=31), zlib.error),
    ),
    Encoding(
        "zlib",
        _begins(b"\x78\x9c", b"\x78\x01", b"\x78\xda"),
        _compressed("zlib", b"", zlib.decompressobj, zlib.error),
    ),
    Encoding("bzip2", _is_bzip2, _compressed("bzip2", b"BZh", _bzip2, OSError)),
    Encoding("xz", _begins(_XZ), _xz),
    Encoding(
        "UTF-32",
        _begins(codecs.BOM_UTF32_LE),
        _text_in("UTF-32", codecs.BOM_UTF32_LE, "utf-32-le"),
    ),
    Encoding(
        "UTF-32",
        _begins(codecs.BOM_UTF32_BE),
        _text_in("UTF-32", codecs.BOM_UTF32_BE, "utf-32-be"),
    ),
    Encoding(
        "UTF-16",
        _begins(codecs.BOM_UTF16_LE),
        _text_in("UTF-16", codecs.BOM_UTF16_LE, "utf-16-le"),
    ),
    Encoding(
        "UTF-16",
        _begins(codecs.BOM_UTF16_BE),
        _text_in("UTF-16", codecs.BOM_UTF16_BE, "utf-16-be"),
    ),
    Encoding("UTF-32", _zeros(4, (1, 2, 3)), _text_in("UTF-32", b"", "utf-32-le")),
    Encoding("UTF-32", _zeros(4, (0, 1, 2)), _text_in("UTF-32", b"", "utf-32-be")),
    Encoding("UTF-16", _zeros(2, (1,)), _text_in("UTF-16", b"", "utf-16-le")),
    Encoding("UTF-16", _zeros(2, (0,)), _text_in("UTF-16", b"", "utf-16-be")),
)
"""Every encoding that is undone, the longer mark before the shorter one that it begins with."""

CLOSED = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"bplist00", "a binary property list"),
)
"""What is not opened, by its first bytes."""


def closed(data: bytes) -> str:
    """Return what a file is that is no text and is not opened, in words; empty for a text."""
    for mark, words in CLOSED:
        if data.startswith(mark):
            return words
    if data[257:262] == b"ustar":
        return "a tar archive"
    return "binary data" if b"\0" in data[:4_000] else ""
