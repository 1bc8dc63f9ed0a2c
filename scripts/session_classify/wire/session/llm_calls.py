"""Model calls of a turn in time order, each with what was new to it and the tools it asked for."""

import msgspec

from session_classify.wire.messages.parts import Message
from session_classify.wire.session.tool_calls import (
    CallTracker,
    PendingCall,
    attach_spans,
    give,
    run_again,
    unasked,
)
from session_classify.wire.trace.spans import Span
from session_classify.wire.trace.structure import tool_spans
from session_classify.wire.trace.tool_spans import recorded_call
from session_classify.wire.trace.trees import Tree, ancestors


class LlmCall(msgspec.Struct):
    """A model call in the making; `span` is None for tool spans of an unrecorded model call."""

    span: Span | None
    calls: list[PendingCall] = []
    news: tuple[Message, ...] = ()

    @property
    def answers(self) -> tuple[Message, ...]:
        """The messages that the model answered with."""
        return self.span.output.messages if self.span else ()


class LlmCallReader:
    """Reads the turns of one session in time order.

    It remembers across turns, because a result may be recorded only in the input of a later call,
    even a later turn's.
    """

    def __init__(self) -> None:
        self._book = CallTracker()
        self._history: dict[int, tuple[Message, ...]] = {}

    def read(self, tree: Tree) -> list[LlmCall]:
        """Return the steps of one turn; every tool span of the turn is in one of them."""
        return self._with_tool_spans(tree, [self._step(span) for span in model_spans(tree)])

    def _step(self, span: Span) -> LlmCall:
        """Take the part of the input that is new, and the calls that the answer asks for.

        Inputs are cumulative per conversation, and a conversation is known by its first message:
        the agents of a multi-agent run take turns with inputs of their own. Equal messages are the
        same object (`MessageStore`), so identity compares them.
        """
        messages = span.input.messages
        shared = 0
        if messages:
            before = self._history.get(id(messages[0]), ())
            for old, new in zip(before, messages, strict=False):
                if old is not new:
                    break
                shared += 1
            self._history[id(messages[0])] = messages
        llm_call = LlmCall(span, news=messages[shared:])
        self._book.answer(messages, shared)
        parts = [part for message in llm_call.answers for part in message.calls]
        llm_call.calls = [self._book.ask(part, span.start) for part in parts]
        # What a provider ran itself is answered where it is asked.
        give(llm_call.calls, [part for message in llm_call.answers for part in message.results])
        return llm_call

    def _with_tool_spans(self, tree: Tree, llm_calls: list[LlmCall]) -> list[LlmCall]:
        """Join the turn's tool spans; a span nobody asked for follows the last step before it."""
        asked = [call for llm_call in llm_calls for call in llm_call.calls]
        left = attach_spans(asked, tool_spans(tree))
        left = [span for span in left if not self._resumed(span)]
        if left and not llm_calls:
            llm_calls = [LlmCall(None)]
        for span in left:
            before = [
                llm_call
                for llm_call in llm_calls
                if llm_call.span is None or llm_call.span.start <= span.start
            ]
            (before or llm_calls)[-1 if before else 0].calls.append(unasked(span))
        return llm_calls

    def _resumed(self, span: Span) -> bool:
        """Give a span to the call of an earlier turn that it resumes; tell whether it does."""
        call = self._book.with_id(recorded_call(span).tool_id)
        if call is None or call.name != span.name:
            return False
        run_again(call, span)
        return True


def model_spans(tree: Tree) -> list[Span]:
    """Return the model calls of a tree in time order, each once.

    A gateway records the call that its client recorded already: a model span right below another
    one that answers with the same messages.
    """
    by_id = {span.span_id: span for span in tree.spans}
    found = []
    for span in tree.spans:
        if span.kind != "llm":
            continue
        above = next(iter(ancestors(span, by_id)), None)
        answers = span.output.messages
        if not (answers and above and above.kind == "llm" and above.output.messages == answers):
            found.append(span)
    return sorted(found, key=lambda span: span.place)
