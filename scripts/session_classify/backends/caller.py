"""The protocol of a client that makes single calls for a live backend."""

from typing import Protocol

from session_classify.backends.meter import Meter
from session_classify.queries.call import Call


class Caller(Protocol):
    """A client that makes one call at a time."""

    @property
    def name(self) -> str:
        """The backend as the case records it."""

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""

    @property
    def identity(self) -> str:
        """What the answers depend on: address, site and credentials.

        It contains keys, so it is neither printed nor written.
        """

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return the answer to a call, or an error message in its place.

        Raises AuthError when no call will be answered, UnreachableError when the server is not
        reachable.
        """

    def close(self) -> None:
        """Cancel running calls and release resources."""
