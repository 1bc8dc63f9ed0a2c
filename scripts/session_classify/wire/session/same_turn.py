"""Trees that are one turn: model calls that nothing encloses, and runs that were resumed."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from session_classify.wire.messages.parts import CallPart, Message
from session_classify.wire.session.llm_calls import model_spans
from session_classify.wire.trace.side_texts import is_structure, request_of, typed_messages
from session_classify.wire.trace.spans import Span
from session_classify.wire.trace.tool_names import is_same_tool
from session_classify.wire.trace.tool_spans import recorded_call
from session_classify.wire.trace.trees import Tree

_AT_ONCE = 2_000_000_000
"""Nanoseconds in which nobody reads an answer and types the same request again."""
_RULES = frozenset({"system", "developer"})


def with_calls_joined(found: Iterable[Tree]) -> tuple[Tree, ...]:
    """Return the trees, in time order, with the model calls of one turn joined to one tree.

    An app without a root of its own leaves a tree for each model call, and one for each tool. A
    call continues the turn before it if nothing was typed in between
    (references/sources/spans.md#model-calls-without-a-root).
    """
    made: list[Tree] = []
    turn: _CallsOfTurn | None = None
    for tree in found:
        if turn is not None and turn.takes(tree):
            made[-1] = _joined(made[-1], tree)
        else:
            made.append(tree)
            turn = _CallsOfTurn() if _is_model_call(tree) else None
        if turn is not None:
            turn.add(tree)
    return tuple(made)


class _CallsOfTurn(msgspec.Struct):
    """What is known of a turn in the making."""

    typed: list[str] = []
    """What the user had typed when the turn began, the last text being its request."""
    calls: list[CallPart] = []
    spans: list[Span] = []
    ids: set[str] = set()

    def add(self, tree: Tree) -> None:
        """Take the spans of a tree into the turn."""
        for span in model_spans(tree):
            self.calls += [call for message in span.output.messages for call in message.calls]
            self.spans.append(span)
        self.ids |= {span.span_id for span in tree.spans}
        if not self.typed:
            first = self.spans[0].input.messages if self.spans else ()
            self.typed = [message.text for message in typed_messages(first)]

    def takes(self, tree: Tree) -> bool:
        """Tell whether a tree is of this turn: its next model call, or a tool that it asked for."""
        if self.ids & {span.span_id for span in tree.spans}:
            return False
        if tree.root.kind == "tool":
            return any(is_same_tool(call.name, tree.root.name) for call in self.calls)
        if not _is_model_call(tree):
            return False
        first = model_spans(tree)[0]
        messages = first.input.messages
        typed = typed_messages(messages)
        if not typed:
            return self._is_answered(messages)
        if not self.typed or typed[-1].text != self.typed[-1]:
            return False
        place = max(i for i, message in enumerate(messages) if message is typed[-1])
        if any(m.role not in _RULES for m in messages[place + 1 :]):
            return True
        return self._asks_again(first, len(typed))

    def _is_answered(self, messages: tuple[Message, ...]) -> bool:
        """Tell whether messages hold the result of a call of this turn, by its id or its name."""
        ids = {call.tool_id for call in self.calls if call.tool_id}
        names = {call.name for call in self.calls}
        results = [result for message in messages for result in message.results]
        return any(r.tool_id in ids if r.tool_id else r.name in names for r in results)

    def _asks_again(self, span: Span, typed: int) -> bool:
        """Tell whether a call was given the turn's request and no more, and not by a person.

        Retries, and helpers that look at a request first, run beside the call or right after it;
        who types a request again does so later, or into the conversation that is there.
        """
        head = span.input.messages[0]
        same = [one for one in self.spans if one.input.messages[:1] == (head,)]
        if any(typed > len(typed_messages(one.input.messages)) for one in same):
            return False
        is_near = span.start - max(one.end for one in self.spans) <= _AT_ONCE
        return is_near or any(one.trace_id == span.trace_id for one in self.spans)


def _is_model_call(tree: Tree) -> bool:
    """Tell whether a tree is a model call, bare or in the wrappers of a framework alone."""
    kinds = {span.kind for span in tree.spans}
    if tree.root.kind == "llm":
        return "agent" not in kinds
    if kinds & {"agent", "tool", "retrieval", "experiment"} or "llm" not in kinds:
        return False
    value = tree.root.input.value
    return len(model_spans(tree)) == 1 and (value in (None, "") or is_structure(value))


def with_resumed_joined(found: Iterable[Tree]) -> tuple[Tree, ...]:
    """Return the trees, in time order, with each resumed run joined to the run that paused.

    A run that waits for a person ends its trace; the resumed one makes the same tool call again and
    gives the model no new request (references/sources/approvals.md#resumed-runs).
    """
    made: list[Tree] = []
    for tree in found:
        if made and _resumes(tree, made[-1]):
            made[-1] = _joined(made[-1], _noted(tree))
        else:
            made.append(tree)
    return tuple(made)


def _joined(tree: Tree, later: Tree) -> Tree:
    """Return a tree with the spans of a later one, whose root is kept among them."""
    below = sorted((*tree.below, *later.spans), key=lambda span: span.place)
    return replace(
        tree,
        below=tuple(below),
        notes=(*tree.notes, *later.notes),
        joined=(*tree.joined, later.root),
    )


def _noted(tree: Tree) -> Tree:
    """Return a tree with a note of what its run was resumed with."""
    text = request_of(tree.root)
    note = f"trace {tree.root.trace_id} resumes the run before it" + (f": {text}" if text else "")
    return replace(tree, notes=(*tree.notes, note))


def _resumes(tree: Tree, before: Tree) -> bool:
    typed = _typed(tree)
    if not typed or typed != _typed(before):
        return False  # without messages, what the root was given is what the user typed
    return bool(_call_ids(tree) & _call_ids(before))


def _call_ids(tree: Tree) -> set[str]:
    calls = (recorded_call(span) for span in tree.spans if span.kind == "tool")
    return {call.tool_id for call in calls if call.tool_id}


def _typed(tree: Tree) -> list[str]:
    """Return what the user had typed, as the model got it in the first call of a tree."""
    spans = model_spans(tree)
    return [message.text for message in typed_messages(spans[0].input.messages)] if spans else []
