"""Where raw data comes from: one module per place, behind one small protocol."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from session_classify.queries.call import Call
from session_classify.vocabulary import Unit


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer as it was received; `name` is its file in the case's `raw/`."""

    name: str
    shape: Literal["spans", "rum", "audit", "any"]
    """`spans`, `rum` and `audit` are rows, one a line; `any` tells itself by its content."""
    chunks: Iterator[bytes]
    origin: str = ""
    """Where a person finds it, where that is somewhere else."""
    about: Call | None = None
    """The call that it answers, where that is known."""


class Backend(Protocol):
    """A place that data comes from. Nothing outside this folder knows which one it is."""

    @property
    def name(self) -> str:
        """The backend as the case records it, such as `bundle:PATH`."""

    @property
    def site(self) -> str:
        """The Datadog site that links lead to."""

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:
        """Yield the raw answers that hold the unit; they may hold more than it."""

    @property
    def answers_calls(self) -> bool:
        """Whether anything beyond `answers` can be asked for."""

    def more(self, calls: tuple[Call, ...], *, needed: bool = True) -> Iterator[RawAnswer]:
        """Yield the answers to further calls, in their order; nothing where nobody can be asked.

        A call that is not needed ends nothing: what was said instead is its answer.
        """

    def done(self, *, made: bool) -> str:
        """Tidy up, whether or not a case was made, and say in one line what it took.

        It is empty for files.
        """


class CompleteBackend:
    """What backends share that have everything from the start: nothing more can be asked for."""

    __slots__ = ()

    @property
    def answers_calls(self) -> bool:
        """Nobody is there to answer a call."""
        return False

    def more(
        self,
        calls: tuple[Call, ...],  # noqa: ARG002
        *,
        needed: bool = True,  # noqa: ARG002
    ) -> Iterator[RawAnswer]:
        """Yield nothing."""
        return iter(())

    def done(self, *, made: bool) -> str:  # noqa: ARG002
        """Say nothing: it takes no calls worth telling."""
        return ""
