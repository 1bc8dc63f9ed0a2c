"""Actions to which a profile gives a tier and a direction of their own."""

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.model import Finding
from session_classify.vocabulary import ActionCategory, ActionCondition, Phase, Tier

_OPEN_TO_ALL = frozenset(
    {
        ActionCategory.OTHER,
        ActionCategory.RENDER,
        ActionCategory.OPEN,
        ActionCategory.SEND,
        ActionCategory.ARTIFACT,
    }
)
"""Categories without a rule of their own whose actions count at any time."""


def known_actions(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each action that a profile promotes to tier A or B without a condition.

    Actions are ambiguous until there is evidence of their meaning; a profile records that evidence.
    Source: `references/sources/rum.md#action-patterns`.
    """
    found: dict[str, list[TimelineEvent]] = {}
    for event in behaviour.timeline.of(*_OPEN_TO_ALL):
        rule = event.rule
        if rule is None or event.phase is Phase.PRE or rule.tier not in (Tier.A, Tier.B):
            continue
        if rule.when is ActionCondition.ALWAYS:
            found.setdefault(rule.name, []).append(event)
    return [
        signal(
            "rum-known-action",
            events,
            f"{named_by(events[0])}: {events[0].category}, by the app's profile",
            tier=events[0].tier or Tier.AMBIGUOUS,
            direction=events[0].direction,
            turn=running(behaviour.session, events[0].at)
            or answered(behaviour.session, events[0].at),
        )
        for events in found.values()
    ]
