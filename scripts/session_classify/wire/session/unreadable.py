"""Detect sessions without readable content: expired, or masked throughout.

Source: `references/sources/rules.md#protocols`.
"""

from session_classify.errors import UnusableInputError
from session_classify.model import Session, Turn
from session_classify.vocabulary import ContentSource


def unreadable(
    session: Session, *, expired: bool = False, more: bool = False
) -> UnusableInputError | None:
    """Return why nothing can be read, when no turn has content or meaningful structure.

    `expired` says that a server answered 404 for a span, `more` that there are untried sources:
    content that was not fetched is not an error.
    """
    if more or any(_tells(turn) for turn in session.turns):
        return None
    if any(turn.masked for turn in session.turns):
        return _refusal(session, "llmobs_content_masked", "all content is masked")
    if expired:
        return _refusal(session, "llmobs_content_expired", "the content is not stored any more")
    return None


def _tells(turn: Turn) -> bool:
    """Return whether a turn has content or structure: steps below its root, an error, a stop."""
    return (
        turn.content_source is not ContentSource.STRUCTURAL
        or bool(turn.iterations or turn.error or turn.stop_reason)
        or turn.status == "error"
        or len(turn.outline) > 1
    )


def _refusal(session: Session, code: str, found: str) -> UnusableInputError:
    return UnusableInputError(
        f"{found} in every turn of {session.unit} {session.id[:80]} and its spans' structure tells "
        "nothing either; a verdict would be a guess",
        code=code,
        mode=f"{session.unit}_id",
        id=session.id,
    )
