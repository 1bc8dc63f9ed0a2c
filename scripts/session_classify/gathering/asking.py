"""The source of data around a session: calls to a backend, or recorded rows."""

from collections.abc import Callable

import msgspec

from session_classify.queries.call import Call, Received
from session_classify.wire.trace.spans import Span

Ask = Callable[[tuple[Call, ...]], tuple[Received, ...]]
"""Makes calls and returns answers or error messages in order; nothing without a live backend."""


class Recorded(msgspec.Struct, frozen=True):
    """Data around a session that came with the session itself."""

    rum: tuple[Received, ...] = ()
    audit: tuple[Received, ...] = ()
    spans: tuple[Span, ...] = ()
    """Spans, also of other sessions."""
