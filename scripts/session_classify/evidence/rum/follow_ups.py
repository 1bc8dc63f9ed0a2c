"""Messages that the user sent after the session's end and after feedback."""

from datetime import datetime, timedelta

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import FEEDBACK
from session_classify.model import Finding
from session_classify.vocabulary import ActionCategory, Direction, Phase, Tier


def sent_after_end(behaviour: Behaviour) -> list[Finding]:
    """Return one finding that counts the messages sent after the session's end.

    Only RUM shows whether the user went on. A new request and a retry look the same here;
    `near-retry` distinguishes them. Source: `references/sources/rules.md#feedback`.
    """
    return _sent(
        behaviour, "rum-sends-after-end", behaviour.timeline.times.end, "after the session's end"
    )


def sent_after_feedback(behaviour: Behaviour) -> list[Finding]:
    """Return one finding that counts the messages sent after feedback.

    The feedback may lie between two turns. Source: `references/sources/rules.md#feedback`.
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
