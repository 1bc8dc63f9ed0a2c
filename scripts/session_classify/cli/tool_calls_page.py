"""Generate the page of all calls to backends: MCP tools beside pup commands."""

import json
import shlex
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from session_classify.events import Asset, Times
from session_classify.instants import any_instant
from session_classify.model import Identity
from session_classify.queries import audit, rum, trace
from session_classify.queries.call import Call
from session_classify.queries.rum_counts import CountQuery, rum_counts
from session_classify.queries.rum_filters import of_email, of_sessions
from session_classify.vocabulary import Unit

_HEAD = """\
# The calls to Datadog

Generated from the code that makes them (`make reference`). Each call has its window written out, \
since the servers' defaults would find nothing. In place of the ids and times here stand those of \
your session. An MCP call also has `"telemetry": {"intent": "…"}` with its purpose \
([backends](backends.md#calls-of-an-agent-client)).
"""
_START = any_instant("2026-11-20T10:00:00Z")
_END = _START + timedelta(minutes=5)
_TIMES = Times(_START, _END)
_ANA = Identity(user_handle="ana@example.com")


def tool_calls_page() -> str:
    """Return the Markdown page: a section per step, a call per purpose in both forms."""
    sections = [
        f"\n## {title}\n\n{about}\n" + "".join(map(_shown, calls))
        for title, about, calls in _steps()
    ]
    return _HEAD + "".join(sections)


def _steps() -> Iterator[tuple[str, str, tuple[tuple[str, Call], ...]]]:
    """Yield title, description and calls of each step."""
    session, span = Unit.SESSION, ("TRACE_ID", "SPAN_ID")
    yield (
        "The session",
        "First the spans of its turns; then, for each turn, the first of these that has content.",
        (
            ("The turns of a session", trace.search(session, "SESSION_ID")),
            ("The spans of a trace", trace.search(Unit.TRACE, "TRACE_ID")),
            ("Evaluations, and what content there is", trace.details(session, *span)),
            ("The agent loop of a turn", trace.agent_loop(session, *span)),
            ("The model spans below a span", trace.expand(session, *span)),
            ("The messages of a model span", trace.content(session, *span, "messages")),
            ("All spans with their content (the API alone)", trace.export(session, "SESSION_ID")),
        ),
    )
    window = rum.behaviour_window(_START, _END)
    yield (
        "What the user did (RUM)",
        "From half an hour before the session to an hour after.",
        (
            ("The user's RUM sessions, within 30 days", rum.rum_lookup(_ANA, _START)),
            ("Page views", rum.rum_views(of_sessions(["RUM_SESSION_ID"]), window)),
            ("Actions", rum.rum_actions(of_email(_ANA.user_handle), window)),
            (
                "Counts by facet",
                rum_counts(CountQuery(user_email=_ANA.user_handle, group_by=("@session.id",))),
            ),
        ),
    )
    yield (
        "The audit trail",
        "Only where the session wrote something, or an asset is known.",
        (
            ("The history of an asset", audit.history(Asset("dashboard", "ASSET_ID"), _TIMES)),
            (
                "The user's requests to it",
                audit.targeted(_ANA, ["/api/v1/dashboard/ASSET_ID"], _TIMES),
            ),
            ("Everything of the user around the session", audit.broad(_ANA, _TIMES)),
            ("Everything after it, where that was cut", audit.broad_after(_ANA, _TIMES)),
        ),
    )


def _shown(titled: tuple[str, Call]) -> str:
    title, call = titled
    tool = f"{call.tool} {json.dumps(call.arguments, ensure_ascii=False)}"
    command = shlex.join(("pup", *call.pup)) if call.pup else "(pup has no such command)"
    return f"\n{title}:\n\n```\n{tool}\n{command}\n```\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(tool_calls_page(), encoding="utf-8")
