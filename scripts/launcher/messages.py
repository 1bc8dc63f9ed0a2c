"""What the launcher says, on stderr, and how it ends when it cannot go on."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

MISSING = 7
"""Exit code: the environment lacks something."""


def tell(text: str) -> None:
    """Say what is being done, in one line, where it does not mix with data."""
    sys.stderr.write(f"session-classify: {' '.join(text.split())}\n")
    sys.stderr.flush()  # Python 3.8 keeps it back, and another process may follow


def fail(text: str) -> NoReturn:
    """End with one line: what is missing and what to do."""
    tell(text)
    sys.exit(MISSING)
