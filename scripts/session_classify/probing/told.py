"""An amount or a date of an answer, altered so that it is not what the results hold."""

import itertools
from collections.abc import Iterator, Sequence, Set
from datetime import date, timedelta

from session_classify.evidence.findings import Evidence
from session_classify.lazy import lazy_pattern
from session_classify.occurrences import occurrences
from session_classify.probing.rows import Rows, exchanged, with_text

_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_AMOUNT = lazy_pattern(r"\$(\d[\d,]{0,14}(?:\.\d{1,2})?)(?![\d.,]?\d)")
_COMPOUND = lazy_pattern(r"\d{1,4}(?:[-/:]\d{1,4}){1,5}")
"""Dates and times, whose parts are no amounts."""
_DAY = lazy_pattern(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_YEAR = lazy_pattern(r"\b(\d{4})-\d{2}-\d{2}\b")
_WRITTEN = lazy_pattern(rf"\b({'|'.join(_MONTHS)}) (\d{{1,2}})(?:, (\d{{4}}))?\b")


def altered(rows: Rows, evidence: Evidence) -> Iterator[tuple[str, Rows]]:
    """Yield the change of an amount and of a date that the outcome is told with.

    The answer is one since the last write, or the last that rests on calls; the value stands in it
    once, and as a whole value in a result of its turn. What an earlier answer says may be put right
    later.
    """
    acted = {write.call.id for write in evidence.writes}
    turns = [turn for turn in evidence.session.turns if turn.tool_calls]
    last = [t for t in turns if any(call.id in acted for call in t.tool_calls)][-1:] or turns[-1:]
    late = [turn for turn in turns if last and turn.number >= last[0].number]
    for word, values in (("amount", _amounts), ("date", _dates)):
        found = (
            (text, told, other)
            for turn in reversed(late)
            for text in [turn.final_text or ""]
            for told, other in values(text, [str(call.result or "") for call in turn.tool_calls])
            if len(list(occurrences(text, told))) == 1
        )
        for text, told, other in itertools.islice(found, 1):
            yield f"{word} {told} told as {other}", with_text(rows, text, text.replace(told, other))


def _amounts(text: str, results: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield amounts of money that a result holds: as told, and another one."""
    numbers = [_COMPOUND.sub(" ", result) for result in results]
    for match in _AMOUNT.finditer(text):
        plain = match[1].replace(",", "")
        short = plain.rstrip("0").rstrip(".") if "." in plain else plain
        if _hold(numbers, {plain, short, short if "." in short else f"{short}.0"}):
            yield match[0], f"${int(match[1][0]) % 9 + 1}{match[1][1:]}"


def _dates(text: str, results: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield dates that a result holds: as told, and the day after.

    One that is told without a year may be of any year.
    """
    for match in _DAY.finditer(text):
        day = _day(match[1], match[2], match[3])
        if day and _hold(results, {match[0]}):
            yield match[0], (day + timedelta(1)).isoformat()
    years = {year for result in results for year in _YEAR.findall(result)}
    for match in _WRITTEN.finditer(text):
        month = str(_MONTHS.index(match[1]) + 1)
        known = [match[3]] if match[3] else sorted(years)
        days = [day for year in known if (day := _day(year, month, match[2]))]
        if _hold(results, {day.isoformat() for day in days}):
            after = days[0] + timedelta(1)
            year = f", {after.year}" if match[3] else ""
            yield match[0], f"{_MONTHS[after.month - 1]} {after.day}{year}"


def _hold(results: Sequence[str], values: Set[str]) -> bool:
    """Return whether a result holds one of the values as a whole."""
    return any(exchanged(result, one, "") != result for one in values for result in results)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
