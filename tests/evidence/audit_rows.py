"""Audit rows and sessions for tests, out of the short notation of `situations/audit-*`.

All of it is made up: Ana's session has turns of 30 s, a minute apart, from 12:01 on.
"""

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from msgspec.structs import replace

from datadog_standin.events import audit_events
from datadog_standin.recording import Recording
from session_classify.events import Times
from session_classify.evidence.audit.context import AuditContext, context_of, trail_times
from session_classify.evidence.audit.phases import AuditTrail, audit_trail
from session_classify.evidence.conversation.ledger import ledger
from session_classify.evidence.conversation.tool_results import read_results
from session_classify.instants import stamp
from session_classify.model import Identity, Session
from session_classify.profiles.load import choose_profile
from session_classify.profiles.profile import Profile
from session_classify.queries.call import Call
from session_classify.resources import resource
from session_classify.wire.audit import AuditRead, read_audit
from tests.evidence.build import a_call, a_session, a_turn

ANA = Identity(user_handle="ana@example.com", usr_id="u-42")
WHO: dict[str, dict[str, Any]] = {
    "user": {"usr": {"id": "u-42", "email": "ana@example.com"}, "actor": "USER"},
    "user in capitals": {"usr": {"email": "Ana@Example.com"}, "actor": "user"},
    "user by number": {"usr": {"id": "u-42"}, "actor": "USER"},
    "colleague": {"usr": {"id": "u-7", "email": "bo@example.com"}, "actor": "USER"},
    "key": {"usr": {"id": "u-42", "email": "ana@example.com"}, "actor": "API_KEY"},
    "support": {"usr": {"id": "u-42", "email": "ana@example.com"}, "actor": "SUPPORT_USER"},
    "mcp": {
        "usr": {"id": "u-42", "email": "ana@example.com"},
        "actor": "USER",
        "name": "MCP Server",
    },
    "program": {
        "usr": {"id": "u-42", "email": "ana@example.com"},
        "actor": "USER",
        "auth": "API + App Key",
    },
    "user by uuid": {"usr": {"uuid": "0ed5718a-0000-4000-8000-da7ad0900002"}, "actor": "USER"},
    "program by uuid": {
        "usr": {"uuid": "0ed5718a-0000-4000-8000-da7ad0900003"},
        "actor": "USER",
        "auth": "API + App Key",
    },
    "nobody": {"usr": {}, "actor": ""},
}
UPDATED = {
    "tool": "update_dashboard",
    "kind": "write",
    "arguments": {"dashboard_id": "abc-123"},
    "result": '{"id": "abc-123", "title": "Latency"}',
}
WORDS: dict[str, list[dict[str, Any]]] = {
    "the assistant adds w-3": [
        {"start": 10, "who": "mcp", "http": "PUT 200"},
        {"start": 10.2, "action": "modified", "widgets": [[1, 2], [1, 2, 3]]},
    ],
    "the assistant puts": [{"start": 10, "http": "PUT 200"}],
    "the user reads": [{"end": 600, "http": "GET 200", "path": "/api/v1/hosts"}],
    "the user read before": [{"start": -600, "http": "GET 200", "path": "/api/v1/hosts"}],
}


def a_case(sample: dict[str, Any]) -> tuple[Session, Profile]:
    """Return the session of a sample and its profile; without turns, a dashboard was updated."""
    turns = []
    for calls in sample.get("turns", [[UPDATED]]):
        made = [
            a_call(c["tool"], c.get("kind", "read"), c.get("result"), **c.get("arguments", {}))
            for c in calls
        ]
        stop = sample.get("stop", "end_turn")
        turns.append(a_turn("Please do it", sample.get("answer", "Done."), *made, stop_reason=stop))
    return replace(a_session(*turns), identity=ANA), _profile(sample.get("app", "generic"))


@cache
def _profile(name: str) -> Profile:
    return choose_profile("", resource("references", "apps", f"{name}.yaml"))


