"""Keep the package's byte code in a folder of its own: nothing is written beside the source."""

from __future__ import annotations

import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader

TYPE_CHECKING = False  # importing typing takes milliseconds at each start
if TYPE_CHECKING:
    from types import CodeType

    from _typeshed.importlib import PathEntryFinderProtocol


def keep_elsewhere(source: str, folder: str) -> None:
    """Read and write the byte code of modules below `source` under `folder`.

    Other byte code stays where it is: with `sys.pycache_prefix`, the standard library would be
    compiled again, and at each start if the folder is read-only.
    """

    class Loader(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType | None:
            before, sys.pycache_prefix = sys.pycache_prefix, folder
            try:
                return super().get_code(fullname)
            finally:
                sys.pycache_prefix = before

    find = FileFinder.path_hook((Loader, SOURCE_SUFFIXES))

    def hook(path: str) -> PathEntryFinderProtocol:
        if not path.startswith(source):
            raise ImportError(path=path)
        return find(path)

    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.pop(source, None)
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
