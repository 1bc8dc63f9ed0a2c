"""Tools that run in the user's client, and the status that the client reported."""

from msgspec.structs import replace

from session_classify.evidence.rum.signals import Behaviour, named_by, signal
from session_classify.evidence.rum.timeline import TimelineEvent, answered, running
from session_classify.model import Finding, JsonValue, Turn
from session_classify.vocabulary import ActionCategory, ActionCondition, Direction, Phase, Tier

_STATUS = "status"
_ERROR_TYPE = ("errorType", "error_type")
_CALL_ID = ("toolCallId", "tool_call_id")
_TOOL = ("toolName", "tool_name", "tool")


def client_tool_results(behaviour: Behaviour) -> list[Finding]:
    """Return a finding for each tool that the client reported on: failed, or carried out.

    Tier A, negative (`references/sources/rules.md#tiers`): a client tool result with `status:
    error`. A failure that a later call of the same tool corrected is not reported. A success
    confirms the call that it names, which the trace only delegates: tier B, positive.
    """
    results = [
        event
        for event in behaviour.timeline.of(ActionCategory.CLIENT_TOOL)
        if event.phase is not Phase.PRE
        and event.rule is not None
        and event.rule.when is ActionCondition.ERROR_STATUS
    ]
    failed: dict[str, list[TimelineEvent]] = {}
    done: dict[str, list[TimelineEvent]] = {}
    for event in results:
        tool = _first(event.event.context, _TOOL)
        if _is_error(event):
            failed.setdefault(tool, []).append(event)
        elif _first(event.event.context, (_STATUS,)):
            failed.pop(tool, None)
            done.setdefault(tool, []).append(event)
    return [
        *(_failed(behaviour, tool, events) for tool, events in failed.items()),
        *(_done(behaviour, tool, events) for tool, events in done.items()),
    ]


def _failed(behaviour: Behaviour, tool: str, events: list[TimelineEvent]) -> Finding:
    calls = _calls(behaviour, events)
    kind = _first(events[0].event.context, _ERROR_TYPE)
    how = f", {kind}" if kind else ""
    found = signal(
        "rum-client-tool-error",
        events,
        f"{named_by(events[0])}: {tool or 'a tool'} ended with status error in the client{how}"
        + _of_calls(calls),
        tier=events[0].tier or Tier.AMBIGUOUS,
        direction=Direction.NEGATIVE,
        turn=_turn(behaviour, events[0]),
    )
    return replace(found, calls=calls)


def _done(behaviour: Behaviour, tool: str, events: list[TimelineEvent]) -> Finding:
    """Return that the client carried out what the trace only delegates."""
    calls = _calls(behaviour, events)
    found = signal(
        "rum-client-tool-done",
        events,
        f"{named_by(events[0])}: {tool or 'a tool'} was carried out in the client"
        + _of_calls(calls),
        tier=Tier.B,
        direction=Direction.POSITIVE,
        turn=_turn(behaviour, events[0]),
    )
    return replace(found, calls=calls)


def _calls(behaviour: Behaviour, events: list[TimelineEvent]) -> tuple[str, ...]:
    """Return the session's calls that client tools report on, by the tool call's id."""
    named = {_first(event.event.context, _CALL_ID) for event in events} - {""}
    calls = behaviour.session.tool_calls
    return tuple(call.id for call in calls if call.tool_id and call.tool_id in named)


def _of_calls(calls: tuple[str, ...]) -> str:
    return f" ({', '.join(calls)})" if calls else ""


def _turn(behaviour: Behaviour, event: TimelineEvent) -> Turn | None:
    return running(behaviour.session, event.at) or answered(behaviour.session, event.at)


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
