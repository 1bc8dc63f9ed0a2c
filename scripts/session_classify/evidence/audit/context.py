"""The session as audit rows are compared with it: times, user, turns and ledger."""

import re
from datetime import datetime

import msgspec

from session_classify.events import Asset, AuditEvent, Times
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.evidence.rum.timeline import session_times
from session_classify.instants import apart, to_millisecond
from session_classify.lazy import lazy_pattern
from session_classify.model import Identity, Session, Turn
from session_classify.profiles.assets import asset_of_path, assets_of_call, is_about, session_assets
from session_classify.profiles.kinds import name_words
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import FAILED_OUTCOMES, Outcome, WriteKind

_DELETING = frozenset({"delete", "destroy", "remove"})
_CHANGING = frozenset({"change", "edit", "modify", "move", "patch", "rename", "set", "update"})
_UUID = lazy_pattern(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_STOPPED = lazy_pattern(r"cancel|abort|interrupt", re.IGNORECASE)


class TurnTimes(msgspec.Struct, frozen=True):
    """When a turn ran, in UTC, cut to the millisecond like the times of audit rows."""

    number: int
    start: datetime
    end: datetime


class ExpectedWrite(msgspec.Struct, frozen=True):
    """A write of the ledger as the audit trail should show it."""

    write: str
    """Its id in the ledger."""
    call: str
    """The id of its tool call."""
    turn: int
    kind: WriteKind
    asset: Asset
    """Without an id where the call creates an asset and its result does not name it."""
    outcome: Outcome
    at: datetime | None = None

    @property
    def failed(self) -> bool:
        """The ledger says that it did not happen."""
        return self.outcome in FAILED_OUTCOMES

    def is_of(self, asset: Asset) -> bool:
        """Return whether it writes to an asset, as far as their ids are known."""
        known = "" not in (self.asset.id, asset.id)
        return self.asset.type == asset.type and (not known or self.asset.id == asset.id)


class AuditContext(msgspec.Struct, frozen=True):
    """A session as its audit rows are compared with it."""

    times: Times
    identity: Identity
    turns: tuple[TurnTimes, ...] = ()
    expected: tuple[ExpectedWrite, ...] | None = None
    """None without a ledger: then it is unknown which writes to expect."""
    assets: tuple[Asset, ...] | None = None
    """The assets that the session is about; None where it may be any."""
    broken_off: bool = False
    """The last turn was cancelled, or ended without an answer."""

    def known(self, asset: Asset) -> Asset:
        """Return the asset of a row with its type; a row may name only its id."""
        named = (*(self.assets or ()), *(one.asset for one in self.expected or ()))
        return next((a for a in named if not asset.type and a.id == asset.id), asset)

    def turn(self, number: int) -> TurnTimes | None:
        """Return a turn by its number."""
        return next((turn for turn in self.turns if turn.number == number), None)

    def turn_at(self, at: datetime) -> int | None:
        """Return the number of the last turn that had begun at an instant."""
        return max((turn.number for turn in self.turns if turn.start <= at), default=None)

    def is_user(self, event: AuditEvent) -> bool | None:
        """Return whether a row names the session's user; None where either is unknown."""
        own = {self.identity.user_handle, self.identity.usr_id, self.identity.user_id} - {""}
        names = {event.user_email, event.user_id, event.user_uuid} - {""}
        known = [
            name.casefold() == other.casefold()
            for name in names
            for other in own
            if _namespace(name) == _namespace(other)
        ]
        return any(known) if known else None


def _namespace(name: str) -> str:
    """Return what kind of id a name is: ids of two kinds say nothing about each other."""
    if "@" in name:
        return "e-mail"
    if name.isdecimal():
        return "number"
    return "uuid" if _UUID.fullmatch(name.casefold()) else "other"


def trail_times(session: Session, feedback: datetime | None = None) -> Times:
    """Return when a session began and ended, cut to the millisecond like the rows' times."""
    times = session_times(session, feedback)
    return Times(
        to_millisecond(times.start),
        to_millisecond(times.end),
        to_millisecond(feedback) if feedback else None,
    )


def after_end(at: datetime, times: Times) -> str:
    """Return how long after a session something happened, in a suitable unit."""
    if at < times.end:
        return "during the session" if at >= times.start else "before the session"
    return f"{apart(at - times.end)} after the end"


def context_of(
    session: Session,
    profile: Profile,
    readings: tuple[ToolResult, ...],
    writes: tuple[Write, ...],
    feedback: datetime | None = None,
) -> AuditContext:
    """Return the context with which a session's audit rows are compared.

    `readings` are its decoded tool results, `writes` its ledger.
    """
    results = {reading.call.id: reading.data for reading in readings}
    return AuditContext(
        trail_times(session, feedback),
        session.identity,
        tuple(
            TurnTimes(turn.number, to_millisecond(turn.start), to_millisecond(turn.end))
            for turn in session.turns
        ),
        tuple(one for write in writes for one in expected_writes(write, profile)),
        tuple(known.asset for known in session_assets(session, profile, results)),
        _is_broken_off(session.turns[-1]),
    )


def expected_writes(write: Write, profile: Profile) -> tuple[ExpectedWrite, ...]:
    """Return the writes that the trail should show for a ledger entry; none without an asset."""
    call = write.call
    return tuple(
        ExpectedWrite(
            write.id,
            call.id,
            write.turn,
            _kind(write, asset, profile),
            asset,
            write.outcome,
            to_millisecond(call.start) if call.start else None,
        )
        for asset in assets_of_call(call, write.data, profile)
        if is_about(call, asset, profile)
    )


def _kind(write: Write, asset: Asset, profile: Profile) -> WriteKind:
    """Return what a call does to an asset: by HTTP method, else by tool name and arguments.

    Removing a widget modifies its dashboard, so a deletion's tool name must end in the asset's
    type.
    """
    arguments = write.call.arguments if isinstance(write.call.arguments, dict) else {}
    method = str(arguments.get("method", "")).upper()
    if method == "DELETE":
        return WriteKind.DELETE
    if method == "POST" and any(
        (made := asset_of_path(value, profile)) and not made.id
        for value in arguments.values()
        if isinstance(value, str)
    ):
        return WriteKind.CREATE
    words = [word.lower() for word in name_words(write.call.name)]
    if not method and words and _DELETING & set(words) and words[-1].rstrip("s") == asset.type:
        return WriteKind.DELETE
    is_named = asset.id and asset in assets_of_call(write.call, None, profile)
    return WriteKind.MODIFY if is_named or _CHANGING & set(words) else WriteKind.CREATE


def _is_broken_off(turn: Turn) -> bool:
    return bool(_STOPPED.search(turn.stop_reason)) or (
        turn.final_text is None and bool(turn.iterations) and not turn.masked
    )
