"""Compiled templates in the user's cache: compiling them costs more than rendering."""

from contextlib import suppress
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache

from session_classify import __version__
from session_classify.storage import keep_cached


class CompiledTemplates(BytecodeCache):
    """Keeps compiled templates; where it cannot, each process compiles its own.

    Jinja compares a digest of the source and the versions of Python and of its format.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, if its template was compiled before."""
        with suppress(OSError), self._path(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, readable by this user alone."""
        keep_cached(self._path(bucket), bucket.bytecode_to_string())

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{__version__}-{bucket.key}.bytes"
