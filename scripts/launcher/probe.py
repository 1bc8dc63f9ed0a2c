"""Test a new environment: `python -I probe.py EXTRA ...`, exit code 0 if it works."""

import os
import sys
from importlib import import_module

sys.dont_write_bytecode = True  # no byte code beside this file
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from launcher.locks import Locks  # noqa: E402


def problem(extras: list[str]) -> str:
    """Return why the package cannot run here with some extras; empty where it can."""
    locks = Locks()
    for extra in ("", *extras):
        for lack in locks.lacking(extra):
            return lack
        for requirement in locks.requirements(extra):
            try:
                import_module(requirement.module)
            except Exception as error:  # noqa: BLE001  a package may fail in any way
                return f"{requirement.name} cannot be imported: {type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(problem(sys.argv[1:]) or 0)
