"""The locked requirements, and which of them an interpreter lacks."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from zlib import crc32

from launcher.pythons import OLDEST

_HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_STEM, _ENDING = "requirements", ".lock"
_IMPORT = "# import "


class Requirement:
    """One imported package: its module, its distribution and the oldest version."""

    def __init__(self, line: str) -> None:
        self.module, _, asked = line[len(_IMPORT) :].partition(" from ")
        self.name, _, self.oldest = asked.partition(">=")

    def problem(self, found: dict[str, tuple[str, str]]) -> str:
        """Return why it cannot be imported as required; empty where it can.

        `found` has version and folder of each installed distribution. A module that shadows the
        installed one, such as a file of the same name, is another package.
        """
        version, folder = found.get(_plain(self.name), ("", ""))
        if not version:
            return f"{self.name} is not installed"
        if _numbers(version) < _numbers(self.oldest):
            return f"{self.name} {version} is older than {self.oldest}"
        spec = PathFinder.find_spec(self.module)
        origin = (spec and spec.origin) or ""
        if not origin.startswith(os.path.join(folder, "")):
            return f"{self.module} is not in {folder}" + (f" but {origin}" if origin else "")
        return ""


class Locks:
    """The lock of every command's requirements, named "", and one per extra."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._installed: dict[str, tuple[str, str]] = {}
        for name in sorted(os.listdir(_HERE)):
            if name.startswith(_STEM) and name.endswith(_ENDING):
                with open(os.path.join(_HERE, name), encoding="utf-8") as file:
                    self._texts[name[len(_STEM) : -len(_ENDING)].lstrip("-")] = file.read()

    @property
    def extras(self) -> frozenset[str]:
        """The names of the extras."""
        return frozenset(self._texts) - {""}

    @property
    def key(self) -> str:
        """The name of an environment: it depends on the locked packages and the platform."""
        machine = os.uname().machine if hasattr(os, "uname") else ""
        text = "".join([sys.platform, machine, *self._texts.values()])
        return f"{crc32(text.encode()):08x}"

    def requirements(self, extra: str) -> list[Requirement]:
        """Return the requirements of an extra, or of every command."""
        lines = self._texts[extra].splitlines()
        return [Requirement(line) for line in lines if line.startswith(_IMPORT)]

    def lacking(self, extra: str) -> list[str]:
        """Return what this interpreter lacks for an extra, or for any command."""
        if sys.version_info < OLDEST:
            return [f"Python {sys.version.split()[0]} is older than 3.11"]
        self._installed = self._installed or installed()
        problems = (one.problem(self._installed) for one in self.requirements(extra))
        return [problem for problem in problems if problem]


def lock_path(extra: str) -> str:
    """Return the path of the lock of an extra, or of every command's requirements."""
    return os.path.join(_HERE, "-".join(filter(None, (_STEM, extra))) + _ENDING)


def installed() -> dict[str, tuple[str, str]]:
    """Return version and folder of each installed distribution, in import order.

    Read from folder names: importlib.metadata takes as long as a whole interpreter start.
    """
    found: dict[str, tuple[str, str]] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for stem, ending in map(os.path.splitext, names):
            if ending in (".dist-info", ".egg-info"):
                name, _, version = stem.partition("-py")[0].rpartition("-")
                found.setdefault(_plain(name), (version, folder))
    return found


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _numbers(version: str) -> list[int]:
    """Return the numbers of a version for comparison, such as [8, 1] of 8.1.0rc1."""
    numbers = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits or 0))
        if digits != part:
            break
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
