"""Who is asked about what happened around a session, and what is there without asking."""

from collections.abc import Callable
from dataclasses import dataclass

from session_classify.queries.call import Call, Received
from session_classify.wire.trace.spans import Span

Ask = Callable[[tuple[Call, ...]], tuple[Received, ...]]
"""Makes calls and returns their answers in order, or what was said instead; none where nobody is
there to ask."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came with the session itself."""

    rum: tuple[Received, ...] = ()
    audit: tuple[Received, ...] = ()
    spans: tuple[Span, ...] = ()
    """Spans of other sessions, too."""
