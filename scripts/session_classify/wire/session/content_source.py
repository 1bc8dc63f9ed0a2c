"""Choose the content source of a turn: its agent loop first, then its spans.

Source: `references/sources/rules.md#content-sources`.
"""

from collections.abc import Mapping
from itertools import zip_longest

import msgspec
from msgspec.structs import replace

from session_classify.instants import instant
from session_classify.model import Iteration, SystemPrompt, Tokens, ToolCall, Turn
from session_classify.vocabulary import ContentSource
from session_classify.wire.session.llm_calls import model_spans
from session_classify.wire.session.routing import with_routing
from session_classify.wire.session.tool_calls import (
    PendingCall,
    attach_spans,
    tool_call,
    unasked,
)
from session_classify.wire.session.turn_io import final_text, user_text
from session_classify.wire.trace.agent_loop import Loop
from session_classify.wire.trace.numbering import renumbered
from session_classify.wire.trace.span_metrics import model_of, tokens_of
from session_classify.wire.trace.spans import Span, ended
from session_classify.wire.trace.structure import agent_span, tool_spans
from session_classify.wire.trace.trees import Tree


class MatchedLoop(msgspec.Struct, frozen=True):
    """An agent loop, and how it was matched to the turn."""

    loop: Loop
    how: str


def with_loops(
    turns: tuple[Turn, ...],
    system_prompts: tuple[SystemPrompt, ...],
    trees: tuple[Tree, ...],
    matched: Mapping[str, MatchedLoop],
) -> tuple[tuple[Turn, ...], tuple[SystemPrompt, ...]]:
    """Return turns and system prompts with the fetched agent loops, by root span id.

    Each tree belongs to the turn at its position.
    """
    made: list[Turn] = []
    rules = [(system_prompt.first_turn, system_prompt.text) for system_prompt in system_prompts]
    calls = 0
    for turn, tree in zip(turns, trees, strict=True):
        found = matched.get(tree.root.span_id)
        chosen = with_routing(_with_loop(turn, found, tree), tree) if found else turn
        made.append(renumbered(chosen, turn.number, calls))
        calls += len(chosen.tool_calls)
        rules += (
            [(turn.number, system_prompt.text) for system_prompt in found.loop.system_prompts]
            if found
            else []
        )
    first: dict[str, int] = {}
    for number, text in sorted(rules, key=lambda rule: rule[0]):
        first.setdefault(text, number)
    return tuple(made), tuple(SystemPrompt(text, number) for text, number in first.items())


def _with_loop(turn: Turn, matched: MatchedLoop, tree: Tree) -> Turn:
    """Return the turn of a loop, with ids, times, tags and evaluations from its spans.

    If the loop has no content, the turn of the spans is kept, with a note. If these have none
    either, the loop's structure is used.
    """
    loop = matched.loop.turn
    if loop is None:
        return replace(turn, why=f"its agent loop: {matched.loop.gist}; {turn.why}")
    whole = turn.content_source is ContentSource.MESSAGES and not turn.masked
    if _holds_content(loop) and not (loop.masked and whole):
        read = _by_loop(turn, matched.loop, loop, tree)
        return replace(
            read,
            content_source=ContentSource.AGENT_LOOP,
            why=f"it has an agent loop, {matched.how}",
            outline=(),
        )
    empty = "masked" if loop.masked else "blank"
    if turn.content_source is not ContentSource.STRUCTURAL:
        return replace(turn, why=f"the agent loop is {empty} and {turn.why}")
    why = f"the agent loop, {matched.how}, is {empty}; its structure is left"
    return replace(_by_loop(turn, matched.loop, loop, tree), why=why)


def _holds_content(loop: Turn) -> bool:
    """Return whether a loop has any unmasked content."""
    texts = (loop.user_text, loop.final_text, *(item.text for item in loop.iterations))
    return any(texts) or (not loop.masked and bool(loop.tool_calls))


def _by_loop(turn: Turn, loop: Loop, read: Turn, tree: Tree) -> Turn:
    agent = agent_span(tree)
    typed, context = user_text(tree.root, agent, loop.said)
    return replace(
        turn,
        user_text=typed,
        final_text=final_text(tree, agent, read.final_text),
        iterations=_joined(read.iterations, tree),
        context=context,
        stop_reason=read.stop_reason or turn.stop_reason,
        truncated=turn.truncated or read.stop_reason in ("max_tokens", "length"),
        masked=read.masked,
        missing=read.missing,
        models=turn.models or read.models,
        tokens=read.tokens if read.tokens != Tokens() else turn.tokens,
    )


def _joined(iterations: tuple[Iteration, ...], tree: Tree) -> tuple[Iteration, ...]:
    """Add tool spans to the loop's calls, and LLM spans to its iterations.

    A tool span without a call in the loop follows the call that ran before it.
    """
    opened = [[_opened(call) for call in iteration.tool_calls] for iteration in iterations]
    for span in attach_spans([call for calls in opened for call in calls], tool_spans(tree)):
        ran = [calls for calls in opened if any(_before(call, span) for call in calls)]
        (ran or opened)[-1 if ran else 0].append(unasked(span))
    models = model_spans(tree)
    known = models if len(models) == len(iterations) else [None] * len(iterations)
    return tuple(map(_iteration, iterations, opened, known))


def _before(call: PendingCall, span: Span) -> bool:
    return call.span is not None and call.span.start <= span.start


def _opened(call: ToolCall) -> PendingCall:
    return PendingCall(
        call.name, call.arguments, call.tool_id, call.result, failed=call.error is not None
    )


def _iteration(iteration: Iteration, calls: list[PendingCall], span: Span | None) -> Iteration:
    errors = [call.error for call in iteration.tool_calls]
    made = [tool_call(call, place) for place, call in enumerate(calls, start=1)]
    told = tuple(
        replace(call, error=error) if error else call
        for call, error in zip_longest(made, errors[: len(made)])
    )
    if span is None:
        return replace(iteration, tool_calls=told)
    return replace(
        iteration,
        tool_calls=told,
        span_id=span.span_id,
        model=iteration.model or model_of(span),
        start=instant(span.start),
        end=ended(span),
        tokens=iteration.tokens if iteration.tokens != Tokens() else tokens_of(span.metrics),
        tags=span.tags,
    )
