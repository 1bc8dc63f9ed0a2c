"""Tools that run in the user's client, and the status that the client reported."""

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.model import Finding, JsonValue
from session_classify.vocabulary import ActionCategory, ActionCondition, Direction, Phase

_STATUS = "status"
_TOOL = ("toolName", "tool_name", "tool")


def client_tool_errors(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each tool that failed in the client and did not succeed later.

    Tier A, negative (`references/sources/rules.md#tiers`): a client tool result with `status:
    error`. A failure that a later call of the same tool corrected is not reported.
    """
    results = [
        event
        for event in behaviour.timeline.of(ActionCategory.CLIENT_TOOL)
        if event.phase is not Phase.PRE
        and event.rule is not None
        and event.rule.when is ActionCondition.ERROR_STATUS
    ]
    failed: dict[str, list[TimelineEvent]] = {}
    for event in results:
        tool = _first(event.event.context, _TOOL)
        if _is_error(event):
            failed.setdefault(tool, []).append(event)
        elif _first(event.event.context, (_STATUS,)):
            failed.pop(tool, None)
    return [
        signal(
            "rum-client-tool-error",
            events,
            f"{named_by(events[0])}: {tool or 'a tool'} ended with status error in the client",
            tier=events[0].rule.tier,
            direction=Direction.NEGATIVE,
            turn=running(behaviour.session, events[0].at)
            or answered(behaviour.session, events[0].at),
        )
        for tool, events in failed.items()
        if events[0].rule is not None
    ]


def _is_error(event: TimelineEvent) -> bool:
    return _first(event.event.context, (_STATUS,)).casefold() == "error"


def _first(value: JsonValue, keys: tuple[str, ...], depth: int = 5) -> str:
    """Return the first string under one of the keys, nearest to the top; empty for none."""
    if not isinstance(value, dict) or depth == 0:
        return ""
    own = next((value[key] for key in keys if isinstance(value.get(key), str)), "")
    return own or next(
        (found for inner in value.values() if (found := _first(inner, keys, depth - 1))), ""
    )
