"""Regular expressions that are compiled at their first use: no command uses them all."""

from __future__ import annotations

import re

TYPE_CHECKING = False  # the capture hook uses this, and importing typing takes milliseconds
if TYPE_CHECKING:
    from typing import Any, AnyStr


class LazyPattern:
    """Stands for a compiled expression and has its attributes."""

    def __init__(self, source: Any, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the compiled expression; its methods are kept for later uses."""
        value = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value


def lazy_pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what behaves as `re.compile(source, flags)`; only functions of `re` do not take it."""
    return LazyPattern(source, flags)  # type: ignore[return-value]
