"""Answers that were received before, each with its call: they are replayed, none is fetched."""

from collections.abc import Iterable, Iterator

import msgspec

from session_classify.backends import RawAnswer
from session_classify.backends.client.preferred import preferred
from session_classify.backends.failures import Failure, Kind, as_answer
from session_classify.backends.fallback import AUDIT
from session_classify.errors import UnreachableError
from session_classify.queries.call import Call, RecordedAnswer
from session_classify.queries.call_key import call_key
from session_classify.queries.intents import invocation_of
from session_classify.queries.trace import search
from session_classify.vocabulary import Unit

_NO_RUN = "00000000"
"""The run of calls that were made without a purpose."""
_NO_TOOL = as_answer("no MCP tool reads the audit trail", Failure(Kind.NO_ACCESS))


class RecordedAnswers(msgspec.Struct, frozen=True):
    """Recorded answers as a backend. A call without one is kept in `unanswered`."""

    name: str
    site: str
    by_key: dict[str, tuple[RecordedAnswer, ...]]
    """The answers to each call by `call_key`, from the oldest to the newest."""
    invocation: str
    """The run that the recorded calls name: 8 hex digits."""
    missing: dict[str, Call] = {}

    def answers(self, unit: Unit, unit_id: str) -> Iterator[RawAnswer]:
        """Yield the initial list of spans; raises UnreachableError if it was not received."""
        first = search(unit, unit_id)
        if self.first_missing(unit, unit_id):
            raise UnreachableError(
                f"{self.name} has no list of the spans of {unit} {unit_id}; make this call, then "
                f"repeat the command: {first.as_tool_call(self.invocation)}"
            )
        return self.more((first,))

    def first_missing(self, unit: Unit, unit_id: str) -> dict[str, str]:
        """Return the call for the list of spans by its key, if nothing answered it."""
        first = search(unit, unit_id)
        key, (found, _) = self._of(first)
        return {} if found else {key: first.as_tool_call(self.invocation)}

    @property
    def answers_calls(self) -> bool:
        """True: a call is answered if its answer was recorded."""
        return True

    @property
    def unanswered(self) -> dict[str, str]:
        """The calls without a recorded answer, in the order of need."""
        return {key: call.as_tool_call(self.invocation) for key, call in self.missing.items()}

    def more(self, calls: tuple[Call, ...], *, needed: bool = True) -> Iterator[RawAnswer]:
        """Yield the recorded answers to calls in their order; nothing for one without an answer.

        If no tool answers a call that is not needed, the message that says so is its answer.
        """
        for call in calls:
            key, (found, is_enough) = self._of(call)
            name = f"{call.tool}-{key}"
            if call.tool == AUDIT and not found and not needed:
                yield RawAnswer(name, "any", iter([_NO_TOOL]), about=call)
            elif call.tool != AUDIT and not is_enough:
                self.missing.setdefault(key, call)
            for number, one in enumerate(found, 1):
                more = f"-{number}" if number > 1 else ""
                yield RawAnswer(f"{name}{more}", "any", iter([one.data]), about=call)

    def _of(self, call: Call) -> tuple[str, tuple[tuple[RecordedAnswer, ...], bool]]:
        """Return the key of a call, its answers, and whether they are enough."""
        key = call_key(call.tool, call.arguments)
        return key, preferred(call, self.by_key.get(key, ()))

    def done(self, *, made: bool) -> str:  # noqa: ARG002
        """Return an empty line: nothing was fetched."""
        return ""


def recorded(name: str, site: str, answers: Iterable[RecordedAnswer]) -> RecordedAnswers:
    """Return the backend of recorded answers, from the oldest to the newest."""
    by_key: dict[str, tuple[RecordedAnswer, ...]] = {}
    invocation = _NO_RUN
    for one in answers:
        key = call_key(one.tool, one.arguments)
        by_key[key] = (*by_key.get(key, ()), one)
        invocation = invocation_of(one.arguments) or invocation
    return RecordedAnswers(name, site, by_key, invocation)
