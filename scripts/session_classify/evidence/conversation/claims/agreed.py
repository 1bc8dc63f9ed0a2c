"""Values that the user said or agreed to before a write, and what the write was made with."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from session_classify.evidence.conversation.claims import grammar
from session_classify.evidence.conversation.claims.checks import Part, Seen, check_label, plain
from session_classify.evidence.conversation.claims.checks_of_texts import check_address
from session_classify.evidence.conversation.claims.claim import ToldValue
from session_classify.evidence.conversation.claims.line import words_of
from session_classify.evidence.conversation.claims.sentences import sentences
from session_classify.evidence.conversation.claims.stored import Stored
from session_classify.evidence.conversation.ledger import Write
from session_classify.model import Session, Turn


def agreed_values(session: Session, writes: Sequence[Write], seen: Seen) -> Iterator[ToldValue]:
    """Yield the values of the request and of the proposal before a write that it differs from.

    Looked at is a turn with one write: the user's words, and those that the user said yes to. What
    any of them says later in the write's favour takes it back.
    """
    before: Turn | None = None
    for turn in session.turns:
        own = [write for write in writes if write.turn == turn.number]
        if len(own) == 1:
            yield from _of_turn(before, turn, Stored(own[0]), seen)
        before = turn


def _of_turn(before: Turn | None, turn: Turn, stored: Stored, seen: Seen) -> Iterator[ToldValue]:
    asked = turn.user_text or ""
    earlier = (before.user_text or "") if before else ""
    proposed = (before.final_text or "") if before else ""
    agrees = grammar.AGREEING.intersection(words_of(asked[:200])[:6]) and "?" not in asked
    every = f" {plain(f'{earlier} {proposed} {asked}')} "
    texts = [(turn.number, asked)]
    if agrees and before is not None:
        texts += [(before.number, proposed), (before.number, earlier)]
    for number, text in texts:
        for sentence in sentences(text):
            part = Part(number, sentence.text, sentence.plain, (stored,))
            part.is_stated = sentence.item and text is proposed
            for value in (*check_address(part, seen), *check_label(part, seen)):
                if not value.matches and plain(value.stored) not in every:
                    yield replace(value, agreed=True)
