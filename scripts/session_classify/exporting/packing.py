"""Part files: lines, compressed or not, each as one stream.

A stream has one frame: engines read the first frame of a file alone, and lose the rest.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import IO, Any, cast

from session_classify.errors import MissingExtraError, pip

ENDINGS = {"zst": ".jsonl.zst", "gz": ".jsonl.gz", "jsonl": ".jsonl"}
"""The ending of a part file by its format; the first one is the default."""
_EXTRA = "sweep"


class _Kept(BytesIO):
    """A buffer whose bytes can be had after a compressor closed it."""

    def close(self) -> None:
        """Keep the bytes."""


class Packer:
    """Takes lines and gives the bytes of a part file; only these are kept in memory."""

    def __init__(self, form: str) -> None:
        self._buffer = _Kept()
        self._stream: Any = _OPENED[form](self._buffer)

    def add(self, line: bytes) -> None:
        """Append a line, which has no line feed."""
        self._stream.write(line + b"\n")

    def finish(self) -> bytes:
        """Return the whole file; nothing can be added afterwards."""
        if self._stream is not self._buffer:
            self._stream.close()
        return self._buffer.getvalue()


def check_format(form: str) -> None:
    """Raise MissingExtraError where the library of a format is not installed."""
    if form == "zst" and find_spec("pyarrow") is None:
        raise MissingExtraError(
            f"--format zst needs pyarrow; run `{pip('pyarrow')}`, or take --format gz",
            _EXTRA,
        )


def unpacked(path: Path, form: str) -> Iterator[bytes]:
    """Yield the lines of a part file; raises OSError for a file that cannot be read."""
    with _opened(path, form) as file:
        for line in file:
            yield line.rstrip(b"\n")


def _opened(path: Path, form: str) -> IO[bytes]:
    if form == "gz":
        return cast("IO[bytes]", gzip.open(path))
    if form == "jsonl":
        return path.open("rb")
    import pyarrow

    return BufferedReader(pyarrow.input_stream(str(path), compression="zstd"))


def _zstd(buffer: BytesIO) -> Any:
    import pyarrow

    return pyarrow.CompressedOutputStream(buffer, "zstd")


_OPENED: dict[str, Callable[[BytesIO], Any]] = {
    "zst": _zstd,
    # Without a time, equal rows give equal files.
    "gz": lambda buffer: gzip.GzipFile("", "wb", 6, buffer, mtime=0),
    "jsonl": lambda buffer: buffer,
}
UNREADABLE = (OSError, EOFError, zlib.error)
"""What a damaged part file raises."""
