"""The calls for what a user did around a session, with their windows and filters."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from session_classify.instants import stamp
from session_classify.model import Identity, Session
from session_classify.queries.call import Call
from session_classify.queries.rum_filters import as_query, of_user, where_clause

BEFORE, AFTER = timedelta(minutes=30), timedelta(minutes=60)
"""How far before the first and after the last turn events are queried.

Source: `references/sources/rum.md#rum-windows`.
"""
AROUND = timedelta(minutes=2)
"""How near the first turn a browser session counts as the user's.

Source: `references/sources/rum.md#rum-windows`.
"""
REACH = timedelta(days=30)
"""How far back to check whether a user has RUM at all.

Source: `references/sources/rum.md#rum-windows`.
"""
NEAR = timedelta(minutes=15)
"""How near another session of the same user is a neighbour.

Source: `references/sources/rum.md#neighbours`.
"""
MCP_ROWS, PUP_ROWS, PUP_DEFAULT = 200, 1_000, 100
"""Rows per table, most rows per search page, and pup's default limit."""


class Window(msgspec.Struct, frozen=True):
    """A range of time in UTC."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Return whether an instant lies in it."""
        return self.start <= at <= self.end

    @property
    def milliseconds(self) -> dict[str, int]:
        """The window as arguments of an MCP tool."""
        return {"from": _epoch_ms(self.start), "to": _epoch_ms(self.end)}

    @property
    def flags(self) -> tuple[str, ...]:
        """The window as flags of pup, which cuts instants to seconds: the end is rounded up."""
        start, end = self.start.replace(microsecond=0), self.end
        if end.microsecond:
            end = end.replace(microsecond=0) + timedelta(seconds=1)
        return "--from", _seconds(start), "--to", _seconds(end)


def behaviour_window(start: datetime, end: datetime) -> Window:
    """Return the window of user behaviour for a session from `start` to `end`."""
    return Window(start - BEFORE, end + AFTER)


def rum_views(user_filter: str, window: Window, after: int = 0) -> Call:
    """List the page views, skipping the first `after` rows.

    Each page of the table begins after the rows of the previous one. pup has no such flag: its next
    page is a window that ends earlier.
    """
    return _events(
        "view", user_filter, "@type:view", window,
        _sql('timestamp, session_id, view_url, "@view.time_spent"'),
        {"@view.time_spent": "int64"}, after,
    )  # fmt: skip


class AskedActions(msgspec.Struct, frozen=True):
    """Which actions are asked for, and with what of their payload; names are patterns."""

    names: tuple[str, ...] = ()
    """Only these, where the first query reached its row limit."""
    noise: tuple[str, ...] = ()
    """None of these."""
    clicks: tuple[str, ...] = ()
    """Clicks that the browser collected by itself, besides the custom actions."""
    fields: tuple[str, ...] = ()
    """Fields of `context`."""


def rum_actions(
    user_filter: str, window: Window, asked: AskedActions | None = None, after: int = 0
) -> Call:
    """List the custom actions, clicks that a profile gives a meaning, and frustrated ones.

    Source: `references/sources/rum.md#assistant-actions`.
    """
    asked = asked or AskedActions()
    names, noise = asked.names, asked.noise
    kept = f" (@action.name:({' OR '.join(map(as_query, names))}))" if names else ""
    dropped = f" -@action.name:({' OR '.join(map(as_query, noise))})" if noise and not names else ""
    kind = f"@action.type:custom OR {_FRUSTRATION}:*"
    if asked.clicks:
        kind = f"{kind} OR @action.name:({' OR '.join(map(as_query, asked.clicks))})"
    own = {f"@context.{field}": "string" for field in asked.fields}
    columns = {"@action.name": "string", _FRUSTRATION: "string", **own}
    selected = ", ".join(map(_column, columns))
    return _events(
        "action", f"({kind}) {user_filter}", f"@type:action{kept}{dropped}", window,
        _sql(f"timestamp, {selected}, view_url", where_clause(names, noise)),
        columns, after,
    )  # fmt: skip


