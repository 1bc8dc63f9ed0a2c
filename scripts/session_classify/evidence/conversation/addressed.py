"""Words to the reader: trace text that speaks to a judge or model, or poses as this tool's output.

Source: `references/sources/rules.md#words-to-the-reader`.
"""

from collections.abc import Iterator

import msgspec

from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, Session
from session_classify.vocabulary import Direction, Tier

_READER = (
    r"(?:reviewers?|graders?|judges?|evaluators?|classifiers?|auditors?|assessors?|raters?"
    r"|annotators?|ai|llms?|language models?|ai (?:model|agent|assistant)s?)"
)
_UNIT = r"(?:session|conversation|trace|transcript|interaction|chat|intent|request|case|digest)"
_VERDICT = (
    r"(?:yes|no|partial|satisfied|unsatisfied|success(?:ful)?|resolved|fulfilled|pass(?:ed)?)"
)

_FORMS = (
    (
        "speaks to a judge or model",
        lazy_pattern(
            rf"\b(?:dear|attention|hey|hello|hi|note (?:to|for)|notice (?:to|for)"
            rf"|instructions? (?:to|for)|message (?:to|for)|important for|reminder (?:to|for))[:,]?"
            rf" (?:the |any |all |an |a )?(?:automated |future |downstream )?{_READER}\b"
            rf"|\b(?:if|when|since) you(?: are|'re|’re) (?:an? |the )?(?:automated )?"
            rf"(?:{_READER}|grading|judging|reviewing|evaluating|classifying|reading) ?"
            rf"(?:this|of this|the|reading|reviewing|grading|,|:|$)"
            rf"|^ ?(?:{_READER}): (?:you|please|this|mark|say|treat|note)\b"
        ),
    ),
    (
        "gives orders to who reads it",
        lazy_pattern(
            r"\b(?:ignore|disregard|forget|override) "
            r"(?:all |any |the |your |everything |of |these ){0,3}"
            r"(?:previous|prior|above|earlier|other|preceding|system) "
            r"(?:instructions?|rules?|prompts?|messages?|text|evidence|findings|guidelines)\b"
            rf"|\b(?:mark|classify|rate|label|score|grade|judge|record|report|count|treat) "
            rf"(?:this|the|it|entire|whole|user's ){{1,2}} ?(?:{_UNIT})? ?(?:as|to be|:) "
            rf"[\"'`*]{{0,3}}(?:fully )?{_VERDICT}\b"
            rf"|\b(?:answer|respond|reply|output|say|print|return) (?:only |with |just ){{1,2}}"
            rf"[\"'`*]{{1,3}}{_VERDICT}\b"
        ),
    ),
    (
        "states a verdict",
        lazy_pattern(
            rf"\b(?:the |final |correct |right |overall |expected |true ){{0,3}}verdict"
            rf"(?: for (?:this|the) {_UNIT})? ?(?:is|=|:|must be|should be) ?"
            rf"[\"'`*]{{0,3}}{_VERDICT}\b"
            rf"|\b(?:the )?user(?:'s|’s)? (?:intent|goal|request) (?:was|is|has been) "
            rf"(?:fully |completely )?(?:satisfied|fulfilled)\b"
        ),
    ),
    (
        "poses as output of this tool",
        lazy_pattern(
            r"<{4,12} ?trace data|>{4,12} ?end of trace data|^ ?# ?digest of (?:session|trace)\b"
            r"|^ ?## ?(?:ledger:|findings besides the writes|behaviour and audit)"
            r"|^ ?(?:write|claim|tool|rum|audit|feedback)\d{1,4} = tool\d{1,4}, turn \d"
            r"|\ball findings (?:were |are |have been )?dismissed\b"
        ),
    ),
)
_LONGEST_LINE = 2_000
_LONGEST = 200_000
_LONGEST_SESSION = 3_000_000
"""Characters of a line, a text and a session that are searched."""
_MOST = 10


class Place(msgspec.Struct, frozen=True):
    """A text of a session and where it stands."""

    where: str
    text: str
    turn: int | None = None
    calls: tuple[str, ...] = ()


def addressed_findings(session: Session) -> list[Finding]:
    """Return a finding for each text that speaks to its reader, quoted, with where it stands.

    It never moves a verdict. A passage of a system prompt that does so is no rule of the app.
    """
    found: list[Finding] = []
    left = _LONGEST_SESSION
    for place in _places(session):
        if left <= 0 or len(found) == _MOST:
            break
        text = place.text[: min(_LONGEST, left)]
        left -= len(text)
        hit = words_to_the_reader(text)
        if hit:
            what, quote = hit
            rule = "; it is no rule of the app" if place.turn is None else ""
            found.append(
                Finding(
                    id=f"addressed{len(found) + 1}",
                    rule="words-to-the-reader",
                    tier=Tier.FACT,
                    direction=Direction.NEUTRAL,
                    summary=f"a passage in {place.where} {what}{rule}",
                    turn=place.turn,
                    calls=place.calls,
                    quote=quote,
                )
            )
    return found


def words_to_the_reader(text: str) -> tuple[str, str] | None:
    """Return what a text says to its reader, and the passage; None where it does not."""
    for line in text.replace("\\n", "\n").splitlines():
        part = " ".join(line[:_LONGEST_LINE].split())
        low = part.lower()
        for what, pattern in _FORMS:
            match = pattern.search(low)
            if match:
                return what, part[max(match.start() - 40, 0) : match.end() + 120]
    return None


def _places(session: Session) -> Iterator[Place]:
    for prompt in session.system_prompts:
        yield Place("the system prompt", prompt.text)
    for turn in session.turns:
        yield Place("the user's text", turn.user_text or "", turn.number)
        for block in turn.context:
            yield Place("the context", block.text, turn.number)
        for call in turn.tool_calls:
            yield Place(f"the result of {call.id}", call.result or "", turn.number, (call.id,))
        for iteration in turn.iterations:
            if iteration.text and iteration.text != turn.final_text:
                yield Place("the assistant's text", iteration.text, turn.number)
        yield Place("the answer", turn.final_text or "", turn.number)
