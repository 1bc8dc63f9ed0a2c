"""How a session is named: by its session id, or as `chatid=VALUE` by another tag of its spans.

Source: `references/app.md#what-a-unit-is`.
"""

import re

from session_classify.lazy import lazy_pattern
from session_classify.vocabulary import Unit

SESSION_TAG = "session_id"
_TAG = r"[A-Za-z][A-Za-z0-9_.-]{0,60}[iI][dD]"
_KEY = lazy_pattern(_TAG, re.ASCII)
_NAMED = lazy_pattern(rf"({_TAG})=([^=].*)", re.ASCII | re.DOTALL)


def is_unit_tag(key: str) -> bool:
    """Return whether spans can be put together by this tag: its name ends in `id`."""
    return _KEY.fullmatch(key) is not None


def session_tag(session_id: str) -> tuple[str, str]:
    """Return the tag that the spans of a session have, as its key and value."""
    named = _NAMED.fullmatch(session_id)
    return (named[1], named[2]) if named else (SESSION_TAG, session_id)


def unit_tag(unit: Unit, unit_id: str) -> tuple[str, str]:
    """Return the field by which a unit's spans are found, and its value."""
    return session_tag(unit_id) if unit is Unit.SESSION else ("trace_id", unit_id)


def is_by_tag(session_id: str) -> bool:
    """Return whether a session is named by another tag than the session id."""
    return session_tag(session_id)[0] != SESSION_TAG


def named_by_tag(key: str, value: str) -> str:
    """Return the id of the session whose spans have this tag; without a value, none."""
    return f"{key}={value}" if value else ""
