"""The attributes of query requests, from what people write."""

from datetime import datetime
from typing import Any

from session_classify.audience.query import AudienceQuery
from session_classify.errors import UsageError
from session_classify.instants import any_instant, duration, utc_now


def query_attributes(
    query: AudienceQuery, columns: str, limit: int, sort: str = "", wildcard: str = ""
) -> dict[str, Any]:
    """Return the attributes of a query; raises UsageError for an unknown order."""
    found: dict[str, Any] = {"query": query.text, "limit": limit}
    if names := [name.strip() for name in columns.split(",") if name.strip()]:
        found["select_columns"] = names
    if sort:
        field, _, order = sort.partition(":")
        if order.upper() not in ("", "ASC", "DESC"):
            raise UsageError(f"--sort {sort}: expected FIELD, FIELD:ASC or FIELD:DESC")
        found["sort"] = {"field": field, "order": order.upper() or "ASC"}
    if wildcard:
        found["wildcard_search_term"] = wildcard
    return found


def event_attributes(
    query: AudienceQuery, event_query: str, frame: tuple[str, str], columns: str, limit: int
) -> dict[str, Any]:
    """Return the attributes of an event query; its time frame is in unix seconds."""
    now = utc_now()
    start, end = (_seconds(text, now) for text in frame)
    if start >= end:
        raise UsageError(f"the time frame {frame[0]} to {frame[1]} is empty; --from is before --to")
    events = {"query": event_query, "time_frame": {"start": start, "end": end}}
    found = query_attributes(query, columns, limit)
    return {**found, "event_query": events, "include_row_count": True}


def _seconds(text: str, now: datetime) -> int:
    if text == "now":
        return int(now.timestamp())
    try:
        return int((now - duration(text)).timestamp())
    except (ValueError, OverflowError):
        pass
    try:
        return int(any_instant(text).timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no time; expected 7d, 2026-11-20 or an instant") from error
