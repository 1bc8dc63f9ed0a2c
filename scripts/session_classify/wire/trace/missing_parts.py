"""What of a turn is not there: placeholders in its spans and messages, dropped spans.

In go the spans and messages of a turn, out come counts by reason. A value of a span counts once, a
message once where it is new; what a later message repeats of a tool span counts no second time.
"""

from collections.abc import Iterable, Iterator

from session_classify.masks import Missing, MissingParts, counted_parts, media_in, placeholder
from session_classify.wire.messages.parts import Message
from session_classify.wire.trace.spans import Content, Span
from session_classify.wire.trace.structure import TOOL_KINDS


def missing_parts(spans: Iterable[Span], messages: Iterable[Message]) -> tuple[MissingParts, ...]:
    """Return how many parts of a turn are missing, by reason; the messages are those new in it."""
    here, told = list(spans), list(messages)
    found = [why for span in here for why in _of_span(span)]
    found += [why for message in told for why in _of_message(message)]
    in_spans = [why for span in here if span.kind in TOOL_KINDS for why in _of_value(span.output)]
    results = [why for m in told for r in m.results if (why := placeholder(r.text))]
    found += results[len(in_spans) :]
    return counted_parts(found)


def _of_span(span: Span) -> Iterator[Missing]:
    yield from _of_value(span.input)
    yield from _of_value(span.output)
    if span.is_dropped and span.input == span.output == Content():
        yield Missing.DROPPED


def _of_value(side: Content) -> Iterator[Missing]:
    if isinstance(side.value, str) and (why := placeholder(side.value)):
        yield why


def _of_message(message: Message) -> Iterator[Missing]:
    if why := placeholder(message.text):
        yield why
    else:
        yield from [Missing.MEDIA] * media_in(message.text)
    for call in message.calls:
        if isinstance(call.arguments, str) and (why := placeholder(call.arguments)):
            yield why
