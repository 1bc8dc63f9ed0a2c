"""The calls that export all that happened in a window, page by page, oldest first.

pup and the MCP tools have none of them. The window's ends are included or not as the server
likes: rows are kept by their own times.
"""

from collections.abc import Iterable

from session_classify.instants import stamp
from session_classify.queries.audit import NOISE
from session_classify.queries.call import Call
from session_classify.queries.quoting import quoted
from session_classify.queries.rum import Window

RUM, AUDIT = "search_rum_events", "search_audit_events"
MOST = 1_000
"""Most rows of a page of events.

Source: `references/sources/rum.md#rum-events`, `references/sources/audit.md#audit-events`.
"""


def bulk_rum(
    ids: Iterable[str], emails: Iterable[str], window: Window, cursor: str = "", limit: int = MOST
) -> Call:
    """Export the views and actions of users, who are named by id or e-mail; one is needed."""
    named = [
        f"{field}:({' OR '.join(map(quoted, values))})"
        for field, values in (("@usr.id", tuple(ids)), ("@usr.email", tuple(emails)))
        if values
    ]
    return _events(RUM, f"@type:(view OR action) ({' OR '.join(named)})", window, cursor, limit)


def bulk_audit(window: Window, cursor: str = "", limit: int = MOST) -> Call:
    """Export the audit trail of all actors, without what browsers request by themselves."""
    query = " ".join(f"-@http.url_details.path:{path}" for path in NOISE)
    return _events(AUDIT, query, window, cursor, limit)


def _events(tool: str, query: str, window: Window, cursor: str, limit: int) -> Call:
    asked = {"query": query, "from": stamp(window.start), "to": stamp(window.end), "limit": limit}
    return Call(tool, {**asked, **({"cursor": cursor} if cursor else {})}, ())
