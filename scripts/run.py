#!/usr/bin/env python3
"""Run a command of session-classify without an installation: `python3 run.py COMMAND ...`.

This file parses on Python 2.7, so that an old Python can report what is needed.
"""

import os
import sys


def main(*command):
    """Run a command with the arguments of this process; `command` is put before them."""
    sys.dont_write_bytecode = True  # no byte code beside this file
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from launcher.pythons import LAUNCHER_OLDEST, NEEDED

    if sys.version_info < LAUNCHER_OLDEST:
        sys.stderr.write("session-classify: " + NEEDED + "\n")
        sys.exit(7)
    from launcher.start import start

    start(command)


if __name__ == "__main__":
    main()
