"""Supported Pythons; this file parses on Python 2.7, to report that it is too old."""

import sys

OLDEST = (3, 11)
LAUNCHER_OLDEST = (3, 8)
"""The oldest Python that runs the launcher, which looks for a newer one."""

NAMES = ("python3.13", "python3.12", "python3.11", "python3.14")
"""Names of newer ones on PATH, in order of preference."""

NEEDED = "".join(
    [
        "needs Python 3.11 or newer, this is ",
        sys.version.split()[0],
        "; run it with one of ",
        ", ".join(NAMES),
        ", or install one, for example: apt install python3.11, or: brew install python@3.12",
    ]
)
"""What to do if only an older one is installed."""
