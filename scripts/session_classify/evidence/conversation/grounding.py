"""Grounding: ids and URLs in an answer that nothing in the session shows, and calls made twice."""

import re
from collections import defaultdict

from session_classify.evidence.conversation.amounts import without_amounts
from session_classify.evidence.conversation.shown import Shown, sources_of, urls_of, without_urls
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.jsontext import compact_json
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, Session
from session_classify.vocabulary import (
    BAD_OUTCOMES,
    LEDGER_KINDS,
    Direction,
    Outcome,
    Tier,
    ToolKind,
)

_TOKEN = lazy_pattern(r"(?<![\w.,$€£/-])#?[A-Za-z0-9](?:[\w-]{3,63})(?![\w%])")
_MOST = 50
_NOT_AN_ID = lazy_pattern(
    r"\d{4}-\d{2}(?:-\d{2})?(?:T.*)?"  # a date
    r"|\d{1,2}(?:st|nd|rd|th|am|pm|h|hrs?|ms|min|days?|x|kg|lbs?|gb|mb|tb|ml|cm|mm|inch|p|k|mAh)"
    r"|\d{1,5}"  # a small number
    r"|\d{4}s|[A-Za-z]+-?\d{1,2}"  # 1990s, step2, GPT-4
    r"|\d+-[A-Za-z]+(?:-[A-Za-z]+)*|\d+-\d+"  # 24-hour, 10-20
    r"|(?:sha|iso|rfc|utf|aes|rsa|md|base|fy|ipv|arm|amd|x|oauth|http)-?\d{1,5}(?:[-_]\d{1,4})?"
    r"|p\d{2,3}(?:[-_][A-Za-z]+)*|\d{2}th(?:-[A-Za-z]+)*"  # P95-latency, 99th-percentile
    r"|[qh]\d-?\d{4}|\d{4}-?[qh]\d|k8s|i18n|l10n|a11y",
    re.IGNORECASE,
)


def grounding_findings(session: Session) -> list[Finding]:
    """Return a finding for each id or URL of an answer that occurs nowhere before it.

    Before it means: in the app's rules, in any user text or context, and in the arguments and
    results of the calls up to and including that turn. Amounts and dates are not looked at: an
    assistant may well compute them. No more than `_MOST` are told: who reads that many knows.
    """
    found: list[Finding] = []
    seen = Shown()
    for system_prompt in session.system_prompts:
        seen.add(system_prompt.text)
    told: set[str] = set()
    for turn in session.turns:
        for text in sources_of(turn):
            seen.add(text)
        for word in named_words(turn.final_text or ""):
            key = word.lower().lstrip("#")
            if len(found) == _MOST:
                return found
            if key not in told and not seen.shows(key):
                told.add(key)
                found.append(
                    Finding(
                        id=f"ungrounded{len(found) + 1}",
                        rule="ungrounded-url" if "://" in word else "ungrounded-id",
                        tier=Tier.FACT,
                        direction=Direction.NEGATIVE,
                        summary=f"{word} occurs in no tool result, argument, user or system text",
                        turn=turn.number,
                        instant=turn.end,
                        quote=word,
                        needs_reading=True,
                    )
                )
    return found


def repetition_findings(readings: tuple[ToolResult, ...]) -> list[Finding]:
    """Return a finding for calls made again with the same arguments while nothing was changed.

    Its id is that of the last such call. A call after a write may check the write, so a confirmed
    write starts the count anew, and so does another call of unknown kind: who runs a test again
    has changed something. Calls whose arguments were not recorded cannot be compared.
    """
    groups: dict[tuple[int, str, str], list[ToolResult]] = defaultdict(list)
    epoch, last = 0, ""
    for reading in readings:
        if reading.approval is not None and reading.approval.asked == reading.call.id:
            continue  # it asked a person: what went on with it is no repetition
        arguments = compact_json(reading.call.arguments)
        if reading.call.kind is ToolKind.UNKNOWN and arguments != last:
            epoch, last = epoch + 1, arguments
        if reading.call.arguments:
            groups[epoch, reading.call.name, arguments].append(reading)
        if reading.call.kind is ToolKind.WRITE and reading.outcome is Outcome.CONFIRMED:
            epoch += 1
    return [
        Finding(
            id=group[-1].call.id,
            rule="call-repeated",
            tier=Tier.FACT,
            direction=Direction.NEUTRAL,
            summary=f"{group[0].call.name} was called {len(group)} times with the same arguments",
            turn=group[-1].turn,
            instant=group[-1].call.start,
            calls=tuple(reading.call.id for reading in group),
        )
        for group in groups.values()
        if len(group) > 1
    ]


def failure_findings(readings: tuple[ToolResult, ...]) -> list[Finding]:
    """Return a finding for each call that failed and is no write; the ledger lists the writes."""
    return [
        Finding(
            id=reading.call.id,
            rule=f"call-{reading.outcome.value.replace(' ', '-')}",
            tier=Tier.FACT,
            direction=Direction.NEUTRAL,
            summary=f"{reading.call.name}: {reading.outcome.value}, {reading.why}",
            turn=reading.turn,
            instant=reading.call.start,
            calls=(reading.call.id,),
            outcome=reading.outcome,
        )
        for reading in readings
        if reading.outcome in BAD_OUTCOMES and reading.call.kind not in LEDGER_KINDS
    ]


def named_words(text: str) -> list[str]:
    """Return the URLs of a text, then its words that look like ids."""
    urls = urls_of(text)
    rest = without_amounts(without_urls(text))
    words = [word for word in _TOKEN.findall(rest) if _looks_like_id(word)]
    return list(dict.fromkeys(urls + words))


def _looks_like_id(word: str) -> bool:
    bare = word.lstrip("#")
    if not any(c.isdigit() for c in bare) or _NOT_AN_ID.fullmatch(bare):
        return False
    return bare.isdigit() or any(c.isalpha() for c in bare)
