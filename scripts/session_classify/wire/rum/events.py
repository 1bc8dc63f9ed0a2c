"""Decode RUM answers: searches, tables, rows one a line, counts.

Source: `references/sources/rum.md#rum-events` and the two sections after it.
"""

from typing import Any

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.events import RumEvent
from session_classify.instants import any_instant
from session_classify.jsontext import is_too_deep, mended
from session_classify.queries.pages import may_go_on, read_page
from session_classify.queries.rum import MCP_ROWS, PUP_DEFAULT, PUP_ROWS
from session_classify.wire.answers.choose import chosen
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.reasons import described
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.rum.table import (
    frustration_types,
    read_table,
    seconds,
    table_text,
)

_SHAPES = (Shape.RUM, Shape.RUM_COUNTS, Shape.EMPTY)
_MOST_TOLD = 20
"""Unreadable rows that are listed; the rest is counted."""


class RumAnswer(msgspec.Struct, frozen=True):
    """The content of one answer, in its own order."""

    events: tuple[RumEvent, ...] = ()
    sessions: tuple[str, ...] = ()
    """RUM session ids in its rows, in order of appearance."""
    counts: tuple[tuple[str, int], ...] = ()
    """For aggregate buckets: facets and counts."""
    rows: int = 0
    is_truncated: bool = False
    """There are further rows."""
    is_end: bool = False
    """It is an empty page, as the last one of a search."""
    is_table: bool = False
    """Its next page begins after a number of rows, not at a time."""
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def types(self) -> frozenset[str]:
        """The types of its events."""
        return frozenset(event.type for event in self.events)


def read_rum(data: bytes, name: str) -> tuple[RumAnswer, ...]:
    """Return the results in a file, one answer each.

    It is a saved result of `analyze_rum_events`, an answer of pup or the API to a search or an
    aggregate, or one row a line.

    Raises UnusableInputError for any other content.
    """
    payloads, lost = chosen(open_envelopes(data, name), _SHAPES)
    read = tuple(read_payload(payload) for payload in payloads)
    return (*read, RumAnswer(unreadable=lost)) if lost else read


def read_payload(payload: Payload) -> RumAnswer:
    """Return the content of one result; raises UnusableInputError for other types."""
    if not payload.is_json:
        return _of_text(payload, payload.data.decode("utf-8", "replace"))
    try:
        payload, shape, rows = recognized(payload)
        if shape is Shape.RUM_COUNTS:
            return _of_buckets(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UnusableInputError(f"{payload.name} is no RUM answer: {error}") from error
    if shape is Shape.RUM or (shape is Shape.EMPTY and not rows):
        return _of_rows(payload, rows)
    text = table_text(payload.data)
    if text is None:
        raise UnusableInputError(
            f"{payload.name} ({payload.envelope}) is {described(payload, shape)}; expected RUM "
            "events: a table of analyze_rum_events, a search of pup or the API, or one row a line"
        )
    return _of_text(payload, text)


class _Event(msgspec.Struct):
    """A row's own fields; apps set many of them, so no row is lost for the type of one."""

    type: Any = None
    date: int | float | str | None = None
    timestamp: int | float | str | None = None
    session: Any = None
    view: Any = None
    action: Any = None
    error: Any = None
    usr: Any = None
    context: Any = None
    feature_flags: Any = None


class _Attributes(msgspec.Struct):
    timestamp: int | float | str | None = None
    attributes: _Event = msgspec.field(default_factory=_Event)


class _Row(msgspec.Struct):
    attributes: _Attributes
    id: str | int | None = None


_decoder = msgspec.json.Decoder(_Row)


def _of_rows(payload: Payload, rows: list[bytes]) -> RumAnswer:
    events, unreadable = [], []
    for number, row in enumerate(rows, start=1):
        try:
            events.append(_event(row))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError) as error:
            unreadable.append(f"{payload.name}:{number}: not a RUM row: {error}")
        except RecursionError:
            unreadable.append(f"{payload.name}:{number}: nested too deeply")
    if len(unreadable) > _MOST_TOLD:
        more = len(unreadable) - _MOST_TOLD
        unreadable[_MOST_TOLD:] = [f"{payload.name}: {more:,} more rows that are no RUM rows"]
    page = read_page(payload.data) if payload.data.lstrip()[:1] == b"{" else read_page(b"")
    notes = [f"{payload.name}: the server warns: {warning}" for warning in page.warnings]
    if page.status == "timeout":
        notes.append(f"{payload.name}: the search timed out, so rows are missing")
    sessions = dict.fromkeys(event.rum_session for event in events if event.rum_session)
    # pup's agent mode loses the cursor (references/sources/clients.md#pup).
    at_limit = "agent mode" in payload.envelope and len(rows) in (PUP_DEFAULT, PUP_ROWS)
    return RumAnswer(
        tuple(events),
        tuple(sessions),
        rows=len(rows),
        is_truncated=may_go_on(page, len(rows)) or page.status == "timeout" or at_limit,
        is_end=not rows and not page.after,
        notes=tuple(notes),
        unreadable=tuple(unreadable),
    )


