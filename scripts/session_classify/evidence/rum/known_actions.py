"""Actions to which a profile gives a tier and a direction of their own."""

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.model import Finding
from session_classify.vocabulary import ActionCategory, ActionCondition, Phase, Tier

COUNTED_BY_TIER = frozenset(
    {
        ActionCategory.OTHER,
        ActionCategory.RENDER,
        ActionCategory.OPEN,
        ActionCategory.SEND,
        ActionCategory.ARTIFACT,
    }
)
"""Categories without a rule of their own: their actions count as a profile's tier says."""


def known_actions(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each action that a profile promotes to tier A or B.

    Such an action counts since the session's begin, and with the condition "about a turn of the
    session" until its last turn's end. Actions are ambiguous until there is evidence of their
    meaning; a profile records that evidence. Source: `references/sources/rum.md#action-patterns`.
    """
    found: dict[str, list[TimelineEvent]] = {}
    for event in behaviour.timeline.of(*COUNTED_BY_TIER):
        rule = event.rule
        if rule is None or event.phase is Phase.PRE or rule.tier not in (Tier.A, Tier.B):
            continue
        if rule.when is ActionCondition.ALWAYS or (
            rule.when is ActionCondition.AROUND_SESSION and event.phase is Phase.DURING
        ):
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
