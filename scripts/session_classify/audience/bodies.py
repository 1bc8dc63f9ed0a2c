"""The bodies of queries: made of what people write, or read from a file, and checked."""

from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from session_classify.audience.names import COUNTED
from session_classify.audience.operations import EVENTS, FACETS, OPERATIONS, QUERIES
from session_classify.audience.query import Name, check_event_query, parse_query
from session_classify.errors import UsageError
from session_classify.instants import any_instant, duration, stamp


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a body; what is left out is not sent."""


class Sort(_Part, frozen=True):
    """The order of rows."""

    field: str
    order: Literal["", "ASC", "DESC"] = ""


class QueryBody(_Part, frozen=True):
    """The attributes of a query for users or accounts."""

    query: str = ""
    select_columns: tuple[str, ...] = ()
    sort: Sort | None = None
    wildcard_search_term: str = ""
    limit: int = 0


class TimeFrame(_Part, frozen=True):
    """The time frame of events; unix seconds when it is sent."""

    start: int | str
    end: int | str = "now"


class EventQuery(_Part, frozen=True):
    """A query of RUM events."""

    query: str
    time_frame: TimeFrame


class EventBody(_Part, frozen=True):
    """The attributes of a query for users with certain events."""

    event_query: EventQuery
    query: str = ""
    select_columns: tuple[str, ...] = ()
    include_row_count: bool = False
    limit: int = 0


class Search(_Part, frozen=True):
    """The users or accounts whose facet is counted."""

    query: str


class Term(_Part, frozen=True):
    """The values of a facet that are wanted."""

    value: str


class FacetBody(_Part, frozen=True):
    """The attributes of a facet request."""

    facet_id: str
    limit: int = 10
    search: Search | None = None
    term_search: Term | None = None


Body = QueryBody | EventBody | FacetBody
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_BODIES: dict[str, type[Body]] = {
    **dict.fromkeys(QUERIES.values(), QueryBody),
    **dict.fromkeys(FACETS.values(), FacetBody),
    EVENTS: EventBody,
}


class Checked(msgspec.Struct, frozen=True):
    """A body that can be sent."""

    attributes: dict[str, Any]
    meanings: tuple[str, ...]
    """What its times mean."""
    names: tuple[Name, ...]
    """The attributes that it names."""


def plain(struct: msgspec.Struct) -> dict[str, Any]:
    """Return a struct as it is sent: objects and lists, which the official client demands."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(struct))
    return found


def columns_of(text: str) -> tuple[str, ...]:
    """Return the names of `a,b`."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def sort_of(text: str) -> Sort | None:
    """Return the order of `FIELD` or `FIELD:DESC`, None for none; raises UsageError for another."""
    if not text:
        return None
    field, _, order = text.partition(":")
    if order.upper() not in ("", "ASC", "DESC"):
        raise UsageError(f"--sort {text[:80]}: expected FIELD, FIELD:ASC or FIELD:DESC")
    return converted({"field": field, "order": order.upper() or "ASC"}, Sort, "--sort")


def read_body(data: bytes, operation: str, name: str) -> Body:
    """Return the body in a file: the whole of it, or its attributes alone.

    Raises UsageError for another operation's body, and names what cannot be in it.
    """
    return converted(attributes_in(data, operation, name)[0], _BODIES[operation], name)


def attributes_in(data: bytes, operation: str, name: str) -> tuple[dict[str, Any], str]:
    """Return attributes and id of a body: of `{"data": …}`, or the attributes alone."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{name} is not JSON ({error}); expected the body of the request"
        ) from error
    if not isinstance(found, dict):
        raise UsageError(f"{name} is no JSON object; expected the body of the request")
    if "data" not in found:
        return found, ""
    inner, kind = found["data"], OPERATIONS[operation].body_type
    if not isinstance(inner, dict) or not isinstance(inner.get("attributes"), dict):
        raise UsageError(f"{name} has no data.attributes; expected the body of the request")
    if inner.get("type", kind) != kind:
        raise UsageError(f"{name} is a {inner['type']!r}; expected the type {kind}")
    return inner["attributes"], str(inner.get("id") or "")


def converted(value: object, kind: type[_Struct], name: str) -> _Struct:
    """Return a value as a struct; raises UsageError that names the place of what is wrong."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        fields = ", ".join(one.name for one in msgspec.structs.fields(kind))
        raise UsageError(f"{name}: {error}; expected {fields}") from error


def checked(body: Body, now: datetime) -> Checked:
    """Parse the queries and times of a body; raises UsageError that points at the place."""
    names: list[Name] = []
    meanings: list[str] = []
    if isinstance(body, EventBody):
        frame, told = _frame(body.event_query.time_frame, now)
        events = EventQuery(check_event_query(body.event_query.query), frame)
        body = replace(body, event_query=events)
        meanings.append(told)
    written = (
        (body.search.query if body.search else "") if isinstance(body, FacetBody) else body.query
    )
    parsed = parse_query(written, now)
    names += parsed.fields
    if isinstance(body, FacetBody):
        names.append(Name(body.facet_id, "facet"))
        body = replace(body, search=Search(parsed.text))
    else:
        counted = COUNTED if isinstance(body, EventBody) else ()
        names += [Name(one, "column") for one in body.select_columns if one not in counted]
        body = replace(body, query=parsed.text)
    if isinstance(body, QueryBody) and body.sort:
        names.append(Name(body.sort.field, "sort field"))
    attributes = plain(body)
    if isinstance(body, FacetBody):
        attributes["limit"] = body.limit  # the API demands it
    return Checked(attributes, (*meanings, *parsed.meanings), tuple(names))


def _frame(given: TimeFrame, now: datetime) -> tuple[TimeFrame, str]:
    start, end = (seconds_of(one, now) for one in (given.start, given.end))
    if start >= end:
        raise UsageError(
            f"the time frame {given.start} to {given.end} is empty; its start is before its end"
        )
    first, last = (stamp(any_instant(one)) for one in (start, end))
    return TimeFrame(start, end), f"events from {first} to {last}"


def seconds_of(value: str | int, now: datetime) -> int:
    """Return the unix seconds of `now`, `7d` (that long ago), a date, an instant or a number.

    Raises UsageError for anything else.
    """
    if value == "now":
        return int(now.timestamp())
    try:
        return int((now - duration(str(value))).timestamp())
    except (ValueError, OverflowError):
        pass
    try:
        return int(any_instant(value).timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{str(value)[:80]!r} is no time; expected 7d, 2026-11-20 or an instant"
        ) from error
