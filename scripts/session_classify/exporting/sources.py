"""What is exported of a slot: the queries of each source, and how its rows are read."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import msgspec

from session_classify.exporting.rows import Row, Users, event_row, span_row
from session_classify.exporting.slots import Slot
from session_classify.queries.app import exported_spans
from session_classify.queries.bulk import MOST, bulk_audit, bulk_rum
from session_classify.queries.call import Call
from session_classify.queries.rum import AFTER, BEFORE
from session_classify.queries.trace import EXPORTED

SPANS, RUM, AUDIT = "spans", "rum", "audit"
AUDIT_AFTER = timedelta(hours=2)
"""How long after the last span audit rows are exported: as far as a session's own queries reach."""
_USERS = 50
"""Users of one query; a query with many thousands would be refused."""

Query = Callable[[str, int], Call]
"""Returns the call for the page at a cursor, with at most so many rows."""


class Task(msgspec.Struct, frozen=True):
    """What is fetched for one part."""

    source: str
    slot: Slot
    whole: Slot
    """The range of all slots of the source; rows outside of it are dropped."""
    queries: tuple[Query, ...]
    limit: int
    read: Callable[[bytes], Row]

    @property
    def asked(self) -> str:
        """A digest of what is asked for: equal for equal queries."""
        told = "\n".join(str(query("", self.limit)) for query in self.queries)
        return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def span_task(app: str, whole: Slot, slot: Slot) -> Task:
    """Return the task for the app's spans that begin in a slot."""

    def query(cursor: str, limit: int) -> Call:
        return exported_spans(app, slot.window, cursor, limit)

    return Task(SPANS, slot, whole, (query,), EXPORTED, span_row)


def rum_task(users: Users, whole: Slot, slot: Slot) -> Task:
    """Return the task for users' views and actions in a slot; without users it asks for nothing."""

    def query(ids: tuple[str, ...], emails: tuple[str, ...]) -> Query:
        return lambda cursor, limit: bulk_rum(ids, emails, slot.window, cursor, limit)

    asked = tuple(
        query(users.ids[at : at + _USERS], users.emails[at : at + _USERS])
        for at in range(0, max(len(users.ids), len(users.emails)), _USERS)
    )
    return Task(RUM, slot, whole, asked, MOST, event_row)


def audit_task(whole: Slot, slot: Slot) -> Task:
    """Return the task for the audit trail in a slot, by whomever."""

    def query(cursor: str, limit: int) -> Call:
        return bulk_audit(slot.window, cursor, limit)

    return Task(AUDIT, slot, whole, (query,), MOST, event_row)


def around(whole: Slot, source: str, latest: int) -> Slot:
    """Return the range of what happened around spans: from before the first to after the last.

    It ends at `latest`, in milliseconds since 1970, at most: later rows are not there yet.
    """
    after = AUDIT_AFTER if source == AUDIT else AFTER
    end = min(whole.end + after // timedelta(milliseconds=1), latest)
    return Slot(whole.start - BEFORE // timedelta(milliseconds=1), end)


def is_near(spans: Slot, events: Slot) -> bool:
    """Return whether users of a slot's spans may have RUM events in another slot that count."""
    before, after = (span // timedelta(milliseconds=1) for span in (BEFORE, AFTER))
    return spans.start - before < events.end and events.start < spans.end + after
