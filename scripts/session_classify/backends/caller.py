"""What a live backend needs: a place that answers one call at a time."""

from typing import Protocol

from session_classify.backends.meter import Meter
from session_classify.queries.call import Call


class Caller(Protocol):
    """A place that answers one call at a time."""

    @property
    def name(self) -> str:
        """The backend as the case records it."""

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""

    @property
    def identity(self) -> str:
        """What decides whose answers these are: address, site, and who asks.

        Keys are in it, so it is neither printed nor written.
        """

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return the answer to a call, or what was said instead of one.

        Raises AuthError when no call will be answered, UnreachableError when nobody is there.
        """

    def close(self) -> None:
        """End what is under way, and what was opened for it."""
