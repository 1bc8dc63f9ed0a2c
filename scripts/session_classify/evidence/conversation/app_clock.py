"""Writes on things that lie before the current time which the app's rules or context state.

Source: `references/sources/rules.md#app-clock`.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.records import record_id
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, JsonValue, Session
from session_classify.vocabulary import Direction, Outcome, Tier

_CLOCK = lazy_pattern(
    r"\b(?:current (?:date|time|datetime|date and time|day)|today(?:'s date)?"
    r"|the (?:date|time) now)"
    r"[ \"':=_*]{0,4}(?:is|:|=)?[ \"':=_*]{0,4}(\d{4}-\d{2}-\d{2})"
)
_DAY = lazy_pattern(r"(\d{4}-\d{2}-\d{2})(?:[T ][\d:.+Z-]{2,20})?")
_WHEN = lazy_pattern(
    r"(?:^|_)(?:date|day|departs?|departure|arrival|start|starts|begin|scheduled|due|deadline|"
    r"check_?in|event|valid_from|when|time|at)(?:$|_)"
)
_HISTORY = lazy_pattern(
    r"birth|dob|creat|updat|modif|order|issued|placed|signed|joined|registered|paid|booked"
    r"|purchase|member|since|histor|log|last|previous|received|sent|deliver|opened|closed"
)
_MOST = 20
_MOST_RULES = 200_000
_MOST_DATES = 300


def clock_findings(session: Session, writes: Sequence[Write]) -> list[Finding]:
    """Return a finding for each confirmed write on something that is over by the app's clock.

    Looked at are fields that say when something takes place, in the arguments and in the record of
    the thing that the write names. Whether the act is wrong is for a reader to say.
    """
    now = stated_day(session)
    if now is None:
        return []
    found: list[Finding] = []
    for write in writes:
        if write.outcome is not Outcome.CONFIRMED or len(found) == _MOST:
            continue
        records = [
            write.call.arguments,
            *(r.record for r in write.resolved if record_id(r.record) == r.id),
        ]
        places = [pair for record in records for pair in _days(record, "")][:_MOST_DATES]
        past = [(path, day) for path, day in places if day < now]
        if past:
            path, day = min(past, key=lambda pair: pair[1])
            found.append(
                Finding(
                    id=f"clock{len(found) + 1}",
                    rule="before-the-clock",
                    tier=Tier.FACT,
                    direction=Direction.NEUTRAL,
                    summary=f"{write.id} acts on {path} {day}, which lies before the app's own "
                    f"current time, {now}",
                    turn=write.turn,
                    instant=write.call.start,
                    calls=(write.call.id,),
                    needs_reading=True,
                )
            )
    return found


def stated_day(session: Session) -> date | None:
    """Return the day that the rules, the context or a user's text state as the current one."""
    texts = [prompt.text[:_MOST_RULES] for prompt in session.system_prompts]
    texts += [block.text[:_MOST_RULES] for turn in session.turns for block in turn.context]
    texts += [(turn.user_text or "")[:_MOST_RULES] for turn in session.turns]
    days = [_day(match.group(1)) for text in texts for match in _CLOCK.finditer(text.lower())]
    return next((day for day in days if day), None)


def _days(value: JsonValue, path: str) -> Iterator[tuple[str, date]]:
    """Yield the days in fields that say when something takes place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _days(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _days(item, f"{path}[{place}]")
    elif isinstance(value, str) and (match := _DAY.fullmatch(value)):
        name = path.rpartition(".")[2].lower()
        if _WHEN.search(name) and not _HISTORY.search(path.lower()) and (day := _day(match[1])):
            yield path, day


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
