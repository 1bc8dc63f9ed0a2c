"""How well the evidence of a case supports a verdict."""

from session_classify.model import Coverage, Session, Turn
from session_classify.vocabulary import Confidence, ContentSource


def confidence(session: Session, coverage: Coverage) -> Confidence:
    """Return high when all content was read, low when none was, else medium."""
    if not any(map(_has_text, session.turns)):
        return Confidence.LOW
    whole = all(map(_is_whole, session.turns))
    if not whole or coverage.unreadable or coverage.next_calls:
        return Confidence.MEDIUM
    return Confidence.HIGH


def _has_text(turn: Turn) -> bool:
    """Return whether unmasked text of a turn was read."""
    return turn.content_source is not ContentSource.STRUCTURAL and not turn.masked


def _is_whole(turn: Turn) -> bool:
    """Return whether a turn is complete; one with input and output alone lacks its LLM calls.

    An experiment's record is complete.
    """
    ends_alone = turn.content_source is ContentSource.IO and any(i.span_id for i in turn.iterations)
    return _has_text(turn) and (not ends_alone or turn.root.kind == "experiment")
