"""Rebuild a session's turns from its spans."""

from session_classify.instants import instant
from session_classify.jsontext import compact_json
from session_classify.masks import is_masked
from session_classify.model import (
    ContextBlock,
    Evaluation,
    Iteration,
    JsonValue,
    Policy,
    Tokens,
    Turn,
)
from session_classify.vocabulary import ContentSource
from session_classify.wire.calls import tool_call
from session_classify.wire.context import split_context
from session_classify.wire.spans import Content, Span
from session_classify.wire.steps import Step, StepReader
from session_classify.wire.traces import Tree

_SYSTEM_ROLES = frozenset({"system", "developer"})


def read_turns(found: tuple[Tree, ...]) -> tuple[tuple[Turn, ...], tuple[Policy, ...]]:
    """Return the turns in time order, and each distinct system prompt in order of appearance."""
    reader = StepReader()
    turns: list[Turn] = []
    policies: dict[str, int] = {}
    calls = 0
    steps_by_turn = [reader.read(tree) for tree in found]
    for number, (tree, steps) in enumerate(zip(found, steps_by_turn, strict=True), start=1):
        turns.append(_turn(number, tree, steps, calls))
        calls += sum(len(step.calls) for step in steps)
        for message in (message for step in steps for message in step.news):
            if message.role in _SYSTEM_ROLES and message.text and not is_masked(message.text):
                policies.setdefault(message.text, number)
    return tuple(turns), tuple(Policy(text, first) for text, first in policies.items())


def _turn(number: int, tree: Tree, steps: list[Step], counted: int) -> Turn:
    root = tree.root
    iterations = []
    for position, step in enumerate(steps, start=1):
        iterations.append(_iteration(position, step, counted))
        counted += len(step.calls)
    user_text, blocks = _user_text(root, steps)
    final_text = _final_text(root, iterations)
    stop = iterations[-1].stop_reason if iterations else ""
    return Turn(
        number=number,
        trace_id=root.trace_id,
        root_span_id=root.span_id,
        start=instant(root.start),
        end=instant(max(span.end for span in tree.spans)),
        user_text=user_text,
        final_text=final_text,
        content_source=_source(steps, iterations, user_text or final_text),
        iterations=tuple(iterations),
        context=blocks,
        status=root.status,
        error=root.error or None,
        stop_reason=stop,
        truncated=stop in ("max_tokens", "length")
        or any(span.tag("response_truncated") == "true" for span in tree.spans),
        masked=_is_masked(tree, steps),
        models=tuple(dict.fromkeys(filter(None, (_model(span) for span in tree.spans)))),
        tokens=sum((item.tokens for item in iterations), Tokens()),
        evaluations=tuple(e for span in tree.spans for e in _evaluations(span)),
        tags=root.tags,
        metadata=root.metadata,
    )


def _source(steps: list[Step], iterations: list[Iteration], texts: str | None) -> ContentSource:
    """Name where the turn was read; structural only when there is nothing else."""
    recorded = any(step.news or step.answers for step in steps)
    if recorded and any(iteration.text or iteration.tool_calls for iteration in iterations):
        return ContentSource.MESSAGES
    return ContentSource.STRUCTURAL if texts is None else ContentSource.IO


def _is_masked(tree: Tree, steps: list[Step]) -> bool:
    values = [side.value for span in tree.spans for side in (span.input, span.output)]
    texts = [m.text for step in steps for m in (*step.news, *step.answers)]
    return any(is_masked(text) for text in (*values, *texts) if isinstance(text, str))


def _iteration(number: int, step: Step, counted: int) -> Iteration:
    calls = tuple(tool_call(call, counted + i) for i, call in enumerate(step.calls, start=1))
    span = step.span
    if span is None:
        return Iteration(number=number, span_id="", text="", tool_calls=calls)
    texts = [message.text for message in step.answers if message.text]
    if not texts and span.output.value is not None:
        texts = [compact_json(span.output.value)]
    return Iteration(
        number=number,
        span_id=span.span_id,
        text="" if all(is_masked(text) for text in texts) else "\n".join(texts),
        tool_calls=calls,
        model=_model(span),
        status=span.status,
        stop_reason=str(span.metadata.get("stop_reason") or "") or span.tag("stop_reason"),
        error=(span.error or "error") if span.status == "error" else None,
        start=instant(span.start),
        tokens=_tokens(span.metrics),
        tags=span.tags,
    )


def _user_text(root: Span, steps: list[Step]) -> tuple[str | None, tuple[ContextBlock, ...]]:
    """Return what the user typed and the context that the app added to it."""
    typed = [
        message.text
        for step in steps[:1]
        for message in step.news
        if message.role in ("user", "human") and message.text and not is_masked(message.text)
    ]
    text, blocks = split_context(typed[-1]) if typed else (None, ())
    query = root.metadata.get("query_string")
    if isinstance(query, str) and query.strip() and not is_masked(query):
        return query, blocks
    root_text = _side_text(root.input, ("user", "human"))
    if text is not None:
        # An app wraps the request in words of its own; the root shows what was typed.
        return (root_text if root_text and root_text in text else text), blocks
    return split_context(root_text) if root_text else (None, ())


def _final_text(root: Span, iterations: list[Iteration]) -> str | None:
    """Return what the user was sent: the root's output, else the last text of the model."""
    texts = [iteration.text for iteration in iterations if iteration.text]
    return _side_text(root.output, ("assistant", "")) or (texts[-1] if texts else None)


def _side_text(side: Content, roles: tuple[str, ...]) -> str | None:
    texts = [m.text for m in side.messages if m.role in roles and m.text]
    if side.value is not None and side.value != "":
        texts.append(compact_json(side.value))
    readable = [text for text in texts if not is_masked(text)]
    return readable[-1] if readable else None


def _model(span: Span) -> str:
    return span.model or span.tag("matched_model_name")


def _tokens(metrics: dict[str, JsonValue]) -> Tokens:
    def count(*names: str) -> int:
        values = (metrics.get(name) for name in names)
        return next((int(v) for v in values if isinstance(v, int | float)), 0)

    return Tokens(
        input=count("input_tokens", "prompt_tokens"),
        output=count("output_tokens", "completion_tokens"),
        cache_read=count("cache_read_input_tokens", "cache_read_tokens"),
    )


def _evaluations(span: Span) -> list[Evaluation]:
    """Read the judges' words; a submission with a submitter is the end user's (datadog-wire 5)."""
    found = []
    for name, body in (span.evaluation or {}).items():
        fields = body if isinstance(body, dict) else {"value": body}
        found.append(
            Evaluation(
                name=name,
                value=fields.get("value"),
                span_id=span.span_id,
                assessment=str(fields.get("assessment") or ""),
                status=str(fields.get("status") or ""),
                reasoning=str(fields.get("reasoning") or ""),
                explicit=fields.get("event_kind") == "feedback" or "submitter" in fields,
                tags=tuple(map(str, tags)) if isinstance(tags := fields.get("tags"), list) else (),
            )
        )
    return found
