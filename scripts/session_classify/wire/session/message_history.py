"""Read the LLM calls of a turn from message lists that hold the whole conversation so far.

The content of a model span is one list: the input, and at its end the output. So one list holds
the earlier answers, too, whether or not their spans were fetched. What several lists hold counts
once. Source: `references/sources/spans.md#span-content`.
"""

from collections import Counter
from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from session_classify.wire.messages.parts import Message
from session_classify.wire.trace.side_texts import USER_ROLES
from session_classify.wire.trace.spans import Content, Span

_RULES = frozenset({"system", "developer"})
_NOT_SAID = frozenset({*USER_ROLES, *_RULES, "tool", "function"})


def with_message_history(
    models: list[Span],
    lists: Mapping[str, tuple[Message, ...]],
    is_request: Callable[[Message], bool],
) -> list[Span]:
    """Return the model spans of one turn, in time order, with what went in and came out of each.

    `lists` holds the message list of every span whose content was fetched; `is_request` tells the
    message with which the turn began. A round that none of the spans can have made becomes a span
    of its own, named after the one that knows of it.
    """
    turn = _Turn()
    for span in models:
        messages = lists.get(span.span_id)
        if messages is None:
            turn.spans.append(span)
        else:
            _take(turn, span, messages, _start(messages, is_request))
    return turn.spans


class _Turn(msgspec.Struct):
    """The model spans of a turn in the making, and how often each answer is known by now."""

    spans: list[Span] = []
    known: Counter[object] = msgspec.field(default_factory=Counter)

    def news(self, messages: tuple[Message, ...], since: int) -> list[int]:
        """Return where a model says what no list has told yet, and remember it."""
        here: Counter[object] = Counter()
        found = []
        for place, message in enumerate(messages[since:], start=since):
            if message.role in _NOT_SAID or (
                message.results and not (message.text or message.calls)
            ):
                continue
            key = _key(message)
            here[key] += 1
            if here[key] > self.known[key]:
                found.append(place)
        self.known |= here
        return found


def _take(turn: _Turn, span: Span, messages: tuple[Message, ...], start: int) -> None:
    """Add one fetched span, and give what its list tells of earlier calls to those it is of."""
    idle = [place for place, one in enumerate(turn.spans) if not one.output.messages]
    new = _runs(turn.news(messages, start), len(idle) + 1)
    own = new.pop() if new and new[-1][1] == len(messages) else None
    for place, (begin, end) in zip(idle[::-1], new[::-1], strict=False):
        before = turn.spans[place].input.messages or messages[:begin]
        turn.spans[place] = replace(
            turn.spans[place], input=_content(before), output=_content(messages[begin:end])
        )
    untold = new[: max(len(new) - len(idle), 0)]
    at = idle[0] if idle and untold else len(turn.spans)
    turn.spans[at:at] = [
        replace(
            span,
            span_id=f"{span.span_id}-before{len(untold) - number}",
            start=span.start - len(untold) + number,
            metrics={},
            evaluation=None,
            input=_content(messages[:begin]),
            output=_content(messages[begin:end]),
        )
        for number, (begin, end) in enumerate(untold)
    ]
    end = own[0] if own else len(messages)
    turn.spans.append(
        replace(span, input=_content(messages[:end]), output=_content(messages[end:]))
    )


def _key(message: Message) -> object:
    """Tell what a model said by the ids of its calls; equal messages are one object."""
    ids = tuple(call.tool_id for call in message.calls)
    return ids if ids and all(ids) else id(message)


def _content(messages: tuple[Message, ...]) -> Content:
    return Content(messages=messages)


def is_tail(messages: tuple[Message, ...]) -> bool:
    """Tell whether a list begins in the middle: a path kept the last messages alone."""
    first = messages[0] if messages else None
    return first is not None and first.role not in _RULES and not _is_typed(first)


def _start(messages: tuple[Message, ...], is_request: Callable[[Message], bool]) -> int:
    """Return the place after the message with which the turn began.

    Apps remind and correct the model in the user's name, so the request is looked for first. Where
    it is not in the list, a list without its beginning lies behind it whole; any other is a
    conversation of its own, such as a helper's, and begins with the last that was typed there.
    """
    typed = [place for place, message in enumerate(messages, start=1) if _is_typed(message)]
    asked = next((place for place in reversed(typed) if is_request(messages[place - 1])), None)
    if asked is not None:
        return asked
    return typed[-1] if typed and not is_tail(messages) else 0


def _is_typed(message: Message) -> bool:
    return message.role in USER_ROLES and bool(message.text.strip()) and not message.results


def _runs(said: list[int], models: int) -> list[tuple[int, int]]:
    """Return where each run of messages that a model said begins and ends.

    One answer may be several messages (thoughts, text, call), and several agents may speak one
    after the other; where single messages are as many as there were model calls, they decide.
    """
    found: list[tuple[int, int]] = []
    for place in said:
        if found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    if len(found) < models == len(said):
        return [(place, place + 1) for place in said]
    return found
