"""What a sentence states as done: the verb, the tools that would have done it, and of what.

A participle of the profiles states an effect when the words before it make it real: "has been",
"I have", "successfully", "is now". A condition, a modal verb, a negation, a question or somebody
else's word before it takes the statement back (`references/sources/rules.md#claims`).
"""

from collections.abc import Iterator

import msgspec

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.effects import ANY, Kind, Words
from session_classify.evidence.conversation.claims.line import BREAKS, Line, tokens_of
from session_classify.evidence.conversation.claims.reality import is_real
from session_classify.evidence.conversation.claims.sentences import Sentence

_MOST = 12
"""Effects of one sentence, and twice as many words that could be one: beyond, it is a list."""


class Stated(msgspec.Struct, frozen=True):
    """An effect that a sentence states as done."""

    verb: str
    kind: Kind
    own: bool
    """The assistant says that it did it itself, so a record that shows it is not enough."""
    clause: tuple[int, int]
    """Where in the plain sentence the part stands that it speaks of."""
    subject: tuple[int, int]
    """Where the words stand that name what it was done to."""
    nouns: tuple[str, ...] = ()
    """The act by its noun, where the verb only says that it was carried out: `refund`."""
    is_success: bool = False
    """It says "successfully": something of this conversation, no state of a record."""


def stated_effects(sentence: Sentence, words: Words, *, under_claim: bool = False) -> list[Stated]:
    """Return the effects that a sentence states as done.

    `under_claim` tells that it stands in a list below a sentence that states one: there "Canceled"
    and "refunded to your card" are statements, too.
    """
    tokens = tokens_of(sentence.unquoted)
    return list(_Reader(Line(tokens), words, under_claim).found()) if tokens else []