def _event(row: bytes) -> RumEvent:
    """Return the event of a row; raises ValueError for one without a time."""
    try:
        found = _decoder.decode(row)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = _decoder.decode(mended(row))
    outer, inner = found.attributes, found.attributes.attributes
    moment = next((t for t in (outer.timestamp, inner.timestamp, inner.date) if t), None)
    if moment is None:
        raise ValueError("no timestamp")
    view, action, user = _object(inner.view), _object(inner.action), _object(inner.usr)
    kind = _text(inner.type) or ("action" if action else "view" if view else "")
    spent: Any = view.get("time_spent") if kind == "view" else None
    is_time = isinstance(spent, int | float) and not isinstance(spent, bool)
    return RumEvent(
        id=_text(found.id),
        at=any_instant(moment),
        type=kind,
        name=_action_name(action),
        action_type=_field(action, "type"),
        url=_field(view, "url"),
        view_id=_text(view.get("id")),
        dwell=seconds(spent) if is_time else None,
        rum_session=_text(_object(inner.session).get("id")),
        user_id=_text(user.get("id")),
        user_email=_field(user, "email"),
        context=_flat_enough(_object(inner.context), row),
        feature_flags=_flat_enough(_object(inner.feature_flags), row),
        frustrations=frustration_types(action.get("frustration")),
        error=_field(inner.error, "message") if kind == "error" else "",
        error_source=_field(inner.error, "source") if kind == "error" else "",
    )


def _action_name(action: dict[str, Any]) -> str:
    """Return an action's name, else that of its target, else its type (`application_start`)."""
    target = _object(action.get("target"))
    return _field(action, "name") or _field(target, "name") or _field(action, "type")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _field(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _flat_enough(value: dict[str, Any] | None, row: bytes) -> dict[str, Any]:
    """Return what an app attached, without unrealistically deep nesting."""
    return {} if not value or is_too_deep(value, row.count(b"{") + row.count(b"[")) else value


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _of_text(payload: Payload, text: str) -> RumAnswer:
    table = read_table(text, payload.name)
    if table is None:
        raise UnusableInputError(
            f"{payload.name} ({payload.envelope}) is {described(payload, Shape.OTHER)}; "
            "expected a table with a tab between cells and a header row with columns such as "
            "timestamp, view_url or @action.name"
        )
    lacks = table.displayed is not None and table.displayed > table.rows
    told = f"{payload.name}: {table.displayed} rows were sent and {table.rows} are here"
    return RumAnswer(
        table.events,
        table.sessions,
        rows=table.rows,
        is_truncated=table.is_truncated or table.rows == MCP_ROWS or lacks,
        is_table=True,
        notes=(told,) if lacks else (),
        unreadable=table.unreadable,
    )


def _of_buckets(payload: Payload) -> RumAnswer:
    value = msgspec.json.decode(payload.data)
    inner = value.get("data", value) if isinstance(value, dict) else {}
    buckets = inner.get("buckets", []) if isinstance(inner, dict) else []
    counts = tuple(
        (", ".join(map(str, bucket.get("by", {}).values())) or "all", int(count))
        for bucket in buckets
        if isinstance(bucket, dict)
        for count in list(bucket.get("computes", {}).values())[:1]
        if isinstance(count, int | float)
    )
    note = f"{payload.name}: counts alone, which have no timeline; ask for the events to see when"
    return RumAnswer(counts=counts, rows=len(buckets), notes=(note,))
