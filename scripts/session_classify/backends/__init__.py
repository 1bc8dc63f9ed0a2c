"""Sources of raw data: one module per backend, behind one protocol."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from session_classify.queries.call import Call
from session_classify.vocabulary import Unit


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer as received; `name` is its file in the case's `raw/`."""

    name: str
    shape: Literal["spans", "rum", "audit", "any"]
    """`spans`, `rum` and `audit` are rows, one a line; `any` is detected by its content."""
    chunks: Iterator[bytes]
    origin: str = ""
    """The path or address of the original, where it is not the file in `raw/`."""
    about: Call | None = None
    """The call that it answers, where known."""


class Backend(Protocol):
    """A source of data. Code outside this folder does not depend on which one it is."""

    @property
    def name(self) -> str:
        """The backend as the case records it, such as `bundle:PATH`."""

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:
        """Yield the raw answers that contain the unit; they may contain more."""

    @property
    def answers_calls(self) -> bool:
        """Whether it supports follow-up calls."""

    def more(self, calls: tuple[Call, ...], *, needed: bool = True) -> Iterator[RawAnswer]:
        """Yield the answers to follow-up calls in their order; nothing without such support.

        If a call that is not needed fails, its error message is its answer.
        """

    @property
    def unanswered(self) -> dict[str, str]:
        """The calls that an agent has to make, ready to be copied, by `call_key`; usually none."""

    def done(self, *, made: bool) -> str:
        """Release resources and return one line of statistics; `made` says if a case was made.

        The line is empty for files.
        """


class CompleteBackend:
    """Base of backends that have all data from the start: no follow-up calls."""

    __slots__ = ()

    @property
    def answers_calls(self) -> bool:
        """False: no follow-up calls."""
        return False

    def more(
        self,
        calls: tuple[Call, ...],  # noqa: ARG002
        *,
        needed: bool = True,  # noqa: ARG002
    ) -> Iterator[RawAnswer]:
        """Yield nothing."""
        return iter(())

    @property
    def unanswered(self) -> dict[str, str]:
        """None: there are no follow-up calls."""
        return {}

    def done(self, *, made: bool) -> str:  # noqa: ARG002
        """Return an empty line: there were no calls."""
        return ""
