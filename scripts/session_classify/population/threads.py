"""What must be done once before several threads classify units side by side."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

import msgspec

_ROOMS = ("queries", "wire", "profiles", "evidence", "gathering", "digest", "verdict")
"""Where what threads decode is defined."""


@cache
def prepare_for_threads() -> None:
    """Let msgspec learn every struct that a unit may need, in this thread.

    msgspec 0.22 learns a struct when it is decoded for the first time, and crashes the process
    when two threads do that at once (`references/sources/rules.md#threads`).
    """
    for room in _ROOMS:
        package = import_module(f"session_classify.{room}")
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for kind in _structs(msgspec.Struct):
        with suppress(TypeError):  # one that is never decoded may hold anything
            msgspec.json.Decoder(kind)


def _structs(base: type) -> Iterator[type]:
    kind: type
    for kind in base.__subclasses__():
        yield kind
        yield from _structs(kind)
