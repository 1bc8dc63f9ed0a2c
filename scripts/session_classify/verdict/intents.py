"""Which turn of a session holds what the user wanted last."""

from session_classify.model import Session


def last_intent(session: Session) -> int:
    """Return the number of the last turn in which the user wanted something.

    A closing turn ("thanks") has no model call, so it is no intent of its own.
    """
    asked = [turn.number for turn in session.turns if turn.iterations]
    return asked[-1] if asked else session.turns[-1].number
