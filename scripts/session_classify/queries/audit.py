"""The calls for a session's audit trail, as API arguments and pup commands.

Instants are absolute, because pup refuses `now-30d`, and in whole seconds, because pup truncates
them. Source: `references/sources/clients.md#pup`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from session_classify.events import Asset, AuditEvent, Times
from session_classify.model import Identity
from session_classify.queries.call import Call
from session_classify.queries.quoting import quoted

HISTORY, TARGETED = 50, 200
"""Rows per call; `TARGETED` is also used by broad calls.

Source: `references/sources/audit.md#audit-queries`.
"""
RETENTION = timedelta(days=90)
"""How long audit rows are kept by default (`references/sources/audit.md#audit-events`)."""
_BEFORE_HISTORY = timedelta(days=30)
_BEFORE, _AFTER = timedelta(minutes=30), timedelta(hours=2)
_BROAD_BEFORE, _BROAD_AFTER = timedelta(minutes=15), timedelta(minutes=30)
NOISE = (
    "/api/ui/query/scalar",
    "/api/ui/query/timeseries",
    "/api/ui/frontend_telemetry/metrics",
    "/api/v1/logs-analytics/aggregate",
    "/api/v1/logs-analytics/list",
    "/api/v1/logs-analytics/facet_info",
    "/api/v2/watchdog/insights/search/*",
    "/api/v2/notifications/notify/*",
    "/api/v2/notifications/presence/*",
)
"""Paths that a browser requests by itself, many times a minute.

Source: `references/sources/audit.md#audit-queries`.
"""
_SECOND = timedelta(seconds=1)


def history(asset: Asset, times: Times) -> Call:
    """Query the history of an asset from 30 days before the session on, by any actor."""
    query = f"@asset.id:{quoted(asset.id)}"
    return _search(query, times.start - _BEFORE_HISTORY, "now", HISTORY)


def targeted(identity: Identity, paths: Sequence[str], times: Times) -> Call:
    """Query the user's requests to an asset's API paths around the session.

    Without a known user, the requests of all users are queried.
    """
    named = [quoted(path) for path in paths]
    path = named[0] if len(named) == 1 else f"({' OR '.join(named)})"
    query = " ".join(filter(None, (user_filter(identity), f"@http.url_details.path:{path}")))
    return _search(query, times.start - _BEFORE, times.end + _AFTER, TARGETED)


def broad(identity: Identity, times: Times) -> Call:
    """Query everything that the user did around the session, without noise."""
    start, end = times.start - _BROAD_BEFORE, times.end + _BROAD_AFTER
    return _search(_without_noise(identity), start, end, TARGETED)


def broad_after(identity: Identity, times: Times) -> Call:
    """Query what the user did after the session, without noise: used when `broad` was cut."""
    return _search(_without_noise(identity), times.end, times.end + _BROAD_AFTER, TARGETED)


def is_in_window(event: AuditEvent, times: Times) -> bool:
    """Return whether an event is in the window of the targeted calls."""
    return times.start - _BEFORE <= event.at <= times.end + _AFTER


def narrowed(call: Call, events: Iterable[AuditEvent], rows: int) -> tuple[Call, ...]:
    """Return the call for rows beyond the limit: the same query, up to the oldest row so far.

    `events` and `rows` are of this one answer; `rows` counts repeated and unreadable rows too.
    Answers are newest first. Returns nothing when the limit was not reached, or when all rows fall
    into one second, which cannot be divided further: `still_cut` reports that.
    """
    until = _rfc3339(oldest + _SECOND) if (oldest := _oldest(events)) else ""
    if rows < call.arguments["limit"] or until in ("", call.arguments["to"]):
        return ()
    query, limit = call.arguments["query"], call.arguments["limit"]
    start = datetime.fromisoformat(call.arguments["from"])
    return (_search(query, start, until, limit),)


def still_cut(call: Call, events: Iterable[AuditEvent], rows: int) -> str:
    """Return a line on what the last call's limit left out; empty where it left out nothing."""
    if rows < call.arguments["limit"]:
        return ""
    oldest = _oldest(events)
    before = f" before {_rfc3339(oldest)}" if oldest else ""
    return (
        f"audit rows{before} are cut: {call.arguments['query']} reached its limit of "
        f"{call.arguments['limit']}"
    )


def user_filter(identity: Identity) -> str:
    """Return the part of a query that names the user; empty where the spans have no user."""
    handle, number = identity.user_handle, identity.usr_id or identity.user_id
    if handle and ("@" in handle or not number):
        return f"@usr.email:{quoted(handle)}"
    return f"@usr.id:{quoted(number)}" if number else ""


def _without_noise(identity: Identity) -> str:
    noise = " ".join(f"-@http.url_details.path:{path}" for path in NOISE)
    return f"{user_filter(identity)} {noise}".strip()


def _oldest(events: Iterable[AuditEvent]) -> datetime | None:
    return min((event.at for event in events), default=None)


def _search(query: str, start: datetime, end: datetime | str, limit: int) -> Call:
    until = end if isinstance(end, str) else _rfc3339(end, up=True)
    window = {"from": _rfc3339(start), "to": until}
    flags = ("--query", query, "--from", window["from"], "--to", until, "--limit", str(limit))
    return Call(
        "search_audit_logs",
        {"query": query, **window, "limit": limit},
        ("audit-logs", "search", *flags),
    )


def _rfc3339(moment: datetime, *, up: bool = False) -> str:
    """Return an instant in whole seconds, rounded so that the window never gets smaller."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    if up and whole < moment:
        whole += _SECOND
    return whole.isoformat().replace("+00:00", "Z")
