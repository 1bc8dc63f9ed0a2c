"""Shorten a text of several lines: lines with ids, amounts and outcomes stay before the others."""

from session_classify.lazy import lazy_pattern
from session_classify.printing.text import LEFT_OUT, clip, omitted

_TELLING = lazy_pattern(
    r"[#$€£]\s?\w|\d{3,}|\d[.,]\d{2}\b"
    r"|\b(?:error|fail\w{0,6}|denied|refused|rejected|cancel\w{0,6}|confirm\w{0,3}|success\w{0,5}"
    r"|completed?|created|updated|deleted|refund\w{0,3}|not found|unable|cannot|exception|total)\b"
)
_ROOM_OF_A_MARK = 48
_FEWEST = 6
_MOST = 5_000
"""Lines of a text that is shortened by lines; others are cut in the middle."""
_LONGEST = 400
"""Characters of a line up to which it is weighed."""


def shorten_lines(text: str, limit: int, beyond: int = 0) -> str:
    """Return at most `limit` characters of a text, by lines where it has several.

    The first line and the last stay, then those with ids, amounts or words of an outcome, then the
    others in order. Each gap says how many characters are missing. `beyond` is as in `clip`.
    """
    lines = text.split("\n")
    if len(text) <= limit and not beyond:
        return text
    if beyond or not _FEWEST <= len(lines) <= _MOST:
        return clip(text, limit, beyond)
    kept = _kept(lines, limit)
    if not kept:
        return clip(text, limit)
    found: list[str] = []
    gap: list[str] = []
    for place, line in enumerate(lines):
        if place in kept:
            found += [*_told(gap), line]
            gap = []
        else:
            gap.append(line)
    found += _told(gap)
    shown = "\n".join(found)
    return shown if len(shown) <= limit else clip(text, limit)


def _told(gap: list[str]) -> list[str]:
    """Return the mark for missing lines; the lines themselves where they are no longer than it."""
    if not gap:
        return []
    text = "\n".join(gap)
    mark = LEFT_OUT.format(omitted(text) + 1)
    return [mark] if len(text) > len(mark) else gap


def _kept(lines: list[str], limit: int) -> set[int]:
    """Return the places of the lines that fit; each kept line may open one more gap."""
    last = len(lines) - 1
    ranked = sorted(
        range(len(lines)), key=lambda i: (i not in (0, last), not _is_telling(lines[i]), i)
    )
    kept: set[int] = set()
    room = limit - _ROOM_OF_A_MARK
    for place in ranked:
        joins = {place - 1, place + 1} & kept
        cost = len(lines[place]) + 1 + (0 if joins else _ROOM_OF_A_MARK)
        if cost <= room:
            kept.add(place)
            room -= cost
    return kept


def _is_telling(line: str) -> bool:
    return len(line) <= _LONGEST and _TELLING.search(line.lower()) is not None
