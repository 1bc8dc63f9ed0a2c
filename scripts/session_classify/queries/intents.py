"""The purpose of a call, as the server's logs and the capture hook read it.

The capture hook uses this as well, so it needs only the standard library of Python 3.8. Source:
`references/sources/clients.md#intent-tags`.
"""

from __future__ import annotations

from session_classify.lazy import lazy_pattern

SKILL = "skill:llm-obs-session-classify"
STORED = "session-classify stored this result."
"""The beginning of what the capture hook puts in place of a result."""
_TAG = lazy_pattern(r"\s*skill:(?:llm-obs|eval)-session-classify(?::start)?\[([0-9a-fA-F]{8})\]")


def intent(invocation: str, why: str, *, is_first: bool = False) -> str:
    """Return the text that marks a call of one run; `invocation` is 8 hex digits."""
    return f"{SKILL}{':start' if is_first else ''}[{invocation}] — {why}"


def invocation_of(arguments: object) -> str:
    """Return the run that the arguments of a tool name; empty if they are not of a run."""
    tag = _TAG.match(_purpose(arguments))
    return tag.group(1).lower() if tag else ""


def is_of_this_skill(arguments: object) -> bool:
    """Return whether the purpose of a call begins as this skill's do, with or without a run."""
    return _purpose(arguments).strip().startswith(SKILL)


def _purpose(arguments: object) -> str:
    telemetry = arguments.get("telemetry") if isinstance(arguments, dict) else None
    text = telemetry.get("intent") if isinstance(telemetry, dict) else None
    return text if isinstance(text, str) else ""
