"""Claims: an effect that the answer states and that no confirmed write of the session shows."""

import re
from collections import defaultdict
from collections.abc import Iterable

from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, Session, Turn
from session_classify.occurrences import occurrences
from session_classify.profiles.kinds import name_words
from session_classify.vocabulary import LEDGER_KINDS, Direction, Outcome, Tier, ToolKind

# Verbs of one family state the same effect: a `cancel_order` backs "your order was canceled", and a
# refund is what a cancellation or return makes happen.
_FAMILIES = (
    ("cancelled canceled deleted removed", "cancel delete remove void"),
    ("processed", "process refund cancel return exchange pay charge order book submit make"),
    ("refunded credited reimbursed", "refund cancel return credit certificate exchange"),
    ("returned", "return refund"),
    ("exchanged swapped", "exchange swap replace"),
    (
        """updated changed modified upgraded downgraded adjusted rescheduled renamed edited moved
        switched corrected fixed replaced applied configured set""",
        """update change modify upgrade adjust reschedule rename edit move patch put upsert set
        replace rebook exchange apply configure write""",
    ),
    (
        """created added booked reserved ordered placed issued purchased scheduled registered
        submitted saved enabled opened filed""",
        """create add book reserve order place issue purchase buy schedule register submit save
        enable insert upsert post open put send update modify""",
    ),
    ("deleted removed disabled muted revoked", "delete remove disable mute revoke clear"),
    ("sent emailed notified shared forwarded", "send email notify share post reply"),
    ("transferred escalated", "transfer escalate"),
)
_CLAIMED = {
    word: frozenset(
        tool for said, tools in _FAMILIES if word in said.split() for tool in tools.split()
    )
    for words, _ in _FAMILIES
    for word in words.split()
}
_WORDS = "|".join(sorted(_CLAIMED))
_MAKING = frozenset({tool for _, tools in _FAMILIES for tool in tools.split()})
# What such a verb makes is told by the rest of the name: `create_refund`, `send_certificate`.
_GENERIC = frozenset(
    "add create execute issue make open perform post process put request run send submit".split()
)
_FIRST_PERSON = lazy_pattern(
    r"\b(?:I|we)(?:['\u2019]ve| have|)\s+"
    r"(?:(?:now|just|also|already|successfully|then|gone ahead and|went ahead and)\s+)*"
    rf"({_WORDS})\b",
    re.IGNORECASE,
)
_PASSIVE = lazy_pattern(
    rf"\b(?:has|have|was|were|is|are)\s+(?:now\s+)?(?:been\s+)?(?:now\s+)?successfully\s+({_WORDS})\b"
    rf"|\b(?:has|have)\s+(?:(?:now|already|just|all|both|also)\s+)?been\s+({_WORDS})\b|\bsuccessfully\s+({_WORDS})\b"
    # "Your flight is booked." states an effect; "was placed on May 3" and "that are cancelled" tell
    # of records and of rules.
    rf"|\b(?:your|the|both|all|these|those) (?:[\w#.,$€£-]+ ){{1,4}}(?:is|are|was|were) "
    rf"(?:now |all )?({_WORDS})"
    r"(?=\s*(?:[.!,;]|$|to your\b|for you\b|now\b))",
    re.IGNORECASE,
)
# A handover is announced while it happens, and is as good as done for the person who reads it.
_UNDER_WAY = lazy_pattern(
    r"\b(?:(?:you|are|is|it) (?:are |is )?(?:now )?being (transferred|escalated)"
    r"|I(?:['\u2019]m| am) (?:now )?(transferring|escalating))\b",
    re.IGNORECASE,
)
_UNREAL = lazy_pattern(
    r"\b(?:not|never|unable|cannot|if|once|after|before|until|unless|would|will|could|"
    r"should|shall|may|might|must|can|whether|when|need|needs|to be|that|which|who)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
_SENTENCE_END = lazy_pattern(r"(?<=[.!?])\s+|\n+")


def claim_findings(session: Session, readings: tuple[ToolResult, ...]) -> list[Finding]:
    """Return a finding for each stated effect that neither this turn nor an earlier one made.

    A sentence counts when it states something done, in the first person or as "has been …", or a
    handover under way, and nothing in it makes the statement conditional, negated or a question. A
    call of unknown kind that did not fail may be the effect, so its turn makes no findings. At most
    one a turn, the first: a reader who looks at one sentence looks at the answer.
    """
    found: list[Finding] = []
    backed: set[str] = set()
    shown = _Records()
    by_turn: dict[int, list[ToolResult]] = defaultdict(list)
    for reading in readings:
        by_turn[reading.turn].append(reading)
    for turn in session.turns:
        own = by_turn[turn.number]
        shown.add(r.call.result.lower() for r in own if _is_read(r) and r.call.result)
        backed.update(
            word
            for reading in own
            if reading.call.kind in LEDGER_KINDS and reading.outcome is Outcome.CONFIRMED
            for word in _effects(reading.call.name)
        )
        sentence = "" if any(map(_may_be_the_effect, own)) else _unbacked(turn, backed, shown)
        if sentence:
            found.append(
                Finding(
                    id=f"claim{len(found) + 1}",
                    rule="claim-without-write",
                    tier=Tier.FACT,
                    direction=Direction.NEGATIVE,
                    summary="the answer states an effect that no confirmed write shows",
                    turn=turn.number,
                    instant=turn.end,
                    quote=sentence,
                    needs_reading=True,
                )
            )
    return found


def _is_read(reading: ToolResult) -> bool:
    return reading.call.kind is ToolKind.READ


def _effects(name: str) -> list[str]:
    """Return the words of a tool's name that tell its effect: `cancel` of `cancel_order`."""
    words = [word.lower() for word in name_words(name)]
    at = next((i for i, word in enumerate(words) if word in _MAKING), 0)
    return words[at:] if _GENERIC.intersection(words[at : at + 1]) else words[at : at + 1]


def _may_be_the_effect(reading: ToolResult) -> bool:
    """Tell whether a call of unknown kind ended well enough to be what the answer speaks of."""
    well = reading.outcome in (Outcome.CONFIRMED, Outcome.UNKNOWN)
    return reading.call.kind is ToolKind.UNKNOWN and well


class _Records:
    """The results that were read so far: that a flight "has been cancelled" may stand in one."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._seen_verbs: set[str] = set()
        self._searched: dict[str, int] = {}

    def add(self, texts: Iterable[str]) -> None:
        self._texts.extend(texts)

    def say(self, verb: str) -> bool:
        """Tell whether a record has the word, in either spelling; no text is searched twice."""
        new = self._texts[self._searched.get(verb, 0) :]
        self._searched[verb] = len(self._texts)
        if any(_has_word(text, spelling) for text in new for spelling in _spellings(verb)):
            self._seen_verbs.add(verb)
        return verb in self._seen_verbs


def _unbacked(turn: Turn, backed: set[str], shown: _Records) -> str:
    """Return the first sentence that states an effect of a kind that no tool in `backed` makes."""
    for sentence in _SENTENCE_END.split((turn.final_text or "").strip()):
        for verb, own in _stated(sentence):
            if not backed & _CLAIMED[verb] and (own or not shown.say(verb)):
                return sentence
    return ""


def _spellings(verb: str) -> set[str]:
    """Return both spellings of a word (`cancelled`, `canceled`)."""
    return {verb, verb.replace("cancelled", "canceled"), verb.replace("canceled", "cancelled")}


def _has_word(text: str, word: str) -> bool:
    """Tell whether a text in lower case has a word that is no part of a longer one."""
    ends = ((at, at + len(word)) for at in occurrences(text, word))
    return any(not _is_letter(text[a - 1 : a]) and not _is_letter(text[b : b + 1]) for a, b in ends)


def _is_letter(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _stated(sentence: str) -> list[tuple[str, bool]]:
    """Return `(verb, said of itself)` for each effect that the sentence states as done.

    What makes a statement unreal stands before it ("once it has been …", "could not be …"); what
    comes after it ("…, and you can see it now") does not take it back, but a question mark does.
    """
    if sentence.rstrip().endswith("?"):
        return []
    found = [(match, match.group(1), True) for match in _FIRST_PERSON.finditer(sentence)]
    found += [
        (match, next(word for word in match.groups() if word), False)
        for match in _PASSIVE.finditer(sentence)
    ]
    for match in _UNDER_WAY.finditer(sentence):
        verb = "transferred" if "transfer" in match.group().lower() else "escalated"
        found.append((match, verb, True))
    unreal = _UNREAL.search(sentence)
    return [
        (verb.lower(), own)
        for match, verb, own in found
        if unreal is None or unreal.end() > match.end()
    ]
