"""Take the model calls of a turn out of message lists that hold the whole conversation so far.

The content of a model span is one list: what went in, and at its end what came out (datadog-wire
1.4). The list of the last span so tells what every span before it answered, fetched or not.
"""

from collections.abc import Mapping
from dataclasses import replace

from session_classify.wire.messages import Message
from session_classify.wire.spans import Content, Span
from session_classify.wire.texts import USER_ROLES

_NOT_SAID = frozenset({*USER_ROLES, "system", "developer", "tool", "function"})


def with_rounds(models: list[Span], lists: Mapping[str, tuple[Message, ...]]) -> list[Span]:
    """Return the model spans of one turn, in time order, with what went in and came out of each.

    `lists` holds the message list of every span whose content was fetched. A round that none of the
    spans can have made becomes a span of its own, named after the one that knows of it.
    """
    made: list[Span] = []
    waiting: list[Span] = []
    before: tuple[Message, ...] = ()
    for span in models:
        messages = lists.get(span.span_id)
        if messages is None:
            waiting.append(span)
            continue
        shared = _shared(before, messages)
        rounds = _rounds(messages, shared or _turn_start(messages), len(waiting) + 1)
        if made and rounds and rounds[0][0] == shared and not made[-1].output.messages:
            made[-1] = replace(made[-1], output=_content(messages[shared : rounds[0][1]]))
            rounds = rounds[1:]
        own = rounds.pop() if rounds and rounds[-1][1] == len(messages) else None
        made += _earlier(span, waiting, rounds, messages)
        end = own[0] if own else len(messages)
        made.append(replace(span, input=_content(messages[:end]), output=_content(messages[end:])))
        waiting, before = [], messages
    return [*made, *waiting]


def _earlier(
    span: Span, waiting: list[Span], rounds: list[tuple[int, int]], messages: tuple[Message, ...]
) -> list[Span]:
    """Give rounds to the spans before `span`, the last to the last; make spans for the others."""
    extra = max(len(rounds) - len(waiting), 0)
    first = waiting[0].start if waiting else span.start
    owners = [
        replace(span, span_id=f"{span.span_id}-before{extra - place}", start=first - extra + place)
        for place in range(extra)
    ]
    owners = [replace(owner, metrics={}, evaluation=None) for owner in owners] + waiting
    idle = owners[: len(owners) - len(rounds)]
    return idle + [
        replace(owner, input=_content(messages[:start]), output=_content(messages[start:end]))
        for owner, (start, end) in zip(owners[len(idle) :], rounds, strict=True)
    ]


def _content(messages: tuple[Message, ...]) -> Content:
    return Content(messages=messages)


def _shared(before: tuple[Message, ...], messages: tuple[Message, ...]) -> int:
    """Count the messages that two lists begin with; equal ones are the same object."""
    count = 0
    for old, new in zip(before, messages, strict=False):
        if old is not new:
            break
        count += 1
    return count


def _turn_start(messages: tuple[Message, ...]) -> int:
    """Return the place after the last message that the user typed."""
    typed = [
        place
        for place, message in enumerate(messages, start=1)
        if message.role in USER_ROLES and message.text.strip() and not message.results
    ]
    return typed[-1] if typed else 0


def _rounds(messages: tuple[Message, ...], since: int, models: int) -> list[tuple[int, int]]:
    """Return where each run of messages that a model said begins and ends, from `since` on.

    One answer may be several messages (thoughts, text, call), and several agents may speak one
    after the other; where single messages are as many as there were model calls, they decide.
    """
    said = [
        place
        for place, message in enumerate(messages[since:], start=since)
        if message.role not in _NOT_SAID and (message.text or not message.results)
    ]
    found: list[tuple[int, int]] = []
    for place in said:
        if found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    if len(found) < models == len(said):
        return [(place, place + 1) for place in said]
    return found
