"""Compiled templates in the user's cache: compiling them costs more than rendering."""

import os
from contextlib import suppress
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache

from session_classify import __version__


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
        path = self._path(bucket)
        draft = path.with_suffix(f".{os.getpid()}.part")
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(bucket.bytecode_to_string())
            draft.replace(path)

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{__version__}-{bucket.key}.bytes"
