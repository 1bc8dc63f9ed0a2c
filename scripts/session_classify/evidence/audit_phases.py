"""The audit trail of a session laid out: every row in its phase, and every write with its asset."""

from collections.abc import Sequence
from dataclasses import dataclass

from session_classify.backends.audit_queries import is_in_window
from session_classify.events import Asset, AuditEvent, Times
from session_classify.evidence.audit_setting import Expected, Setting
from session_classify.evidence.audit_writes import AuditWrite, audit_writes
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import Actor, Phase


@dataclass(frozen=True, slots=True)
class AssetTrail:
    """What became of one asset."""

    asset: Asset
    name: str
    """As the latest row calls it."""
    writes: tuple[AuditWrite, ...]
    expected: tuple[Expected, ...]
    """The ledger's writes on it."""

    def by(self, actor: Actor) -> tuple[AuditWrite, ...]:
        """Return the writes of one actor that landed."""
        return tuple(write for write in self.writes if write.actor is actor and write.landed)

    @property
    def is_assistants(self) -> bool:
        """The assistant wrote to it, by the trail's word or, where nothing failed, the ledger's."""
        told = any(not expected.failed for expected in self.expected)
        return told or bool(self.by(Actor.ASSISTANT))


@dataclass(frozen=True, slots=True)
class Trail:
    """The audit trail around a session."""

    setting: Setting
    assets: tuple[AssetTrail, ...]
    phases: dict[Phase, tuple[AuditEvent, ...]]
    """Every event, once."""
    asks: tuple[AuditEvent, ...]
    """Requests of the user that asked the assistant again, after the session."""
    cases: tuple[AuditEvent, ...]
    """Support cases that the user opened, during or after the session."""

    @property
    def shows_user(self) -> bool:
        """Some row in the window is the user's: the trail is there, so that silence may tell."""
        return any(
            self.setting.is_user(event) and is_in_window(event, self.setting.times)
            for events in self.phases.values()
            for event in events
        )

    @property
    def shows_user_after(self) -> bool:
        """The user, not the assistant in their name, did something after the end, in the window."""
        times = self.setting.times
        assistants = {
            event.id
            for asset in self.assets
            for write in asset.writes
            if write.actor is Actor.ASSISTANT
            for event in (write.event, write.request)
            if event is not None
        }
        return any(
            self.setting.is_user(event) and is_in_window(event, times)
            for phase in (Phase.TO_FEEDBACK, Phase.POST)
            for event in self.phases[phase]
            if not event.is_mcp and event.id not in assistants
        )


def by_phase(events: Sequence[AuditEvent], times: Times) -> dict[Phase, tuple[AuditEvent, ...]]:
    """Return every event in its phase, all phases there, so that they partition the events."""
    return {
        phase: tuple(event for event in events if times.phase(event.at) is phase) for phase in Phase
    }


def audit_trail(events: Sequence[AuditEvent], setting: Setting, profile: Profile) -> Trail:
    """Lay out the trail's events around a session.

    Assets come in the order in which the ledger, then the trail, first names them. One that nobody
    wrote to is not listed, nor one that the session is not about.
    """
    writes = audit_writes(events, setting, profile)
    expected = setting.expected or ()
    made = [_made(one, writes) for one in expected]
    about = None if setting.assets is None else {*setting.assets, *made}
    written = [write.asset for write in writes if about is None or write.asset in about]
    assets = dict.fromkeys([*made, *written])
    users = [event for event in events if setting.is_user(event)]
    posts = [event for event in users if event.method == "POST" and not event.is_mcp]
    return Trail(
        setting,
        tuple(_asset_trail(asset, writes, expected, events) for asset in assets),
        by_phase(events, setting.times),
        tuple(e for e in posts if e.path in profile.asks and e.at >= setting.times.end),
        tuple(e for e in posts if e.path in profile.cases and e.at >= setting.times.start),
    )


def _made(expected: Expected, writes: Sequence[AuditWrite]) -> Asset:
    """Return the asset of an expected write; the trail knows the id of one that was just made."""
    found = (write.asset for write in writes if write.expected == expected.write and write.asset.id)
    return expected.asset if expected.asset.id else next(found, expected.asset)


def _asset_trail(
    asset: Asset,
    writes: Sequence[AuditWrite],
    expected: Sequence[Expected],
    events: Sequence[AuditEvent],
) -> AssetTrail:
    named = [e.asset_name for e in events if asset.id and e.asset == asset and e.asset_name]
    return AssetTrail(
        asset,
        named[-1] if named else "",
        tuple(write for write in writes if write.asset == asset),
        tuple(one for one in expected if _made(one, writes) == asset),
    )
