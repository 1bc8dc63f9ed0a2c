"""Messages that the user went on to send: after the session's end, and after feedback."""

from datetime import datetime, timedelta

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import FEEDBACK
from session_classify.model import Finding
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier


def sent_after_end(behaviour: Behaviour) -> list[Finding]:
    """Return one finding that counts the messages sent after the session had ended.

    Seed 001, limitations: whether the user went on is seen in RUM alone. A next request and a retry
    look the same here; a retry is for `near-retry` to tell.
    """
    return _sent(
        behaviour, "rum-sends-after-end", behaviour.timeline.times.end, "after the session's end"
    )


def sent_after_feedback(behaviour: Behaviour) -> list[Finding]:
    """Return one finding that counts the messages sent after feedback was given (seed 001).

    The feedback may have come between two turns of the session.
    """
    given = [e.at for e in behaviour.timeline.of(*FEEDBACK) if e.phase is not Phase.PRE]
    at = given[0] if given else behaviour.timeline.times.feedback
    if at is None:
        return []
    return _sent(behaviour, "rum-sends-after-feedback", at, "after giving feedback")


def _sent(behaviour: Behaviour, rule: str, since: datetime, when: str) -> list[Finding]:
    # The last turn's own message comes before its turn, unless the browser's clock is ahead.
    since += timedelta(seconds=max(behaviour.skew, 0))
    events = [e for e in behaviour.timeline.of(ActionCategory.SEND) if e.at > since]
    if not events:
        return []
    return [
        signal(
            rule,
            events,
            f"{named_by(events[0])}: the user sent messages {when}",
            tier=Tier.AMBIGUOUS,
            direction=Direction.NEUTRAL,
        )
    ]
