"""The writes of the audit trail: history rows joined with HTTP rows, each with its actor.

The actor is derived from the row's user, actor type, event name and time, and from the writes that
the session's ledger expects. The e-mail alone is not enough, because an assistant acts in its
user's name. Source: `references/sources/audit.md#audit-actors`.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from session_classify.events import CREATED, DELETED, Asset, AuditEvent
from session_classify.evidence.audit.context import AuditContext, ExpectedWrite, TurnTimes
from session_classify.profiles.assets import asset_of_path
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import Actor, Outcome, Phase, WriteKind

LAG_FROM, LAG = timedelta(seconds=10), timedelta(seconds=30)
"""An expected write in this range after the end is execution lag.

Source: `references/sources/audit.md#audit-phases`.
"""
_SAME_WRITE = timedelta(seconds=5)
"""Most time between the history row and the HTTP row of one write."""
_METHODS = {
    "POST": WriteKind.MODIFY,
    "PUT": WriteKind.MODIFY,
    "PATCH": WriteKind.MODIFY,
    "DELETE": WriteKind.DELETE,
}


class AuditWrite(msgspec.Struct, frozen=True):
    """One write on an asset in the trail: its history row, its HTTP row, or both."""

    asset: Asset
    kind: WriteKind
    event: AuditEvent
    """The history row where there is one: it has the states before and after."""
    phase: Phase
    request: AuditEvent | None = None
    """The HTTP row."""
    actor: Actor = Actor.UNKNOWN
    why: str = ""
    """The reason for the actor."""
    expected: str = ""
    """The ledger's write that it matches, if any."""
    is_lag: bool = False
    """It was expected and came some time after the session's end."""

    @property
    def landed(self) -> bool:
        """It took effect. Status 0 (the client left before the response) is not a failure."""
        status = self.request.status if self.request else None
        return self.event.is_history or status is None or status < 400

    @property
    def said(self) -> str:
        """The request with its status, or the action of the history row."""
        if self.request is None:
            return self.event.action
        status = "no status" if self.request.status is None else str(self.request.status)
        return f"{self.request.method} {status}"


def audit_writes(
    events: Sequence[AuditEvent], context: AuditContext, profile: Profile
) -> tuple[AuditWrite, ...]:
    """Return the writes on assets by time, each with its actor; `events` are sorted by time."""
    found = [write for event in events if (write := _write(event, context, profile))]
    found = _joined(_without_doubles(found))
    mcp = [event for event in events if event.is_mcp and (event.is_history or not event.asset_id)]
    matched = _matched(found, context)
    return tuple(
        _attributed(write, matched.get(number), mcp, context) for number, write in enumerate(found)
    )


def _write(event: AuditEvent, context: AuditContext, profile: Profile) -> AuditWrite | None:
    """Return the write of an event; None for a read, or a write to no known asset."""
    phase = context.times.phase(event.at)
    request = event if event.method in _METHODS else None
    if event.is_history:
        asset = context.known(event.asset)
        return AuditWrite(asset, _kind(event), event, phase, request)
    requested = asset_of_path(event.path, profile) if request else None
    if requested is None:
        return None
    kind = _METHODS[event.method] if requested.id else WriteKind.CREATE
    if kind is WriteKind.CREATE and event.method != "POST":
        return None
    return AuditWrite(requested, kind, event, phase, request)


def _kind(event: AuditEvent) -> WriteKind:
    if event.action in CREATED:
        return WriteKind.CREATE
    return WriteKind.DELETE if event.action in DELETED else WriteKind.MODIFY


def _without_doubles(writes: list[AuditWrite]) -> list[AuditWrite]:
    """Drop the MCP server's own row of a write beside the asset's history row for it."""
    others: dict[tuple[Asset, WriteKind], list[AuditWrite]] = defaultdict(list)
    for write in writes:
        if not write.event.is_mcp:
            others[write.asset, write.kind].append(write)
    return [
        write
        for write in writes
        if not (write.event.is_mcp and write.event.is_history)
        or not any(
            same_user(other.event, write.event)
            for other in _around(others[write.asset, write.kind], write.event.at)
        )
    ]


def _joined(writes: list[AuditWrite]) -> list[AuditWrite]:
    """Join the history row and the HTTP row of each write; a refused request has no history row."""
    requests: dict[tuple[Asset, WriteKind], list[AuditWrite]] = defaultdict(list)
    for write in writes:
        if not write.event.is_history:
            requests[write.asset, write.kind].append(write)
    joined = [_with_request(w, requests) for w in writes if w.event.is_history]
    rest = [write for waiting in requests.values() for write in waiting]
    return sorted([*joined, *rest], key=lambda write: (write.event.at, write.event.id))


def _with_request(
    history: AuditWrite, requests: dict[tuple[Asset, WriteKind], list[AuditWrite]]
) -> AuditWrite:
    """Add the request closest in time; the request that creates an asset does not name its id."""
    if history.request is not None:
        return history
    near = [
        (abs(write.event.at - history.event.at), write.event.id, waiting, write)
        for asset in (history.asset, Asset(history.asset.type, ""))
        if (waiting := requests.get((asset, history.kind)))
        for write in _around(waiting, history.event.at)
        if write.landed and same_user(write.event, history.event)
    ]
    if not near:
        return history
    _, _, waiting, closest = min(near, key=lambda found: found[:2])
    waiting.remove(closest)
    return replace(history, request=closest.event)


def _around(writes: list[AuditWrite], at: datetime) -> list[AuditWrite]:
    """Return the writes (sorted by time) that may be the same write as an event at `at`."""
    start = bisect_left(writes, at - _SAME_WRITE, key=lambda write: write.event.at)
    end = bisect_right(writes, at + _SAME_WRITE, key=lambda write: write.event.at)
    return writes[start:end]


