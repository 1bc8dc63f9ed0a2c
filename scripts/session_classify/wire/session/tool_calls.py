"""Join the three records of a tool call: the model's request, the result it got, the tool span."""

from collections import defaultdict
from dataclasses import dataclass, field

from session_classify.instants import instant
from session_classify.jsontext import compact_json, parsed
from session_classify.masks import is_masked
from session_classify.model import JsonValue, ToolCall
from session_classify.vocabulary import ToolKind
from session_classify.wire.trace.messages import CallPart, Message, ResultPart
from session_classify.wire.trace.spans import Span


@dataclass(slots=True)
class PendingCall:
    """A call while its session is being read; finished by `tool_call`."""

    name: str
    arguments: JsonValue
    tool_id: str = ""
    result: str | None = None
    failed: bool = False
    """The result itself was marked as an error."""
    span: Span | None = None
    asked_at: int = 0
    kind: ToolKind = ToolKind.UNKNOWN


_Key = tuple[str, str, str]


TOOL_KINDS = frozenset({"tool", "retrieval"})
"""Kinds of spans that are calls."""


@dataclass(slots=True)
class CallTracker:
    """The calls of a session in the making, in order, some still without their result."""

    calls: list[PendingCall] = field(default_factory=list)
    _by_key: dict[_Key, list[PendingCall]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, part: CallPart, at: int) -> PendingCall:
        """Write down a call that the model asked for at `at` nanoseconds."""
        call = PendingCall(part.name, part.arguments, part.tool_id, asked_at=at)
        self.calls.append(call)
        self._by_key[_key(part)].append(call)
        return call

    def answer(self, messages: tuple[Message, ...], shared: int) -> None:
        """Give the results in the messages from `shared` on to the calls that wait for them.

        A result belongs to the calls of the message before it, and of equal calls the last ones in
        the messages are the last ones asked: so a history that is repeated, cut or summarised joins
        nothing twice. A result with no call before it goes by tool id, else by name to the oldest
        call that waits.
        """
        start = next((i for i in range(shared - 1, -1, -1) if messages[i].calls), shared)
        groups: list[tuple[tuple[CallPart, ...], list[ResultPart]]] = []
        for place, message in enumerate(messages[start:], start=start):
            if message.calls:
                groups.append((message.calls, []))
            if place >= shared and message.results:
                if groups:
                    groups[-1][1].extend(message.results)
                else:
                    self._by_name(message.results)
        self._align(groups)

    def _align(self, groups: list[tuple[tuple[CallPart, ...], list[ResultPart]]]) -> None:
        """Match the calls in the messages with those in the book, from the last one back."""
        left: dict[_Key, int] = {}
        for parts, results in reversed(groups):
            asked = []
            for part in reversed(parts):
                key = _key(part)
                known = self._by_key.get(key, [])
                place = left.setdefault(key, len(known)) - 1
                left[key] = place
                if place >= 0:
                    asked.append(known[place])
            _give(list(reversed(asked)), results)

    def _by_name(self, results: tuple[ResultPart, ...]) -> None:
        waiting = [call for call in self.calls if call.result is None]
        _give(waiting, list(results))


def _key(part: CallPart) -> _Key:
    return part.tool_id, part.name, compact_json(part.arguments)


def _give(calls: list[PendingCall], results: list[ResultPart]) -> None:
    """Give each result to its call: by tool id where both carry one, else by name in order."""
    taken: set[int] = set()
    for part in results:
        free = [call for call in calls if id(call) not in taken]
        by_id = [call for call in free if part.tool_id and call.tool_id == part.tool_id]
        by_name = [
            call
            for call in free
            if not (part.tool_id and call.tool_id) and part.name in ("", call.name)
        ]
        for call in (by_id or by_name)[:1]:
            taken.add(id(call))
            if call.result is None:
                call.result, call.failed = part.text, part.is_error


def attach_spans(calls: list[PendingCall], spans: list[Span]) -> list[Span]:
    """Give each tool span of a turn to its call; return the spans that no call asked for.

    A tool span carries no tool id (datadog-wire 3), so name and time decide: first for equal
    arguments, then where the span recorded those and more, then in order. Both lists are in time
    order.
    """
    left = list(spans)
    for fits in (_equal, _extends, _any):
        rest = []
        for span in left:
            arguments = _span_arguments(span)
            call = next(
                (
                    call
                    for call in calls
                    if call.span is None
                    and call.asked_at <= span.start
                    and _same_tool(call, span)
                    and fits(call.arguments, arguments)
                ),
                None,
            )
            if call is None:
                rest.append(span)
            else:
                call.span = span
        left = rest
    return left


def unasked(span: Span) -> PendingCall:
    """Return the call that a tool span is by itself: no recorded model call asked for it.

    A retrieval is a call of the app's own, and reads by its nature.
    """
    kind = ToolKind.READ if span.kind == "retrieval" else ToolKind.UNKNOWN
    return PendingCall(span.name, _span_arguments(span), span=span, asked_at=span.start, kind=kind)


def _equal(asked: JsonValue, recorded: JsonValue) -> bool:
    return bool(asked == recorded)


def _extends(asked: JsonValue, recorded: JsonValue) -> bool:
    """Tell whether the span recorded all that the model asked for, and perhaps more."""
    if not (isinstance(asked, dict) and isinstance(recorded, dict) and asked):
        return False
    return all(key in recorded and recorded[key] == asked[key] for key in asked)


def _any(asked: JsonValue, recorded: JsonValue) -> bool:  # noqa: ARG001  the last resort
    return True


def _span_arguments(span: Span) -> JsonValue:
    """Return what the tool was called with, as its span recorded it."""
    value = span.input.value
    return {} if value is None or _is_lost(value) else parsed(value)


def _is_lost(value: JsonValue) -> bool:
    """Tell whether a placeholder stands in place of a value."""
    return isinstance(value, str) and is_masked(value)


def tool_call(call: PendingCall, number: int) -> ToolCall:
    """Close the book on a call: the result is what the model was given, else what the span holds.

    A tool that failed has no output on its span, so the span's error stands in for the result.
    """
    span = call.span
    output = None if span is None or span.output.value is None else compact_json(span.output.value)
    result = output if call.result is None or (is_masked(call.result) and output) else call.result
    arguments = {} if _is_lost(call.arguments) else call.arguments
    if span is not None and _extends(arguments, recorded := _span_arguments(span)):
        arguments = recorded
    failed = call.failed or (
        span is not None and (span.status == "error" or span.tag("error") == "1")
    )
    return ToolCall(
        id=f"tool{number}",
        name=call.name,
        arguments=arguments,
        result=result,
        error=((span.error if span else "") or "error") if failed else None,
        kind=call.kind,
        tool_id=call.tool_id,
        span_id=span.span_id if span else "",
        start=instant(span.start) if span else None,
        tags=span.tags if span else (),
    )


def _same_tool(call: PendingCall, span: Span) -> bool:
    """Compare names; recordings prefix what is done, or append what the call is for."""
    return span.name in (call.name, f"execute_tool {call.name}") or span.name.startswith(
        call.name + " - "
    )
