"""Rebuild a session's turns from its spans."""

import msgspec
from msgspec.structs import replace

from session_classify.instants import instant
from session_classify.jsontext import compact_json
from session_classify.masks import Missing, MissingParts, is_masked, with_count
from session_classify.model import Iteration, SystemPrompt, Tokens, Turn
from session_classify.vocabulary import ContentSource
from session_classify.wire.messages.parts import Message
from session_classify.wire.session.llm_calls import LlmCall, LlmCallReader
from session_classify.wire.session.prompt_template import inputs_above
from session_classify.wire.session.routing import with_routing
from session_classify.wire.session.tool_calls import tool_call
from session_classify.wire.session.turn_io import final_text, user_text
from session_classify.wire.trace.missing_parts import missing_parts
from session_classify.wire.trace.side_texts import USER_ROLES, is_status
from session_classify.wire.trace.span_metrics import evaluations_of, model_of, tokens_of
from session_classify.wire.trace.spans import ended
from session_classify.wire.trace.structure import agent_span, outline, span_ref
from session_classify.wire.trace.trees import Tree

_SYSTEM_ROLES = frozenset({"system", "developer"})


def read_turns(found: tuple[Tree, ...]) -> tuple[tuple[Turn, ...], tuple[SystemPrompt, ...]]:
    """Return the turns in time order, and each distinct system prompt in order of appearance."""
    reader = LlmCallReader()
    turns: list[Turn] = []
    system_prompts: dict[str, int] = {}
    calls = 0
    # A result may be recorded in a later turn alone, so every turn is read before one is closed.
    steps_by_turn = [reader.read(tree) for tree in found]
    marks = _Marks()
    for number, (tree, llm_calls) in enumerate(zip(found, steps_by_turn, strict=True), start=1):
        turn = with_routing(_turn(number, tree, llm_calls, calls), tree)
        turns.append(marks.on(turn, tree, llm_calls))
        calls += sum(len(llm_call.calls) for llm_call in llm_calls)
        for message in (message for llm_call in llm_calls for message in llm_call.news):
            if message.role in _SYSTEM_ROLES and message.text and not is_masked(message.text):
                system_prompts.setdefault(message.text, number)
    return tuple(turns), tuple(SystemPrompt(text, first) for text, first in system_prompts.items())


class _Marks(msgspec.Struct):
    """What of a session's messages stands for something that nobody read; each is told once."""

    _told: set[int] = set()

    def on(self, turn: Turn, tree: Tree, llm_calls: list[LlmCall]) -> Turn:
        """Return the turn with the media and the unknown parts that are new in it."""
        ends = filter(None, (tree.root, agent_span(tree)))
        sides = [
            message for span in ends for message in (*span.input.messages, *span.output.messages)
        ]
        told = [m for llm_call in llm_calls for m in (*llm_call.news, *llm_call.answers)]
        new = []
        for message in (*told, *sides):
            if (message.media or message.unknown) and id(message) not in self._told:
                self._told.add(id(message))
                new.append(message)
        media = tuple(name for message in new for name in message.media)
        unknown = tuple(name for message in new for name in message.unknown)
        if not (media or unknown):
            return turn
        # Media are counted by their names in the texts, those of SDKs among them.
        missing = with_count(turn.missing, Missing.UNKNOWN, len(unknown))
        return replace(turn, media=media, unknown=unknown, missing=missing)


