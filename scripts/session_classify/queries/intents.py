"""The purpose of a call, as the server's logs and the capture hook read it.

The capture hook uses this as well, so it needs only the standard library of Python 3.8. Source:
`references/sources/clients.md#intent-tags`.
"""

from __future__ import annotations

from session_classify.lazy import lazy_pattern

SKILL = "skill:llm-obs-session-classify"
_TAG = lazy_pattern(r"skill:(?:llm-obs|eval)-session-classify(?::start)?\[([0-9a-f]{8})\]")


def intent(invocation: str, why: str, *, is_first: bool = False) -> str:
    """Return the text that marks a call of one run; `invocation` is 8 hex digits."""
    return f"{SKILL}{':start' if is_first else ''}[{invocation}] — {why}"


def invocation_of(arguments: object) -> str:
    """Return the run that the arguments of a tool name; empty if they are not of a run."""
    telemetry = arguments.get("telemetry") if isinstance(arguments, dict) else None
    text = telemetry.get("intent") if isinstance(telemetry, dict) else None
    tag = _TAG.match(text) if isinstance(text, str) else None
    return tag.group(1) if tag else ""
