"""Join the three records of a tool call: the model's request, the result it got, the tool span."""

from dataclasses import dataclass, field

from session_classify.instants import instant
from session_classify.jsontext import compact_json, parsed
from session_classify.masks import is_masked
from session_classify.model import JsonValue, ToolCall
from session_classify.wire.messages import CallPart, Message
from session_classify.wire.spans import Span


@dataclass(slots=True)
class OpenCall:
    """A call while its session is being read; finished by `tool_call`."""

    name: str
    arguments: JsonValue
    tool_id: str = ""
    result: str | None = None
    span: Span | None = None
    asked_at: int = 0


@dataclass(slots=True)
class CallBook:
    """The calls of a session in the making, in order, some still without their result."""

    calls: list[OpenCall] = field(default_factory=list)

    def ask(self, part: CallPart, at: int) -> OpenCall:
        """Write down a call that the model asked for at `at` nanoseconds."""
        call = OpenCall(part.name, part.arguments, part.tool_id, asked_at=at)
        self.calls.append(call)
        return call

    def answer(self, messages: tuple[Message, ...]) -> None:
        """Give each result in the messages to the call that waits for it.

        By tool id where both carry one; else by name to the oldest waiting call of that name, as
        results follow their calls in order. A result that nobody waits for is a repetition of
        earlier history and is dropped.
        """
        for message in messages:
            for part in message.results:
                waiting = [call for call in self.calls if call.result is None]
                match = next(
                    (call for call in waiting if part.tool_id and call.tool_id == part.tool_id),
                    None,
                ) or next(
                    (
                        call
                        for call in waiting
                        if not (part.tool_id and call.tool_id)
                        and (call.name == part.name or not part.name)
                    ),
                    None,
                )
                if match is not None:
                    match.result = part.text


def attach_spans(calls: list[OpenCall], spans: list[Span]) -> list[Span]:
    """Give each tool span of a turn to its call; return the spans that no call asked for.

    A tool span carries no tool id (datadog-wire 3), so name and time decide, and equal arguments
    come before mere order. Both lists are in time order.
    """
    unasked: list[Span] = []
    for span in spans:
        arguments = span_arguments(span)
        free = [
            call
            for call in calls
            if call.span is None and call.asked_at <= span.start and _same_tool(call, span)
        ]
        free.sort(key=lambda call: call.arguments != arguments)
        if free:
            free[0].span = span
        else:
            unasked.append(span)
    return unasked


def span_arguments(span: Span) -> JsonValue:
    """Return what the tool was called with, as its span recorded it."""
    return {} if span.input.value is None else parsed(span.input.value)


def tool_call(call: OpenCall, number: int) -> ToolCall:
    """Close the book on a call: the result is what the model was given, else what the span holds.

    A tool that failed has no output on its span, so the span's error stands in for the result.
    """
    span = call.span
    output = None if span is None or span.output.value is None else compact_json(span.output.value)
    result = output if call.result is None or (is_masked(call.result) and output) else call.result
    failed = span is not None and (span.status == "error" or span.tag("error") == "1")
    return ToolCall(
        id=f"tool{number}",
        name=call.name,
        arguments=_fuller(call.arguments, span_arguments(span) if span else None),
        result=result,
        error=((span.error if span else "") or "error") if failed else None,
        tool_id=call.tool_id,
        span_id=span.span_id if span else "",
        start=instant(span.start) if span else None,
        tags=span.tags if span else (),
    )


def _fuller(asked: JsonValue, recorded: JsonValue) -> JsonValue:
    """Return what the span recorded where that is all the model asked for and more."""
    if isinstance(asked, dict) and isinstance(recorded, dict):
        extends = all(key in recorded and recorded[key] == asked[key] for key in asked)
        return recorded if extends else asked
    return asked


def _same_tool(call: OpenCall, span: Span) -> bool:
    """Compare names; live recordings of coding agents append what the call is for."""
    return span.name == call.name or span.name.startswith(call.name + " - ")