def same_user(one: AuditEvent, other: AuditEvent) -> bool:
    """Return whether two rows may have the same user: no field that both have differs."""
    emails = {event.user_email.casefold() for event in (one, other)} - {""}
    return len(emails) < 2 or (one.user_id != "" and one.user_id == other.user_id)


def _matched(writes: list[AuditWrite], context: AuditContext) -> dict[int, ExpectedWrite]:
    """Assign each expected write to at most one row, by index; earlier writes first.

    A row matches from the start of the write's turn until 30 s after its end.
    """
    matched: dict[int, ExpectedWrite] = {}
    for expected in context.expected or ():
        turn = context.turn(expected.turn)
        fitting = [
            number
            for number, write in enumerate(writes)
            if turn is not None
            and number not in matched
            and _fits(write, expected)
            and turn.start <= write.event.at <= turn.end + LAG
            and context.is_user(write.event) is not False
        ]
        if turn is not None and fitting:
            since = expected.at or turn.start
            matched[min(fitting, key=lambda n: (writes[n].event.at < since, n))] = expected
    return matched


def _fits(write: AuditWrite, expected: ExpectedWrite) -> bool:
    """Return whether a write may be an expected one: same kind, compatible outcome."""
    ends = {True} if expected.outcome is Outcome.CONFIRMED else {True, False}
    return (
        write.kind is expected.kind
        and expected.is_of(write.asset)
        and write.landed in ({False} if expected.failed else ends)
    )


def _attributed(
    write: AuditWrite, expected: ExpectedWrite | None, mcp: list[AuditEvent], context: AuditContext
) -> AuditWrite:
    actor, why = _by_row(write, context)
    after = write.event.at - context.times.end
    is_lag = actor is None and expected is not None and after >= LAG_FROM
    if actor is None and expected is not None:
        late = f", execution lag {after.total_seconds():g} s after the end" if is_lag else ""
        actor, why = Actor.ASSISTANT, f"{expected.write} of the ledger{late}"
    if actor is None and _came_by_mcp(write, mcp):
        inside = write.event.at >= context.times.start and after <= LAG
        actor = Actor.ASSISTANT if inside else Actor.OTHER
        why = "by the MCP server" if inside else "by the MCP server, outside the session"
    if actor is None:
        actor, why = _by_machine(write) or _by_time(write, context)
    if expected is None:
        return replace(write, actor=actor, why=why)
    # The request that made an asset does not name its id; the ledger may.
    asset = write.asset if write.asset.id else expected.asset
    done = expected.write
    return replace(write, actor=actor, why=why, expected=done, is_lag=is_lag, asset=asset)


def _by_row(write: AuditWrite, context: AuditContext) -> tuple[Actor | None, str]:
    """Return the actor where the row alone excludes the session."""
    if context.is_user(write.event) is False:
        return Actor.OTHER, "another user's"
    if write.event.actor_type == "SUPPORT_USER":
        return Actor.OTHER, "the platform's support"
    return None, ""


def _came_by_mcp(write: AuditWrite, mcp: list[AuditEvent]) -> bool:
    """Return whether a row of the write, or one at the same time, is the MCP server's."""
    if write.event.is_mcp or (write.request is not None and write.request.is_mcp):
        return True
    start = bisect_left(mcp, write.event.at - _SAME_WRITE, key=lambda event: event.at)
    end = bisect_right(mcp, write.event.at + _SAME_WRITE, key=lambda event: event.at)
    return any(
        same_user(event, write.event) and event.method not in ("PUT", "PATCH", "DELETE")
        for event in mcp[start:end]
    )


def _by_machine(write: AuditWrite) -> tuple[Actor, str] | None:
    """Return the actor of a row with a key or program in it: it has a person's name, not a hand."""
    rows = (write.event, write.request) if write.request else (write.event,)
    named = next((row.automation for row in rows if row.automation), "")
    return (Actor.OTHER, f"by automation in a person's name ({named})") if named else None


def _by_time(write: AuditWrite, context: AuditContext) -> tuple[Actor, str]:
    """Return the actor of a row that names the session's user, or no user."""
    at, times = write.event.at, context.times
    if write.event.actor_type == "API_KEY":
        return Actor.OTHER, "an API key"
    if context.is_user(write.event) is None:
        return Actor.UNKNOWN, "the row names no user that is known"
    turn = _turn_of_like(write, context)
    if turn is not None and at <= turn.end:
        return Actor.ASSISTANT, "while the assistant wrote to it"
    if context.expected is None and write.phase is Phase.DURING:
        return Actor.ASSISTANT, "during the session; there is no ledger to hold it against"
    soon = context.expected is None and times.end <= at <= times.end + LAG
    if turn is not None or soon:
        return Actor.UNKNOWN, "too soon after the assistant to tell"
    return Actor.USER, f"by hand, {write.phase}"


def _turn_of_like(write: AuditWrite, context: AuditContext) -> TurnTimes | None:
    """Return the turn that wrote to the asset and is running, or ended at most 30 s ago.

    After its end, only a write of the same kind is attributed to the turn. While it runs, any write
    is, except a deletion that the ledger does not list.
    """
    at = write.event.at
    for expected in context.expected or ():
        turn = context.turn(expected.turn)
        if turn is None or expected.failed or not expected.is_of(write.asset):
            continue
        running = turn.start <= at <= turn.end and write.kind is not WriteKind.DELETE
        if running or (expected.kind is write.kind and turn.start <= at <= turn.end + LAG):
            return turn
    return None
