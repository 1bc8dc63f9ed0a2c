"""How far the evidence of a case carries a verdict."""

from session_classify.model import Coverage, Session
from session_classify.vocabulary import Confidence, ContentSource


def confidence(session: Session, coverage: Coverage) -> Confidence:
    """Return high when all content was read, low when none was, medium in between."""
    whole = [
        turn.content_source is not ContentSource.STRUCTURAL and not turn.masked
        for turn in session.turns
    ]
    if not any(whole):
        return Confidence.LOW
    if not all(whole) or coverage.unreadable:
        return Confidence.MEDIUM
    return Confidence.HIGH
