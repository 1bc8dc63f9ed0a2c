"""The event that a client gives to a hook after a tool use."""

from __future__ import annotations

import json
import re

from session_classify.queries.call_key import bare_name, call_key
from session_classify.queries.intents import invocation_of, is_of_this_skill

TYPE_CHECKING = False  # importing typing takes milliseconds at each start of the hook
if TYPE_CHECKING:
    from typing import Any

_ID = re.compile(r"\w[\w.:/@-]{0,199}")
_ERROR = re.compile(r"\s*(?:Error:|(?:MCP|API) error|\{\s*\"errors?\"\s*:)")
_NOTE = 1_000
"""Characters of the client's note about a large result, which begins as an error does."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class Event:
    """One tool result of a run, and its call."""

    def __init__(self, invocation: str, fields: dict[str, Any]) -> None:
        self.invocation = invocation
        """The run that the call names: 8 hex digits."""
        self.conversation = _name(fields.get("session_id"))
        """The client's id of the conversation."""
        self.use = _name(fields.get("tool_use_id"))
        self.tool = _name(bare_name(str(fields.get("tool_name"))))
        self.arguments: dict[str, Any] = fields["tool_input"]
        self.response: Any = fields.get("tool_response")

    @property
    def row(self) -> str:
        """The result as the row of a transcript (`wire/answers/transcripts.py`)."""
        return json.dumps(
            {
                "type": "mcp_tool_call",
                "id": self.use,
                "tool": self.tool,
                "arguments": self.arguments,
                "result": self.response,
            }
        )

    @property
    def key(self) -> str:
        """What makes two calls the same."""
        return call_key(self.tool, self.arguments)

    @property
    def unit(self) -> tuple[str, str] | None:
        """The session or trace whose spans the call lists, as kind and id; else None."""
        if self.tool != "search_llmobs_spans":
            return None
        tags, query = self.arguments.get("tags"), str(self.arguments.get("query", ""))
        session = tags.get("session_id") if isinstance(tags, dict) else _named(query, "session_id")
        trace = _named(query, "trace_id") or self.arguments.get("trace_id")
        kind, found = ("session", session) if session else ("trace", trace)
        return (kind, found) if isinstance(found, str) and _ID.fullmatch(found) else None

    @property
    def is_error(self) -> bool:
        """Whether the response is an error, by its text: the agent is to see it."""
        text = self.response
        if isinstance(text, dict):
            if text.get("isError"):
                return True
            text = text.get("content")
        if isinstance(text, list):
            first = text[0] if text else None
            text = first.get("text") if isinstance(first, dict) else None
        if not isinstance(text, str):
            return self.response in (None, "", [], {})
        return bool(_ERROR.match(text)) and "saved to" not in text[:_NOTE]

    @property
    def is_search_at_large(self) -> bool:
        """Whether the call looks for spans of other things than one session or trace."""
        return self.tool == "search_llmobs_spans" and self.unit is None


def read_event(text: str) -> Event | None:
    """Return the event if its call belongs to a run of this skill; raises ValueError."""
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError("the event is not an object")
    invocation = invocation_of(fields.get("tool_input"))
    if not invocation and is_of_this_skill(fields.get("tool_input")):
        raise ValueError("telemetry.intent has this skill's tag without eight hex digits in [ ]")
    return Event(invocation, fields) if invocation else None


def _named(query: str, key: str) -> str:
    """Return the value of a key in a query that is nothing else."""
    return query.strip().partition(f"{key}:")[2].strip().strip('"')


def _name(value: object) -> str:
    """Return an id that is safe as the name of a file or folder; raises ValueError."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(f"the id {str(value)[:80]!r} is not a plain word")
    return value
