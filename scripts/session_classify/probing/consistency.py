"""Whether the rows of a session agree with themselves: calls, spans, results, history, answers."""

import json
from collections.abc import Iterator
from typing import Any

from session_classify.probing.rows import Rows, attributes, messages_of
from session_classify.probing.shapes import plain_message


def problems(rows: Rows) -> list[str]:
    """Return where rows contradict themselves, a line each; messages may have any probed shape."""
    return [
        *_calls(rows),
        *_spans(rows),
        *_histories(rows),
        *_answers(rows),
    ]


def _calls(rows: Rows) -> Iterator[str]:
    """Yield calls with two sets of arguments, and results without a call or a span of it."""
    spans = {
        (attributes(row)["name"], _text(row, "input"), _text(row, "output"))
        for row in rows
        if attributes(row)["span_kind"] == "tool"
    }
    asked: dict[str, Any] = {}
    for row in rows:
        for message in _messages(row, "input") + _messages(row, "output"):
            for call in message.get("tool_calls") or ():
                if asked.setdefault(call["tool_id"], call) != call:
                    yield f"{call['tool_id']} has two sets of arguments"
            for result in message.get("tool_results") or ():
                name, call = result["name"], asked.get(result.get("tool_id"))
                if call is None:
                    yield f"a result of {name} has no call before it"
                elif (name, _canonical(call["arguments"]), str(result["result"])) not in spans:
                    yield f"the result of {result['tool_id']} is in no span of {name}"


def _spans(rows: Rows) -> Iterator[str]:
    """Yield ids that two spans have, tool spans that no call asked for, and ones before it."""
    ids = [attributes(row)["span_id"] for row in rows]
    if len(set(ids)) < len(ids):
        yield "two spans have one id"
    asked: set[tuple[str, str]] = set()
    for row in _by_time(rows):
        for message in _messages(row, "output"):
            for call in message.get("tool_calls") or ():
                asked.add((call["name"], _canonical(call["arguments"])))
        if attributes(row)["span_kind"] == "tool":
            name = attributes(row)["name"]
            if (name, _text(row, "input")) not in asked:
                yield f"a span of {name} has no call before it"


def _histories(rows: Rows) -> Iterator[str]:
    """Yield model spans whose input is not what the one before had, with its answer, and more.

    Some frameworks leave the calls of earlier turns out of the history, but no text.
    """
    known: list[dict[str, Any]] = []
    trace = ""
    for row in _by_time(rows):
        given = _messages(row, "input")
        if not given:
            continue
        own = attributes(row)["trace_id"]
        if not (given[: len(known)] == known if own == trace else _goes_on(known, given)):
            yield f"the input of {attributes(row)['span_id']} is not the conversation before it"
        known, trace = [*given, *_messages(row, "output")], own


def _goes_on(known: list[dict[str, Any]], given: list[dict[str, Any]]) -> bool:
    """Return whether a history is an earlier one, perhaps without calls, and then new texts."""
    rest = iter(given)
    one = next(rest, None)
    for before in known:
        if one == before:
            one = next(rest, None)
        elif _is_text(before):
            return False
    return one is None or all(map(_is_text, (one, *rest)))


def _is_text(message: dict[str, Any]) -> bool:
    return message.keys() == {"role", "content"}


def _answers(rows: Rows) -> Iterator[str]:
    """Yield roots whose output is not the last text of their model spans."""
    last: dict[str, str] = {}
    for row in _by_time(rows):
        for message in _messages(row, "output"):
            if message.get("content"):
                last[attributes(row)["trace_id"]] = message["content"]
    for row in rows:
        told, trace = attributes(row), attributes(row)["trace_id"]
        value = (told.get("output") or {}).get("value")
        if told["parent_id"] == "undefined" and trace in last and value and value != last[trace]:
            yield f"the answer of {told['span_id']} is not that of its model"


def _by_time(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: attributes(row)["start_ns"])


def _messages(row: dict[str, Any], side: str) -> list[dict[str, Any]]:
    return [plain_message(message) for message in messages_of(row, side)]


def _text(row: dict[str, Any], side: str) -> str:
    value = str((attributes(row).get(side) or {}).get("value"))
    if side == "output":
        return value
    return _canonical(json.loads(value))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
