"""The words and marks of one sentence, and the clauses that they form."""

from functools import lru_cache

import msgspec

from session_classify.evidence.conversation.claims import grammar
from session_classify.lazy import lazy_pattern

_TOKEN = lazy_pattern(r"[#$€£]?\w+(?:[-'’.,/:@]\w+)*|[^\w\s]")
BREAKS = frozenset(",;:()!?.-|—…→✅✓✔\u2013")
FIRM_BREAKS = frozenset(";:()!?.|—…→\u2013")


class Token(msgspec.Struct, frozen=True):
    """A word or mark in lower case, and where it is."""

    word: str
    start: int
    end: int


@lru_cache(1024)
def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the words and marks of a text; the month of May is no modal verb."""
    found = [Token(m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    for place, token in enumerate(found[:-1]):
        if token.word == "may" and found[place + 1].word[0].isdigit():
            found[place] = Token("may-", token.start, token.end)
    return tuple(found)


def words_of(text: str) -> list[str]:
    """Return the words and marks of a text in lower case."""
    return [token.word for token in tokens_of(text)]


class Line:
    """A sentence by its words."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.low = [token.word for token in tokens]

    def word(self, at: int, otherwise: str = "") -> str:
        """Return the word at a place; `otherwise` outside the sentence."""
        return self.low[at] if 0 <= at < len(self.low) else otherwise

    def before(self, at: int, skipping: frozenset[str] = grammar.ADVERBS) -> int:
        """Return the place of the last word before `at` that is none of those to be skipped."""
        place = at - 1
        while place >= 0 and self.low[place] in skipping:
            place -= 1
        return place

    def start(self, at: int, breaks: frozenset[str] = BREAKS) -> int:
        """Return where the clause begins in which a word stands; a bracket breaks it not."""
        place, depth = at, 0
        while place > 0:
            word = self.low[place - 1]
            depth += (word == ")") - (word == "(")
            if depth < 0 or (depth == 0 and word in breaks and word not in "()"):
                break
            place -= 1
        return place

    def has_subject(self, end: int) -> bool:
        """Tell whether the words before a verb name something of this conversation."""
        return any(
            word in grammar.DETERMINERS or word[:1] == "#" or any(map(str.isdigit, word))
            for word in self.low[self.start(end) : end]
        )

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Return where the words from `begin` up to `end` stand in the text."""
        return self.tokens[begin].start, self.tokens[end - 1].end

    def clause(self, at: int) -> tuple[int, int]:
        """Return the part of the sentence around a word between contrasts: "but", ";"."""
        begin, end = 0, len(self.low)
        for place, word in enumerate(self.low):
            if word in grammar.CONTRASTS or word == ";":
                if place > at:
                    end = place
                    break
                begin = place
        return self.span(begin, end)

    def subject(self, at: int, *, active: bool) -> tuple[int, int]:
        """Return the words that name what an act was done to: behind an active verb."""
        begin, end = self.start(at), at
        if active:
            begin = at + 1
            ends = (i for i in range(begin, len(self.low)) if self.low[i] in FIRM_BREAKS)
            end = next(ends, len(self.low))
        return self.span(begin, end) if begin < end else self.span(at, at + 1)
