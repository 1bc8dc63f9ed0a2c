"""What people and systems did around a session: RUM events, audit events, and when they fall."""

from dataclasses import dataclass, field
from datetime import datetime

from session_classify.model import JsonValue
from session_classify.vocabulary import Phase


@dataclass(frozen=True, slots=True)
class RumEvent:
    """One event of a browser; what a row does not tell is empty."""

    id: str
    at: datetime
    """UTC, to the millisecond."""
    type: str
    """`view`, `action`, `error`, …"""
    name: str = ""
    """Of an action: its name, else that of its target."""
    action_type: str = ""
    """`custom`, `click`, …"""
    url: str = ""
    view_id: str = ""
    dwell: float | None = None
    """Seconds on a view; the wire has nanoseconds."""
    rum_session: str = ""
    user_id: str = ""
    user_email: str = ""
    context: dict[str, JsonValue] = field(default_factory=dict)
    feature_flags: dict[str, JsonValue] = field(default_factory=dict)

    @property
    def place(self) -> tuple[datetime, str, str, str, str]:
        """Where the event stands in time; what falls into one millisecond has a fixed order."""
        return self.at, self.type, self.name, self.url, self.id


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of the audit trail: a change of an asset, or an HTTP call."""

    id: str
    at: datetime
    """UTC, to the millisecond."""
    action: str = ""
    """`created`, `modified`, `deleted`, `accessed`; empty on HTTP rows that name none."""
    event_name: str = ""
    """Such as `Dashboard` or `MCP Server`."""
    user_id: str = ""
    user_email: str = ""
    actor_type: str = ""
    """`USER`, `API_KEY` or `SUPPORT_USER`."""
    asset_type: str = ""
    asset_id: str = ""
    asset_name: str = ""
    new_value: JsonValue = None
    prev_value: JsonValue = None
    method: str = ""
    path: str = ""
    status: int | None = None
    """HTTP status; 0 where the client left before the response."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a session began and ended, and when its user gave feedback, in UTC."""

    start: datetime
    end: datetime
    feedback: datetime | None = None

    def phase(self, at: datetime) -> Phase:
        """Return the phase of an instant; the phases partition time (seed 002, step 4b)."""
        if at < self.start:
            return Phase.PRE
        if at < self.end:
            return Phase.DURING
        if self.feedback is not None and at < self.feedback:
            return Phase.TO_FEEDBACK
        return Phase.POST
