"""The launcher's messages on stderr, and how it ends with an error."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

MISSING = 7
"""Exit code: something is missing in the environment."""


def tell(text: str) -> None:
    """Report progress in one line on stderr."""
    sys.stderr.write(f"session-classify: {' '.join(text.split())}\n")
    sys.stderr.flush()  # Python 3.8 buffers it, and another process may follow


def fail(text: str) -> NoReturn:
    """End with one line: what is missing and what to do."""
    tell(text)
    sys.exit(MISSING)
