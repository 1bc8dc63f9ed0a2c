"""Events around a session: RUM events, audit events and their phases."""

from datetime import datetime

import msgspec

from session_classify.model import JsonValue
from session_classify.vocabulary import Phase


class RumEvent(msgspec.Struct, frozen=True):
    """One RUM event; fields that a row does not have are empty."""

    id: str
    at: datetime
    """UTC, to the millisecond."""
    type: str
    """`view`, `action`, `error`, …"""
    name: str = ""
    """For an action: its name, else the name of its target."""
    action_type: str = ""
    """`custom`, `click`, …"""
    url: str = ""
    view_id: str = ""
    dwell: float | None = None
    """Seconds on a view, converted from nanoseconds."""
    rum_session: str = ""
    user_id: str = ""
    user_email: str = ""
    context: dict[str, JsonValue] = msgspec.field(default_factory=dict)
    feature_flags: dict[str, JsonValue] = msgspec.field(default_factory=dict)
    frustrations: tuple[str, ...] = ()
    """Of an action: `rage_click`, `dead_click`, `error_click`, `rage_tap`, `error_tap`."""
    error: str = ""
    """Of an error: its message."""
    error_source: str = ""
    """Of an error: `network`, `source`, `console`, …"""

    @property
    def place(self) -> tuple[datetime, str, str, str, str]:
        """The sort key: time, then fields that order events within one millisecond."""
        return self.at, self.type, self.name, self.url, self.id


class Asset(msgspec.Struct, frozen=True, order=True):
    """An object that users and assistants create and change, such as a dashboard."""

    type: str
    """As audit rows name it, in lower case."""
    id: str
    """Empty for a new asset whose id is not known."""

    def __str__(self) -> str:
        """Return type and id in words."""
        return f"{self.type} {self.id}".strip()


CREATED = frozenset(("created", "cloned", "imported", "added"))
DELETED = frozenset(("deleted", "removed"))
REVERTED = frozenset(("reverted", "restored", "rolled_back", "undone"))
HISTORY = frozenset(
    """modified updated edited changed published unpublished enabled disabled resolved reopened
    muted unmuted archived unarchived renamed moved shared unshared paused resumed activated
    deactivated update_config""".split()
).union(CREATED, DELETED, REVERTED)
"""Actions of rows that change an asset; the list is open.

Source: `references/sources/audit.md#audit-events`.
"""
READING = frozenset(
    """accessed viewed read listed searched queried exported downloaded login logout executed
    started notification triggered ran failed""".split()
)
"""Actions that leave an asset as it is."""


class AuditEvent(msgspec.Struct, frozen=True):
    """One row of the audit trail: a change of an asset (history row) or an HTTP request.

    A history row describes the asset's change, an HTTP row the request; one row may be both.
    """

    id: str
    at: datetime
    """UTC, to the millisecond."""
    action: str = ""
    """`created`, `modified`, `deleted`, `accessed`, in lower case; empty where a row has none."""
    event_name: str = ""
    """Such as `Dashboard` or `MCP Server`."""
    user_id: str = ""
    user_email: str = ""
    actor_type: str = ""
    """`USER`, `API_KEY` or `SUPPORT_USER`, in upper case."""
    asset_type: str = ""
    asset_id: str = ""
    asset_name: str = ""
    new_value: JsonValue = None
    """The asset's whole state after the change; None where it is not recorded."""
    prev_value: JsonValue = None
    method: str = ""
    path: str = ""
    status: int | None = None
    """HTTP status; 0 where the client left before the response."""
    user_uuid: str = ""
    automation: str = ""
    """What acted in a person's name, such as `terraform` or `an API key`; empty for a person."""

    @property
    def asset(self) -> Asset:
        """The asset that the row names; both parts are empty where it names none."""
        return Asset(self.asset_type, self.asset_id)

    @property
    def is_history(self) -> bool:
        """It records that an asset was created, changed or deleted."""
        return bool(self.asset_id) and self.action in HISTORY

    @property
    def is_not_understood(self) -> bool:
        """Something happened to an asset, by a word that has no meaning here."""
        known = self.action in HISTORY or self.action in READING
        return bool(self.asset_id and self.action) and not known

    @property
    def is_mcp(self) -> bool:
        """It came through the MCP server, as an assistant's calls do.

        Source: `references/sources/audit.md#audit-actors`.
        """
        return self.event_name.casefold() == "mcp server"


class Times(msgspec.Struct, frozen=True):
    """When a session began and ended, and when its user gave feedback, in UTC."""

    start: datetime
    end: datetime
    feedback: datetime | None = None

    def phase(self, at: datetime) -> Phase:
        """Return the phase of an instant; the phases partition time.

        Source: `references/sources/audit.md#audit-phases`.
        """
        if at < self.start:
            return Phase.PRE
        if at < self.end:
            return Phase.DURING
        if self.feedback is not None and at < self.feedback:
            return Phase.TO_FEEDBACK
        return Phase.POST


class Events(msgspec.Struct, frozen=True):
    """The RUM and audit events that a case stores."""

    rum: tuple[RumEvent, ...] = ()
    """Events of the session's user alone."""
    audit: tuple[AuditEvent, ...] = ()
    """All rows that the audit calls returned, by time."""
