"""Values in a write's arguments that nothing in the session had shown: ids, dates and numbers.

Source: `references/sources/rules.md#values-from-nowhere`.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, islice, takewhile

from session_classify.evidence.conversation.claims.records import is_cut
from session_classify.evidence.conversation.confirmation import asked_by
from session_classify.evidence.conversation.gaps import rests_on_missing
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.made_good import is_alike
from session_classify.evidence.conversation.records import is_id, record_id
from session_classify.evidence.conversation.shown import Shown, shown_before
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, JsonValue, Session
from session_classify.vocabulary import Direction, Outcome, Tier

_DATE = lazy_pattern(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.+Z-]{2,20})?")
_RELATIVE = lazy_pattern(
    r"\b(?:today|tonight|tomorrow|yesterday|now|next|this|(?:day|week|month|year|hour|minute)s?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend)\b"
)
_MINTED = ("request", "idempotency", "correlation", "client", "trace", "nonce", "span")
"""Beginnings of fields whose value the caller makes up, as it should."""
_OWN_IDS = frozenset(("id", "key", "slug", "handle", "ref", "name"))
"""Fields by which a creation may name what it makes."""
_SMALLEST = 100
"""Smaller numbers are counts, which an assistant may well work out."""
_MOST = 20
_MOST_VALUES = 200
_MOST_SHOWN = 20_000
_MOST_SAID = 100_000


def origin_findings(
    session: Session, readings: Sequence[ToolResult], writes: Sequence[Write]
) -> list[Finding]:
    """Return a finding for each confirmed write with values that nothing before it shows.

    It says nothing of what the assistant may work out: small numbers, and dates that the user named
    in words. What the assistant itself had told shows nothing. Nothing is found where a text or a
    result is missing or cut, since the value may have stood there. It is neutral, since an app may
    know more than its trace, but for a value beside one that was shown in its place and differs in
    a letter or two.
    """
    if any(rests_on_missing(turn) or turn.masked or turn.missing for turn in session.turns):
        return []
    found: list[Finding] = []
    for write in writes:
        if write.outcome is not Outcome.CONFIRMED or len(found) == _MOST:
            continue
        before = _before(write, readings)
        said = " ".join(turn.user_text or "" for turn in session.turns[: write.turn])
        unknown = _from_nowhere(write, before, said, session)
        if unknown:
            named = ", ".join(f"{path} {value}" for path, value in unknown[:4])
            more = f" and {len(unknown) - 4} more" if len(unknown) > 4 else ""
            near = _near(unknown, before, said)
            beside = f"; {near} was shown" if near else ""
            found.append(
                Finding(
                    id=f"value{len(found) + 1}",
                    rule="value-from-nowhere",
                    tier=Tier.FACT,
                    direction=Direction.NEGATIVE if near else Direction.NEUTRAL,
                    summary=f"{write.id} has {named}{more}, which no user text, rule or earlier "
                    f"result shows{beside}",
                    turn=write.turn,
                    instant=write.call.start,
                    calls=(write.call.id,),
                    needs_reading=True,
                )
            )
    return found


def _before(write: Write, readings: Sequence[ToolResult]) -> tuple[ToolResult, ...]:
    """Return the results of the calls before a write."""
    return tuple(takewhile(lambda reading: reading.call.id != write.call.id, readings))


def _from_nowhere(
    write: Write, before: Sequence[ToolResult], said: str, session: Session
) -> list[tuple[str, str | float]]:
    """Return the values of a write, with their paths, that nothing before it shows."""
    makes = asked_by(write.call).makes
    values = [
        (path, value)
        for path, value in islice(_values(write.call.arguments, ""), _MOST_VALUES)
        if not (makes and path in _OWN_IDS)
    ]
    if not values or any(r.call.result is None or is_cut(r.call.result, r.data) for r in before):
        return []
    shown = shown_before(session, write.turn, write.call.id)
    asked = said.lower()
    return [(path, value) for path, value in values if not _is_shown(value, shown, asked)]


def _near(
    unknown: Sequence[tuple[str, str | float]], before: Sequence[ToolResult], said: str
) -> str:
    """Return a value that was shown under the same name, or said, and is much like an unknown one.

    Empty where there is none.
    """
    texts = {path.rpartition(".")[2]: v for path, v in unknown if isinstance(v, str)}
    if not texts:
        return ""
    shown = chain.from_iterable(_values(reading.data, "") for reading in before)
    for path, value in islice(shown, _MOST_SHOWN):
        wrong = texts.get(path.rpartition(".")[2])
        if wrong and isinstance(value, str) and _is_beside(wrong, value):
            return value
    words = [word.strip(".,;:!?()'\"") for word in said[:_MOST_SAID].split()]
    return next((w for w in words for wrong in texts.values() if _is_beside(wrong, w)), "")


def _is_beside(wrong: str, value: str) -> bool:
    """Tell whether two values of one length differ in one or two neighbouring characters."""
    same = len(wrong) == len(value) > 3
    return same and wrong.lower() != value.lower() and is_alike(wrong, value, most=2)


def _values(value: JsonValue, path: str) -> Iterator[tuple[str, str | float]]:
    """Yield the ids, dates and numbers of a call's arguments with their paths."""
    name = path.rpartition(".")[2]
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _values(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif isinstance(value, bool) or name.lower().startswith(_MINTED):
        return
    elif isinstance(value, int | float):
        if abs(value) >= _SMALLEST:
            yield path, value
    elif isinstance(value, str) and (
        _DATE.fullmatch(value) or (is_id(value) and record_id({name: value}))
    ):
        yield path, value


def _is_shown(value: str | float, shown: Shown, asked: str) -> bool:
    if isinstance(value, int | float):
        forms = {f"{value:g}", f"{value:,}", f"{value:.2f}", f"{value:,.2f}", str(value)}
        return any(shown.shows(form) for form in forms)
    if _DATE.fullmatch(value):
        return _is_shown_date(value[:10], shown, asked)
    return shown.shows(value.lower().lstrip("#"))


def _is_shown_date(text: str, shown: Shown, asked: str) -> bool:
    """Tell whether a day was shown, in figures or by its month's name, or asked for in words."""
    if shown.shows(text) or _RELATIVE.search(asked):
        return True
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    month = f"{day:%B}".lower()
    forms = [f"{name}{sep}{day.day}" for name in (month, month[:3]) for sep in (" ", ". ")]
    forms += [f"{day.day} {month}", f"{day.day} {month[:3]}", f"{day.day} of {month}"]
    forms += [f"{day.day}{end} of {month}" for end in ("st", "nd", "rd", "th")]
    forms += [f"{day.month}/{day.day}", f"{day.day}/{day.month}", f"{day.month:02}/{day.day:02}"]
    forms += [f"{day.day:02}.{day.month:02}", f"{day.day}.{day.month}"]
    return any(form in asked for form in forms) or any(shown.shows(form) for form in forms)
