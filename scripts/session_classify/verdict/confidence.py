"""How well the evidence of a case supports a verdict."""

from session_classify.evidence.conversation.gaps import rests_on_missing
from session_classify.model import Coverage, Session, Turn
from session_classify.vocabulary import Confidence, ContentSource


def confidence(session: Session, coverage: Coverage) -> Confidence:
    """Return high when all content was read, low when none was, medium in between.

    A turn whose user text or answer is a placeholder was not read. Media, parts of unknown types
    and single lost values leave the rest of a turn readable, so they cost one step.
    """
    if not any(map(_has_text, session.turns)):
        return Confidence.LOW
    whole = all(map(_is_whole, session.turns))
    if not whole or coverage.unreadable or coverage.truncated or coverage.next_calls:
        return Confidence.MEDIUM
    return Confidence.HIGH


def _has_text(turn: Turn) -> bool:
    """Tell whether a turn was read without a mask, and without a placeholder at one of its ends."""
    return not turn.masked and not rests_on_missing(turn)


def _is_whole(turn: Turn) -> bool:
    """Return whether a turn is complete; one with input and output alone lacks its LLM calls.

    An experiment's record is complete.
    """
    ends_alone = turn.content_source is ContentSource.IO and any(i.span_id for i in turn.iterations)
    is_record = turn.root.kind == "experiment"
    return _has_text(turn) and not turn.missing and (not ends_alone or is_record)