class _Reader:
    """Looks at each participle of one sentence from left to right."""

    def __init__(self, line: Line, words: Words, under_claim: bool) -> None:
        self._line = line
        self._words = words
        self._under_claim = under_claim
        self._last = -1
        self._last_own = False

    def found(self) -> Iterator[Stated]:
        """Yield each effect that the sentence states."""
        line, count = self._line, 0
        could = (i for i, word in enumerate(line.low) if self._may_say(i, word))
        for at in [at for at, _ in zip(could, range(2 * _MOST), strict=False)]:
            own = self._says(at, line.low[at])
            if own is None or not is_real(line, at, own=own):
                continue
            success = "successfully" in line.low[max(at - 4, 0) : at + 2]
            clause, subject = line.clause(at), line.subject(at, active=own)
            for kind, nouns in self._acts(at, line.low[at], own):
                self._last, self._last_own, count = at, own, count + 1
                if count <= _MOST:
                    yield Stated(line.low[at], kind, own, clause, subject, nouns, success)

    def _may_say(self, at: int, word: str) -> bool:
        if word in grammar.NOW_VERBS:
            return self._line.word(at - 1) == "now"
        return word in self._words.participles or word in grammar.UNDER_WAY

    def _says(self, at: int, word: str) -> bool | None:
        """Return whether a word states an act of the assistant's own; None where it states none."""
        line = self._line
        if word in grammar.NOW_VERBS:
            return False if line.has_subject(at - 1) else None
        if word in grammar.UNDER_WAY:
            # "I am transferring you": a handover is as good as done for who reads it.
            return True if line.word(line.before(at)) in grammar.AM else None
        if self._last >= 0 and self._joins(at):
            return self._last_own
        before = line.before(at, grammar.ADVERBS | {"been", "being"})
        head, skipped = line.word(before), line.low[before + 1 : at]
        if head in grammar.FIRST | grammar.PERFECT_FIRST and "been" not in skipped:
            return True
        if head in grammar.PERFECT_OTHER and "been" in skipped:
            return False
        if head in grammar.PERFECT:
            return self._perfect(before, "been" in skipped)
        if head in grammar.BE:
            return self._state(before, at, skipped)
        if "successfully" in skipped and head not in grammar.MODALS | {"be", "get", "you"}:
            return None if head in grammar.PREPOSITIONS and head != "and" else False
        return self._reduced(at, before, head)

    def _joins(self, at: int) -> bool:
        """Tell whether a participle goes on with the statement before it: "… and refunded"."""
        joints = ("and", ",", "then")
        gap = self._line.low[self._last + 1 : at]
        before = self._line.before(at, grammar.ADVERBS - {"and"})
        return any(word in joints for word in gap) and self._line.word(before) in joints

    def _perfect(self, before: int, passive: bool) -> bool | None:
        """Read "has been cancelled", "I have cancelled" and "our team has cancelled"."""
        place = self._line.before(before)
        subject = self._line.word(place)
        if subject in ("which", "who") and self._line.word(place - 1) == ",":
            return False if passive else None
        if place < 0 or subject in grammar.MODALS | grammar.ASKING:
            return None
        if passive:
            return False
        return True if subject in grammar.FIRST else None

    def _state(self, before: int, at: int, skipped: list[str]) -> bool | None:
        """Read "is now cancelled", "was successfully cancelled" and "your order is cancelled."."""
        line, money = self._line, self._words.participles[self._line.low[at]].money
        short = line.low[before] in grammar.SHORT_BE
        if before == 0 and not short:
            return None
        if "being" in skipped:
            return False if money or line.low[at] in grammar.HANDED_OVER else None
        if short or "now" in skipped or "successfully" in skipped:
            return False
        if line.word(before - 1) == "you":
            return False if money else None
        after = line.word(at + 1, ".")
        ends = after in BREAKS or after in grammar.AFTER_STATE
        for_you = line.low[at + 1 : at + 3] in (["for", "you"], ["to", "your"])
        return False if for_you or (ends and line.has_subject(before)) else None

    def _reduced(self, at: int, before: int, head: str) -> bool | None:
        """Read "Cancelled your order", "Done - order cancelled" and "#A-1: Canceled."."""
        line = self._line
        after = line.word(at + 1, ".")
        starts, ends = before < 0 or head in BREAKS, after in BREAKS
        if starts and (after in grammar.DETERMINERS or after[:1] in "#$€£" or after.isdigit()):
            return True
        if head == ":" and ends and any(map(str.isdigit, line.low[0])):
            return False
        short = at <= 4 and line.low[at + 1 :] in (["."], ["!"]) and ":" not in line.low
        opener = at <= 8 and grammar.OPENERS.intersection(line.low[: min(at, 3)])
        if not (self._under_claim or short or opener):
            return None
        if after == ":" or "status" in line.low[:at]:
            return None  # the name of a field, or its value
        if starts:
            return False if ends or after in ("to", "from", "back") else None
        return False if ends and (not self._under_claim or at + 2 >= len(line.low)) else None

    def _acts(self, at: int, word: str, own: bool) -> Iterator[tuple[Kind, tuple[str, ...]]]:
        """Yield each act, with its noun where the verb only says that it was carried out."""
        of = self._words.participles
        if word in grammar.NOW_VERBS:
            yield of["updated"] | of["added"], ()
            return
        if word in grammar.UNDER_WAY:
            yield of["transferred"], ()
            return
        kind, nouns = of[word], self._nouns(at, own)
        kinds = {noun: self._words.nouns[noun] for noun in nouns}
        if word not in self._words.completions:
            for named in kinds.values() if kind.is_change else ():
                kind = kind | named if named.money else kind
            yield kind, ()
            return
        specific = {noun: named for noun, named in kinds.items() if ANY not in named.tools}
        for noun, named in (specific or kinds).items():
            yield kind | named, (noun,)
        if not kinds and kind.tools:
            yield kind, ()

    def _nouns(self, at: int, own: bool) -> list[str]:
        """Return the nouns of the thing done: before a passive verb, behind an active one."""
        low = self._line.low
        begin, end = (at + 1, len(low)) if own else (self._line.start(at), at)
        head: list[str] = []
        for word in low[begin:end]:
            if head and word != "and" and word in grammar.PREPOSITIONS:
                break
            if word in self._words.nouns:
                head.append(word)
        return head if "and" in low[begin:end] else head[-1:]