_FRUSTRATION = "@action.frustration.type"


def rum_lookup(identity: Identity, first: datetime) -> Call:
    """Find the user's RUM sessions at the time of the first turn.

    It differs from the session skill's lookup (2 minutes around the turn) in two ways. It reaches
    back 30 days, newest first, so that one answer also shows whether the user has RUM at all. It
    lists views instead of actions, because every RUM session has views. Source:
    `references/sources/rum.md#rum-users`.
    """
    wanted = {"@view.time_spent": "int64", "@usr.id": "string", "@usr.email": "string"}
    return _events(
        "view", of_user(identity), "@type:view", Window(first - REACH, first + AROUND),
        _sql(f"timestamp, session_id, {', '.join(map(_column, wanted))}", order=" DESC"),
        wanted, limit=MCP_ROWS,
    )  # fmt: skip


def neighbours(session: Session) -> Call | None:
    """List the root spans of the same user within 15 min around a session.

    None where the spans have no user, or no turn has a time. Source:
    `references/sources/rum.md#neighbours`.
    """
    tags = user_tags(session.identity)
    if not tags or not session.turns:
        return None
    window = Window(session.turns[0].start - NEAR, max(t.end for t in session.turns) + NEAR)
    listed = ",".join(f"{key}:{value}" for key, value in tags.items())
    pup = ("llm-obs", "spans", "search", "--tags", listed, "--root-spans-only", "--limit", "100")
    return Call(
        "search_llmobs_spans",
        {"tags": tags, "root_spans_only": True, "limit": 100, **_as_text(window)},
        () if any("," in value for value in tags.values()) else (*pup, *window.flags),
        f"Step 1b: list other sessions of the user of session {session.id}",
    )


def user_tags(identity: Identity) -> dict[str, str]:
    """Return the span tag by which the same user's other sessions are found."""
    if identity.user_handle:
        return {"user_handle": identity.user_handle}
    return {"usr.id": identity.usr_id} if identity.usr_id else {}


def search_body(call: Call) -> dict[str, Any]:
    """Return a RUM call as the body of `POST /api/v2/rum/events/search`.

    Source: `references/sources/rum.md#rum-events`.
    """
    flags = dict(zip(call.pup[3::2], call.pup[4::2], strict=True))
    window = {"from": flags["--from"], "to": flags["--to"]}
    return {
        "filter": {"query": flags["--query"], **window},
        "page": {"limit": int(flags["--limit"])},
        "sort": "-timestamp",
    }


def _events(
    event_type: str,
    mcp_filter: str,
    pup_types: str,
    window: Window,
    sql: str,
    columns: dict[str, str],
    after: int = 0,
    limit: int = PUP_ROWS,
) -> Call:
    arguments: dict[str, Any] = {
        "event_type": event_type,
        "filter": mcp_filter,
        **window.milliseconds,
        "sql_query": sql,
        "extra_columns": [{"name": name, "type": kind} for name, kind in columns.items()],
    }
    query = f"{pup_types} {mcp_filter}"
    return Call(
        "analyze_rum_events",
        {**arguments, **({"start_at": after} if after else {})},
        ("rum", "sessions", "search", "--query", query, *window.flags, "--limit", str(limit)),
        f"Step 4: list the {event_type}s of the user around the session",
    )


def _sql(columns: str, where: str = "", order: str = "") -> str:
    # The server applies this to a table of filtered events; the names come from a profile.
    return f"SELECT {columns} FROM rum{where} ORDER BY timestamp{order} LIMIT {MCP_ROWS}"  # noqa: S608


def _column(name: str) -> str:
    return f'"{name}"'


def _as_text(window: Window) -> dict[str, str]:
    return {key: str(value) for key, value in window.milliseconds.items()}


def _epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _seconds(moment: datetime) -> str:
    return stamp(moment).replace(".000Z", "Z")