def _turn(number: int, tree: Tree, llm_calls: list[LlmCall], counted: int) -> Turn:
    root, agent = tree.root, agent_span(tree)
    iterations = []
    for position, llm_call in enumerate(llm_calls, start=1):
        iterations.append(_iteration(position, llm_call, counted))
        counted += len(llm_call.calls)
    record = root.kind == "experiment"
    called = next((llm_call.span for llm_call in llm_calls if llm_call.span), None)
    inputs = inputs_above(tree, called) if called else []
    asked, blocks = user_text(root, agent, None if record else _last_typed(llm_calls), inputs)
    answered = final_text(tree, agent, None if record else _last_said(iterations))
    told = [m for llm_call in llm_calls for m in (*llm_call.news, *llm_call.answers)]
    missing = missing_parts(tree.spans, told)
    hidden = _hidden(missing)
    source, why = _source(llm_calls, iterations, asked or answered, hidden=hidden, record=record)
    stop = iterations[-1].stop_reason if iterations else ""
    return Turn(
        number=number,
        trace_id=root.trace_id,
        root=span_ref(root),
        start=instant(root.start),
        end=instant(max(span.end for span in tree.spans)),
        user_text=asked,
        final_text=answered,
        content_source=source,
        why=why,
        agent=span_ref(agent) if agent else None,
        expected_text=None if root.expected is None else compact_json(root.expected),
        outline=outline(tree) if source is ContentSource.STRUCTURAL else (),
        iterations=tuple(iterations),
        context=blocks,
        status=tree.last_root.status,
        error=tree.last_root.error or None,
        stop_reason=stop,
        truncated=stop in ("max_tokens", "length")
        or any(span.tag("response_truncated") == "true" for span in tree.spans),
        masked=any(part.why is Missing.MASKED for part in missing),
        missing=missing,
        models=tuple(dict.fromkeys(filter(None, map(model_of, tree.spans)))),
        tokens=sum((item.tokens for item in iterations), Tokens()),
        evaluations=tuple(e for span in tree.spans for e in evaluations_of(span)),
        tags=root.tags,
        metadata=root.metadata,
    )


def _last_typed(llm_calls: list[LlmCall]) -> str | None:
    """Return the last user message that is new to the turn's first model call."""
    typed = [
        message.text
        for llm_call in llm_calls[:1]
        for message in llm_call.news
        if message.role in USER_ROLES and message.text and not is_masked(message.text)
    ]
    return typed[-1] if typed else None


def _last_said(iterations: list[Iteration]) -> str | None:
    texts = [iteration.text for iteration in iterations if iteration.text]
    return texts[-1] if texts else None


def _source(
    llm_calls: list[LlmCall],
    iterations: list[Iteration],
    texts: str | None,
    *,
    hidden: str,
    record: bool,
) -> tuple[ContentSource, str]:
    """Name where the turn was read and why there; structural only when there is nothing else."""
    if record and texts is not None:
        return (
            ContentSource.IO,
            "an experiment keeps its own record, and model calls below it may be stand-ins",
        )
    recorded = any(
        _readable(message)
        for llm_call in llm_calls
        for message in (*llm_call.news, *llm_call.answers)
    )
    if recorded and any(one.text or one.tool_calls or one.reasoning for one in iterations):
        return ContentSource.MESSAGES, "the model spans hold messages"
    missing = f"messages are {hidden}" if hidden else "no model span holds messages"
    if texts is not None:
        called = any(llm_call.span for llm_call in llm_calls)
        return ContentSource.IO, missing if called else "no model call is recorded"
    return ContentSource.STRUCTURAL, f"content is {hidden}" if hidden else "no content is recorded"


def _readable(message: Message) -> bool:
    shown = message.text or message.reasoning
    return bool(message.calls or message.results or (shown and not is_masked(shown)))


_HIDDEN = {
    Missing.MASKED: "masked",
    Missing.DROPPED: "dropped by a size limit",
    Missing.UNSERIALIZABLE: "not serializable",
}


def _hidden(missing: tuple[MissingParts, ...]) -> str:
    """Say why there is no content where placeholders stand for it; empty where none does."""
    kinds = {part.why for part in missing}
    return next((words for why, words in _HIDDEN.items() if why in kinds), "")


def _iteration(number: int, llm_call: LlmCall, counted: int) -> Iteration:
    calls = tuple(tool_call(call, counted + i) for i, call in enumerate(llm_call.calls, start=1))
    span = llm_call.span
    if span is None:
        return Iteration(number=number, span_id="", text="", tool_calls=calls)
    texts = [message.text for message in llm_call.answers if message.text]
    thoughts = [message.reasoning for message in llm_call.answers if message.reasoning]
    if not (texts or thoughts or is_status(span.output.value)):
        texts = [compact_json(span.output.value)]
    texts = [text for text in texts if not is_masked(text)]
    return Iteration(
        number=number,
        span_id=span.span_id,
        text="\n".join(texts),
        tool_calls=calls,
        model=model_of(span),
        status=span.status,
        stop_reason=str(span.metadata.get("stop_reason") or "") or span.tag("stop_reason"),
        error=(span.error or "error") if span.status == "error" else None,
        start=instant(span.start),
        end=ended(span),
        tokens=tokens_of(span.metrics),
        tags=span.tags,
        reasoning="\n".join(text for text in thoughts if not is_masked(text)),
    )
