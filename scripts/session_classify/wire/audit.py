"""Decode rows of the audit trail.

Source: `references/sources/audit.md#audit-events`.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from session_classify.backends.failures import Kind, read_failure
from session_classify.errors import UnusableInputError
from session_classify.events import AuditEvent
from session_classify.instants import any_instant
from session_classify.jsontext import DEEPEST, depth, parsed
from session_classify.model import JsonValue
from session_classify.queries.pages import may_go_on, read_page
from session_classify.wire.answers.choose import chosen
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.reasons import described
from session_classify.wire.answers.rows import decoded_row, numbered_rows
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.answers.truncation import says_truncated

_SCOPE = "audit_logs_read"
"""The missing scope in an error message."""
_GOES_ON = ": this page of the audit search ends in a cursor"
_SAID = 200
"""Characters of an error message that are kept."""


class _Row(msgspec.Struct):
    attributes: dict[str, Any]
    id: str | int | None = None


class AuditRead(msgspec.Struct, frozen=True):
    """The decoded answers of audit searches, by time, each event once."""

    events: tuple[AuditEvent, ...] = ()
    unreadable: tuple[str, ...] = ()
    """One line for each row that could not be decoded: file, line number, reason."""
    rows: int = 0
    """All rows, including repeated and unreadable ones: the number that a limit counts."""
    notes: tuple[str, ...] = ()
    """Gaps that an answer reports: a timeout, a further page."""
    refused: str = ""
    """The error message, where access was refused."""
    is_end: bool = False
    """It is an empty page, as the last one of a search."""


def read_audit(lines: Iterable[bytes], name: str) -> AuditRead:
    """Decode one row a line, or the rows of one answer; invalid rows are reported and skipped.

    `name` is the file's name in these reports. Blank lines are ignored. Only this module opens the
    doubly nested attributes.
    """
    events: dict[str, AuditEvent] = {}
    unreadable: list[str] = []
    rows = 0
    for number, line in numbered_rows(lines):
        rows += 1
        try:
            event = _event(decoded_row(_row_decoder, line), line)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError) as error:
            unreadable.append(f"{name}:{number}: no audit row: {error}")
        except RecursionError:
            unreadable.append(f"{name}:{number}: nested too deeply")
        else:
            events[event.id] = event
    return AuditRead(_in_order(events), tuple(unreadable), rows)


def read_audit_answer(data: bytes, name: str) -> AuditRead:
    """Decode one answer in any envelope, or a file with one row a line.

    A refused access is stored in `refused`. Raises UnusableInputError for any other content.
    """
    try:
        payloads = open_envelopes(data, name)
    except UnusableInputError:
        if said := _refusal(data):
            return AuditRead(refused=said)
        raise
    found, lost = chosen(payloads, (Shape.AUDIT, Shape.EMPTY))
    lines = AuditRead(unreadable=lost)
    return merged((*map(read_audit_payload, found), lines, _marked(data, name)))


def read_audit_payload(payload: Payload) -> AuditRead:
    """Decode one answer without envelope; raises UnusableInputError for other types."""
    payload, shape, rows = recognized(payload)
    if shape is Shape.EMPTY:
        return AuditRead(notes=_page_notes(payload, 0), is_end=not read_page(payload.data).after)
    if shape is Shape.ERROR and (said := _refusal(payload.data)):
        return AuditRead(refused=said)
    if shape is not Shape.AUDIT:
        raise UnusableInputError(
            f"{payload.name} ({payload.envelope}) is {described(payload, shape)}; "
            "expected rows of the audit search, such as `pup audit-logs search` prints"
        )
    read = read_audit(rows, payload.name)
    return AuditRead(read.events, read.unreadable, read.rows, _page_notes(payload, read.rows))


def merged(reads: Iterable[AuditRead]) -> AuditRead:
    """Merge answers: windows overlap, so repeated rows count once."""
    listed = list(reads)
    notes = [note for read in listed for note in read.notes]
    is_end = any(read.is_end for read in listed)
    events = {event.id: event for read in listed for event in read.events}
    return AuditRead(
        _in_order(events),
        tuple(line for read in listed for line in read.unreadable),
        sum(read.rows for read in listed),
        tuple(dict.fromkeys(note for note in notes if not (is_end and note.endswith(_GOES_ON)))),
        next((read.refused for read in listed if read.refused), ""),
        is_end,
    )


def _in_order(events: dict[str, AuditEvent]) -> tuple[AuditEvent, ...]:
    return tuple(sorted(events.values(), key=lambda event: (event.at, event.id)))


def _marked(data: bytes, name: str) -> AuditRead:
    """Return what the envelope around an answer says of it: that there is more."""
    is_cut = says_truncated(data)
    return AuditRead(notes=(f"{name}: there is more, by its own word",) if is_cut else ())


def _page_notes(payload: Payload, rows: int) -> tuple[str, ...]:
    page = read_page(payload.data)
    told = []
    if page.status == "timeout":
        told.append(f"{payload.name}: the audit search timed out, so rows are missing")
    if may_go_on(page, rows):
        told.append(f"{payload.name}{_GOES_ON}")
    return tuple(told)


def _refusal(data: bytes) -> str:
    """Return the error message if access was refused; empty for other errors."""
    said = " ".join(data[: _SAID * 3].decode("utf-8", "replace").split())
    is_refusal = read_failure(data).kind is Kind.NO_ACCESS or _SCOPE in said
    return said[:_SAID] if is_refusal else ""


_row_decoder = msgspec.json.Decoder(_Row)


def _event(row: _Row, line: bytes) -> AuditEvent:
    outer = row.attributes
    inner = outer.get("attributes")
    if not isinstance(inner, dict):
        inner = outer
    asset, http, usr, evt = (_object(inner, key) for key in ("asset", "http", "usr", "evt"))
    digest = blake2b(line.strip(), digest_size=8).hexdigest()
    return AuditEvent(
        id=_text(row.id) or f"row {digest}",
        at=_at(outer.get("timestamp"), inner.get("timestamp")),
        action=_text(inner.get("action")).lower(),
        event_name=_text(evt.get("name")),
        user_id=_text(usr.get("id")),
        user_email=_text(usr.get("email")),
        actor_type=_text(_object(evt, "actor").get("type")).upper(),
        asset_type=_text(asset.get("type")).lower(),
        asset_id=_text(asset.get("id")),
        asset_name=_text(asset.get("name")),
        new_value=_state(asset.get("new_value")),
        prev_value=_state(asset.get("prev_value")),
        method=_text(http.get("method")).upper(),
        path=_text(_object(http, "url_details").get("path")),
        status=_status(http.get("status_code")),
        user_uuid=_text(usr.get("uuid")),
        automation=_automation(inner, _text(http.get("useragent"))),
    )


_PROGRAMS = (
    "terraform pulumi datadog-api-client curl python-requests wget postman insomnia go-http-client "
    "ansible okhttp axios node-fetch httpie java ruby"
).split()
"""Beginnings of user agents that no person types into."""


def _automation(inner: dict[str, JsonValue], agent: str) -> str:
    """Return what acted in a person's name, by keys and user agent; empty for a browser session.

    Source: `references/sources/audit.md#audit-actors`.
    """
    for name in _PROGRAMS:
        if agent.casefold().startswith(name):
            return name
    keys = _object(inner, "metadata")
    method = _text(inner.get("auth_method")).casefold()
    if _object(keys, "api_key") or _object(keys, "application_key") or "key" in method:
        return "an API key"
    kind = _text(_object(_object(inner, "evt"), "actor").get("type")).casefold()
    return {"other": "no person", "service_account": "a service account"}.get(kind, "")


def _at(*stamps: JsonValue) -> datetime:
    """Return the first readable instant, cut to the millisecond.

    The outer timestamp is documented, the inner one is only stated.
    """
    for stamp in stamps:
        if isinstance(stamp, bool) or not isinstance(stamp, str | int | float) or stamp == "":
            continue
        return any_instant(stamp)
    raise ValueError("it has no timestamp")


def _object(value: dict[str, JsonValue], key: str) -> dict[str, JsonValue]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: JsonValue) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _status(value: JsonValue) -> int | None:
    text = _text(value)
    return int(text) if text.isdecimal() else None


def _state(value: JsonValue) -> JsonValue:
    """Return an asset's state; some senders encode it as a JSON string.

    Python's JSON encoder allows numbers and characters that JSON does not; the result is then None.
    """
    state = parsed(value)
    if not isinstance(state, dict | list) or depth(state) > DEEPEST:
        return None
    try:
        msgspec.json.encode(state)
    except (ValueError, OverflowError):
        return None
    return state
