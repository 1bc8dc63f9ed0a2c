"""One call to a backend as MCP arguments and as a pup command, and what was received for it."""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any

_ID = re.compile(r"\w[\w.:/@-]{0,199}", re.ASCII)
_CURSOR = re.compile(r"[\w.:/+=@%~-]{1,2000}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """One call; its window is never left out, because the defaults silently find nothing."""

    tool: str
    arguments: dict[str, Any]
    pup: tuple[str, ...]
    """What comes after `pup`; empty where it has no such command."""
    why: str = ""
    """What the call is for, told to servers that ask for it."""

    @property
    def is_plain(self) -> bool:
        """Whether every id from the data is a plain word: no option, nothing that a shell reads."""
        asked = self.arguments
        ids = [asked.get("trace_id", "x"), asked.get("span_id", "x"), *asked.get("span_ids", ())]
        cursor = _CURSOR.fullmatch(asked.get("cursor", "x"))
        return cursor is not None and all(_ID.fullmatch(one) for one in ids)

    @property
    def told(self) -> str:
        """The call as it is printed for whoever makes it; one that is not plain is only named."""
        if self.is_plain:
            return str(self)
        return f"{self.tool}: not made and not repeated here, because an id in it is no plain word"

    def __str__(self) -> str:
        listed = ", ".join(
            f"{key}={json.dumps(value, ensure_ascii=False)}"
            for key, value in self.arguments.items()
        )
        command = shlex.join(("pup", *self.pup))
        return f"{self.tool}({listed})" + (f", or {command}" if self.pup else "")


@dataclass(frozen=True, slots=True)
class Received:
    """One answer as it was received, and the call that it answers, where that is known."""

    name: str
    data: bytes
    about: Call | None = None

    def asked(self, name: str) -> str:
        """Return an argument of the call, empty where it is not known."""
        return str(self.about.arguments.get(name) or "") if self.about else ""
