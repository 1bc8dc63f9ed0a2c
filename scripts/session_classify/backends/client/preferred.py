"""Which of several recorded answers to the same call count, and whether they are enough."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from session_classify.instants import any_instant, duration, utc_now
from session_classify.queries.call import Call, CallEnd, RecordedAnswer

TRIES = 3
"""How often a call is made that ends with an error which may pass."""
_LISTS = "search_llmobs_spans"
"""The tool whose window decides what its answer holds; others name their spans."""
_SIZES = ("limit", "max_tokens", "max_content_length", "max_depth")
_ROUNDED = 0.1
"""The part of a window by which its ends may differ: an agent may round them."""


def preferred(
    call: Call, answers: Sequence[RecordedAnswer]
) -> tuple[tuple[RecordedAnswer, ...], bool]:
    """Return the answers to use, from the oldest to the newest, and whether they are enough.

    `answers` are of the same call by `call_key`: windows and sizes may differ. The newest that is
    as wide as the call stands alone; without one, all count together. An error counts only where
    nothing better came, and one that may pass only after `TRIES`.
    """
    of = {kind: [one for one in answers if one.ended is kind] for kind in CallEnd}
    good = of[CallEnd.ANSWERED] or of[CallEnd.EMPTY]
    is_list = call.tool == _LISTS
    wide = [one for one in good if not is_list or _covers(one.arguments, call.arguments)]
    if whole := [one for one in wide if _is_as_large(one.arguments, call.arguments)]:
        return (whole[-1],), True
    if good:
        return tuple(wide or good), bool(wide)
    refused = [one for one in of[CallEnd.REFUSED] if _covers(one.arguments, call.arguments)]
    final = refused or (answers if len(answers) >= TRIES else ())
    return tuple(final[-1:]), bool(final)


def _covers(asked: dict[str, Any], needed: dict[str, Any]) -> bool:
    """Return whether one window holds another, rounding aside."""
    if "from" not in needed:
        return True
    now = utc_now()
    first, last = _ago(needed["from"], now), _ago(needed.get("to", "now"), now)
    start, end = _ago(asked.get("from"), now), _ago(asked.get("to", "now"), now)
    if first is None or last is None:
        return True
    if start is None or end is None:
        return False
    rounded = (first - last) * _ROUNDED
    return start >= first - rounded and end <= last + rounded


def _ago(moment: Any, now: datetime) -> float | None:
    """Return how many seconds ago a moment is, such as `now-90d`; None where it tells none."""
    if moment == "now":
        return 0.0
    try:
        if isinstance(moment, str) and moment.startswith("now-"):
            return duration(moment.removeprefix("now-")).total_seconds()
        return (now - any_instant(moment).astimezone(UTC)).total_seconds()
    except (ValueError, OverflowError, TypeError):
        return None


def _is_as_large(asked: dict[str, Any], needed: dict[str, Any]) -> bool:
    return all(_number(asked.get(size)) >= needed[size] for size in _SIZES if size in needed)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