def a_setting(sample: dict[str, Any]) -> tuple[AuditContext, Profile]:
    """Return what the rows of a sample are held against."""
    session, profile = a_case(sample)
    readings = read_results(session)
    return context_of(session, profile, readings, ledger(readings)), profile


def a_trail(sample: dict[str, Any], *, backwards: bool = False) -> tuple[AuditTrail, Profile]:
    """Return the trail of a sample's rows, and the profile."""
    context, profile = a_setting(sample)
    rows = raw_rows(sample, context.times)
    read = read_audit(rows[::-1] if backwards else rows, "audit.jsonl")
    assert not read.unreadable
    return audit_trail(read.events, context, profile), profile


def raw_rows(sample: dict[str, Any], times: Times | None = None) -> list[bytes]:
    """Return a sample's rows as the search answers them, one JSON object each, newest first."""
    times = times or trail_times(a_case(sample)[0])
    rows = [
        short
        for entry in sample["rows"]
        for short in (WORDS[entry] if isinstance(entry, str) else [entry])
    ]
    many = [
        {**row, "end": row["end"] + n * row.get("every", 0)} if n else row
        for row in rows
        for n in range(row.get("times", 1))
    ]
    return [_raw(f"made-up-{n}", row, times) for n, row in enumerate(many, 1)][::-1]


def answered(call: Call, recording: Recording, now: datetime) -> AuditRead:
    """Answer a call of the audit search as pup's would be: by the newest rows of a recording."""
    asked = {key: call.arguments[key] for key in ("query", "from", "to")}
    body = {"filter": asked, "page": {"limit": call.arguments["limit"]}, "sort": "-timestamp"}
    rows = audit_events(recording, body, int(now.timestamp() * 1000))["data"]
    return read_audit([json.dumps(row).encode() for row in rows], call.tool)


def _raw(number: str, row: dict[str, Any], times: Times) -> bytes:
    who = WHO[row.get("who", "user")]
    at = row.get("at") or stamp(_instant(row, times))
    evt: dict[str, Any] = {"name": who.get("name", "Request"), "actor": {"type": who["actor"]}}
    inner: dict[str, Any] = {"timestamp": at, "usr": who["usr"], "evt": evt, "action": "accessed"}
    if "auth" in who:
        inner["auth_method"] = who["auth"]
    if "http" in row:
        method, status = row["http"].split()
        path = row.get("path", "/api/v1/dashboard/abc-123")
        inner["http"] = {
            "method": method,
            "status_code": int(status),
            "url_details": {"path": path},
        }
    if "action" in row:
        kind, identifier = row.get("asset", "dashboard abc-123").split()
        states = dict(zip(("prev_value", "new_value"), _states(row), strict=False))
        inner["action"] = row["action"]
        inner["asset"] = {
            "type": kind.strip("-"),
            "id": identifier,
            "name": row.get("name", "Latency"),
            **states,
        }
    attributes = {"timestamp": at, "service": "audit", "attributes": inner}
    return json.dumps(
        {"id": row.get("id", number), "type": "audit", "attributes": attributes}
    ).encode()


def _instant(row: dict[str, Any], times: Times) -> datetime:
    since = times.start if "start" in row else times.end
    return since + timedelta(seconds=row.get("start", row.get("end")))


def _states(row: dict[str, Any]) -> list[Any]:
    if "widgets" in row:
        return [
            {"dashboard_definition": {"widgets": [_widget(w) for w in w_list]}}
            for w_list in row["widgets"]
        ]
    return row.get("states", [])


def _widget(number: int | dict[str, Any]) -> dict[str, Any]:
    """Return a widget by its number; `{n: [inner…]}` is a group."""
    if isinstance(number, dict):
        ((group, inner),) = number.items()
        definition = {"type": "group", "widgets": [_widget(one) for one in inner]}
        return {"id": f"w-{group}", "definition": definition}
    return {"id": f"w-{number}", "definition": {"type": "timeseries", "q": f"p{number}"}}
