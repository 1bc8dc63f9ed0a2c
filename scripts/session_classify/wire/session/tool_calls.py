"""Join the three records of a tool call: the model's request, the result it got, the tool span."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import msgspec

from session_classify.instants import instant
from session_classify.jsontext import compact_json
from session_classify.masks import is_masked
from session_classify.model import JsonValue, ToolCall
from session_classify.vocabulary import ToolKind
from session_classify.wire.messages.parts import CallPart, Message, ResultPart
from session_classify.wire.trace.spans import Span
from session_classify.wire.trace.tool_names import is_same_tool
from session_classify.wire.trace.tool_spans import recorded_call


class PendingCall(msgspec.Struct):
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


class CallTracker(msgspec.Struct):
    """The calls of a session in the making, in order, some still without their result."""

    calls: list[PendingCall] = []
    _by_key: dict[_Key, list[PendingCall]] = msgspec.field(
        default_factory=lambda: defaultdict(list)
    )
    _by_id: dict[str, list[PendingCall]] = msgspec.field(default_factory=lambda: defaultdict(list))

    def ask(self, part: CallPart, at: int) -> PendingCall:
        """Write down a call that the model asked for at `at` nanoseconds."""
        call = PendingCall(part.name, part.arguments, part.tool_id, asked_at=at)
        self.calls.append(call)
        self._by_key[_key(part)].append(call)
        if part.tool_id:
            self._by_id[part.tool_id].append(call)
        return call

    def answer(self, messages: tuple[Message, ...], shared: int) -> None:
        """Give the results in the messages from `shared` on to the calls that wait for them.

        A result belongs to the run of calls before it: the calls of one answer may lie in several
        messages, and so may their results. Of equal calls the last ones in the messages are the
        last ones asked: so a history that is repeated, cut or summarised joins nothing twice. A
        result with no call before it goes by tool id, else by name to the oldest call that waits.
        """
        groups: list[tuple[list[CallPart], list[ResultPart]]] = []
        is_open = False
        start = _run_before(messages, shared)
        for place, message in enumerate(messages[start:], start=start):
            if message.calls and is_open:
                groups[-1][0].extend(message.calls)
            elif message.calls:
                groups.append((list(message.calls), []))
            is_open = _stays_open(message, is_open=is_open)
            if place >= shared and message.results:
                if groups:
                    groups[-1][1].extend(message.results)
                else:
                    give([call for call in self.calls if call.result is None], message.results)
        self._align(groups)

    def _align(self, groups: list[tuple[list[CallPart], list[ResultPart]]]) -> None:
        """Match the calls in the messages with those in the book, from the last one back."""
        left: dict[_Key, int] = {}
        for parts, results in reversed(groups):
            asked = []
            for part in reversed(parts):
                key = _key(part)
                known = self._asked(part)
                place = left.setdefault(key, len(known)) - 1
                left[key] = place
                if place >= 0:
                    asked.append(known[place])
            here = {part.tool_id for part in parts}
            for result in give(asked[::-1], results):
                waiting = [c for c in self._by_id.get(result.tool_id, ()) if c.result is None]
                if result.tool_id not in here and len(waiting) == 1:
                    give(waiting, [result])

    def _asked(self, part: CallPart) -> list[PendingCall]:
        """Return the calls that a part of a history repeats; its id is enough, if it has one."""
        return self._by_key.get(_key(part)) or [
            call for call in self._by_id.get(part.tool_id, ()) if call.name == part.name
        ]

    def with_id(self, tool_id: str) -> PendingCall | None:
        """Return the last call that was asked with an id."""
        return self._by_id[tool_id][-1] if tool_id in self._by_id else None


def _run_before(messages: tuple[Message, ...], shared: int) -> int:
    """Return where the last run of calls before `shared` begins; `shared` where there is none."""
    start = next((i for i in range(shared - 1, -1, -1) if messages[i].calls), shared)
    while 0 < start < shared and _stays_open(messages[start - 1], is_open=True):
        start -= 1
    return start


def _stays_open(message: Message, *, is_open: bool) -> bool:
    """Tell whether calls of the next message may be of the same answer as those before it."""
    if message.results:
        return False
    return bool(message.calls) or (is_open and bool(message.reasoning) and not message.text)


def _key(part: CallPart) -> _Key:
    return part.tool_id, part.name, compact_json(part.arguments)


def give(calls: list[PendingCall], results: Iterable[ResultPart]) -> list[ResultPart]:
    """Give each result to its call: by tool id where both carry one, else by name in order.

    Returns the results that no call takes.
    """
    taken: set[int] = set()
    left = []
    for part in results:
        free = [call for call in calls if id(call) not in taken]
        by_id = [call for call in free if part.tool_id and call.tool_id == part.tool_id]
        by_name = [
            call
            for call in free
            if not (part.tool_id and call.tool_id) and part.name in ("", call.name)
        ]
        chosen = (by_id or by_name)[:1]
        for call in chosen:
            taken.add(id(call))
            if call.result is None:
                call.result, call.failed = part.text, part.is_error
        if not chosen:
            left.append(part)
    return left


def attach_spans(calls: list[PendingCall], spans: list[Span]) -> list[Span]:
    """Give each tool span of a turn to its call; return the spans that no call asked for.

    The id of the call decides where the span carries one. Where it carries none, name and time do:
    first for equal arguments, then where the span recorded those and more, then in order. Both
    lists are in time order.
    """
    recorded = [(span, recorded_call(span)) for span in spans]
    left = [(span, call) for span, call in recorded if not _attached_by_id(calls, span, call)]
    for fits in (_equal, _extends, _any):
        left = [(span, ran) for span, ran in left if not _attached(calls, span, ran, fits)]
    return [span for span, _ in left]


def _attached(
    calls: list[PendingCall],
    span: Span,
    recorded: CallPart,
    fits: Callable[[JsonValue, JsonValue], bool],
) -> bool:
    """Give a span to the first free call that it fits by name, time and arguments, if any."""
    for call in calls:
        if (
            call.span is None
            and call.asked_at <= span.start
            and is_same_tool(call.name, span.name)
            and not (call.tool_id and recorded.tool_id)
            and fits(call.arguments, recorded.arguments)
        ):
            call.span = span
            return True
    return False


def _attached_by_id(calls: list[PendingCall], span: Span, recorded: CallPart) -> bool:
    """Give a span to the call whose id it carries; tell whether there is one."""
    tool_id = recorded.tool_id
    if not tool_id:
        return False
    same = [call for call in calls if call.tool_id == tool_id]
    named = [call for call in same if is_same_tool(call.name, span.name)] or same
    free = [call for call in named if call.span is None]
    for call in (free or named)[:1]:
        run_again(call, span)
    return bool(named)


def run_again(call: PendingCall, span: Span) -> None:
    """Let the last of several runs of a call count; a span inside another one is the same run."""
    if call.span is None or span.start >= call.span.end:
        call.span = span


def unasked(span: Span) -> PendingCall:
    """Return the call that a tool span is by itself: no recorded model call asked for it.

    A retrieval is a call of the app's own, and reads by its nature.
    """
    kind = ToolKind.READ if span.kind == "retrieval" else ToolKind.UNKNOWN
    recorded = recorded_call(span)
    return PendingCall(
        span.name, recorded.arguments, recorded.tool_id, span=span, asked_at=span.start, kind=kind
    )


def _equal(asked: JsonValue, recorded: JsonValue) -> bool:
    return bool(asked == recorded)


def _extends(asked: JsonValue, recorded: JsonValue) -> bool:
    """Tell whether the span recorded all that the model asked for, and perhaps more."""
    if not (isinstance(asked, dict) and isinstance(recorded, dict) and asked):
        return False
    return all(key in recorded and recorded[key] == asked[key] for key in asked)


def _any(asked: JsonValue, recorded: JsonValue) -> bool:  # noqa: ARG001  the last resort
    return True


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
    if span is not None and _extends(arguments, recorded := recorded_call(span).arguments):
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
