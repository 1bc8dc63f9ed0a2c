"""Which Pythons run the package; this file parses on Python 2.7, which needs to be told."""

import sys

OLDEST = (3, 11)
LAUNCHER_OLDEST = (3, 8)
"""The oldest Python that the launcher itself runs on, to look for a newer one."""

NAMES = ("python3.13", "python3.12", "python3.11", "python3.14")
"""The names that newer ones have on PATH, in the order in which they are taken."""

NEEDED = "".join(
    [
        "needs Python 3.11 or newer, this is ",
        sys.version.split()[0],
        "; run it with one of ",
        ", ".join(NAMES),
        ", or install one, for example: apt install python3.11, or: brew install python@3.12",
    ]
)
"""What helps whoever has an older one alone."""
