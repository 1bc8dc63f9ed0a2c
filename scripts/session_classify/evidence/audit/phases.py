"""The audit trail of a session: every row with its phase, every write with its asset."""

from collections.abc import Sequence

import msgspec

from session_classify.events import Asset, AuditEvent, Times
from session_classify.evidence.audit.context import AuditContext, ExpectedWrite
from session_classify.evidence.audit.writes import AuditWrite, audit_writes
from session_classify.profiles.profile import Profile
from session_classify.queries.audit import is_in_window
from session_classify.vocabulary import Actor, Phase


class AssetTrail(msgspec.Struct, frozen=True):
    """The writes and history of one asset."""

    asset: Asset
    name: str
    """Its name in the latest row."""
    writes: tuple[AuditWrite, ...]
    expected: tuple[ExpectedWrite, ...]
    """The ledger's writes on it."""

    def by(self, actor: Actor) -> tuple[AuditWrite, ...]:
        """Return the effective writes of one actor."""
        return tuple(write for write in self.writes if write.actor is actor and write.landed)

    @property
    def is_assistants(self) -> bool:
        """The assistant wrote to it, by the trail or, where nothing failed, by the ledger."""
        by_ledger = any(not expected.failed for expected in self.expected)
        return by_ledger or bool(self.by(Actor.ASSISTANT))


class AuditTrail(msgspec.Struct, frozen=True):
    """The audit trail around a session."""

    context: AuditContext
    assets: tuple[AssetTrail, ...]
    phases: dict[Phase, tuple[AuditEvent, ...]]
    """Every event, once."""
    asks: tuple[AuditEvent, ...]
    """Requests by which the user called the assistant again after the session."""
    cases: tuple[AuditEvent, ...]
    """Support cases that the user opened, during or after the session."""
    shows_user: bool
    """Some row in the window is the user's, so the absence of later rows has a meaning."""
    shows_user_after: bool
    """A row after the end is the user's own, not the assistant's in their name."""


def by_phase(events: Sequence[AuditEvent], times: Times) -> dict[Phase, tuple[AuditEvent, ...]]:
    """Return the events by phase, with every phase present; the phases partition the events."""
    return {
        phase: tuple(event for event in events if times.phase(event.at) is phase) for phase in Phase
    }


def audit_trail(
    events: Sequence[AuditEvent], context: AuditContext, profile: Profile
) -> AuditTrail:
    """Build the trail of a session from events that are sorted by time.

    Assets are in the order in which the ledger, then the trail, first names them. Assets without a
    write, and assets that the session is not about, are skipped.
    """
    writes = audit_writes(events, context, profile)
    expected = context.expected or ()
    made = [_made(one, writes) for one in expected]
    about = None if context.assets is None else {*context.assets, *made}
    assets: dict[Asset, list[AuditWrite]] = {asset: [] for asset in made}
    for write in writes:
        if about is None or write.asset in about:
            assets.setdefault(write.asset, []).append(write)
    names = {event.asset: event.asset_name for event in events if event.asset_name}
    users = [event for event in events if context.is_user(event)]
    near = [event for event in users if is_in_window(event, context.times)]
    assistants = {
        event.id
        for write in writes
        if write.actor is Actor.ASSISTANT
        for event in (write.event, write.request)
        if event is not None
    }
    posts = [event for event in users if event.method == "POST" and not event.is_mcp]
    return AuditTrail(
        context,
        tuple(
            AssetTrail(
                asset,
                names.get(asset, ""),
                tuple(inside),
                tuple(one for one, its in zip(expected, made, strict=True) if its == asset),
            )
            for asset, inside in assets.items()
        ),
        by_phase(events, context.times),
        tuple(e for e in posts if e.path in profile.asks and e.at >= context.times.end),
        tuple(e for e in posts if e.path in profile.cases and e.at >= context.times.start),
        shows_user=bool(near),
        shows_user_after=any(
            event.at >= context.times.end and not event.is_mcp and event.id not in assistants
            for event in near
        ),
    )


def _made(expected: ExpectedWrite, writes: Sequence[AuditWrite]) -> Asset:
    """Return the asset of an expected write; the trail has the id of one that was just created."""
    found = (write.asset for write in writes if write.expected == expected.write and write.asset.id)
    return expected.asset if expected.asset.id else next(found, expected.asset)
