"""One call to a backend, as MCP arguments and pup command, and its answer."""

import json
import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from session_classify.lazy import lazy_pattern
from session_classify.queries.intents import intent

_ID = lazy_pattern(r"\w[\w.:/@-]{0,199}", re.ASCII)
_CURSOR = lazy_pattern(r"[\w.:/+=@%~-]{1,2000}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Its window is always explicit: the servers' defaults would find nothing."""

    tool: str
    arguments: dict[str, Any]
    pup: tuple[str, ...]
    """The arguments after `pup`; empty where pup has no such command."""
    why: str = ""
    """The purpose of the call, sent to servers that require one."""

    @property
    def is_plain(self) -> bool:
        """Whether every id is a plain word: not an option, nothing that a shell interprets."""
        asked = self.arguments
        ids = [asked.get("trace_id", "x"), asked.get("span_id", "x"), *asked.get("span_ids", ())]
        cursor = _CURSOR.fullmatch(asked.get("cursor", "x"))
        return cursor is not None and all(_ID.fullmatch(one) for one in ids)

    @property
    def told(self) -> str:
        """The call as it is printed for the user; a call that is not plain is only named."""
        if self.is_plain:
            return str(self)
        return f"{self.tool}: not made and not shown, because an id in it is not a plain word"

    def as_tool_call(self, invocation: str) -> str:
        """Return the call as an agent makes it: the tool, and its arguments as JSON."""
        if not self.is_plain:
            return self.told
        purpose = {"telemetry": {"intent": intent(invocation, self.why or self.tool)}}
        return f"{self.tool} {json.dumps({**self.arguments, **purpose}, ensure_ascii=False)}"

    def __str__(self) -> str:
        listed = ", ".join(
            f"{key}={json.dumps(value, ensure_ascii=False)}"
            for key, value in self.arguments.items()
        )
        command = shlex.join(("pup", *self.pup))
        return f"{self.tool}({listed})" + (f", or {command}" if self.pup else "")


@dataclass(frozen=True, slots=True)
class Received:
    """One answer as received, with its call where that is known."""

    name: str
    data: bytes
    about: Call | None = None

    def asked(self, name: str) -> str:
        """Return an argument of the call; empty where it is unknown."""
        return str(self.about.arguments.get(name) or "") if self.about else ""


class CallEnd(StrEnum):
    """How a recorded call ended."""

    ANSWERED = "answered"
    EMPTY = "empty"
    """With no rows and no content: an answer, where none holds more."""
    REFUSED = "refused"
    """With an error that the same call gets again."""
    FAILED = "failed"
    """With an error that may pass, or with nothing that can be read."""


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One answer that an agent client recorded, with its call as the agent made it."""

    tool: str
    """The bare name of the tool."""
    arguments: dict[str, Any]
    data: bytes
    saved_to: str = ""
    """The file with the whole answer, where `data` is only the client's note about it."""
    ended: CallEnd = CallEnd.ANSWERED
