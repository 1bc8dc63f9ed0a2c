"""Experiments: the output compared with the expected output of the record.

Source: `references/sources/spans.md#app-types`.
"""

from session_classify.jsontext import parsed
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, JsonValue, Session, Turn
from session_classify.vocabulary import Direction, Tier

_SHORT = 60
"""Outputs up to this length are values: a different value is a different answer."""
_BLANKS = lazy_pattern(r"\s+")


def expected_findings(session: Session) -> list[Finding]:
    """Return a finding for each turn with an expected output: met, or to be compared.

    Values are equal in any case and spacing, numbers by value. A difference between two short
    values is a fact; between texts, a reader must decide.
    """
    found: list[Finding] = []
    for turn in session.turns:
        if turn.expected_text is not None and turn.final_text is not None:
            found.append(_compared(turn, turn.final_text, turn.expected_text, len(found) + 1))
    return found


def _compared(turn: Turn, output: str, expected: str, number: int) -> Finding:
    met = _same(parsed(output), parsed(expected))
    value = max(len(output), len(expected)) <= _SHORT
    if met:
        rule, summary = "output-as-expected", "the output is what the record wants"
    elif value:
        rule, summary = "output-not-expected", "the output is not what the record wants"
    else:
        rule, summary = "output-to-compare", "the output is worded otherwise than the record"
    directions = {True: Direction.POSITIVE, False: Direction.NEGATIVE}
    return Finding(
        id=f"expected{number}",
        rule=rule,
        tier=Tier.FACT,
        direction=directions[met] if met or value else Direction.NEUTRAL,
        summary=summary,
        turn=turn.number,
        instant=turn.end,
        quote=f"{output[:140]} / {expected[:140]}",
        needs_reading=not met and not value,
    )


def _same(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other) or _number(one) == _number(other) is not None
    return bool(one == other)


def _number(text: str) -> float | None:
    try:
        return float(text.strip())
    except ValueError:
        return None


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text).strip().strip(".!\"'").casefold()
