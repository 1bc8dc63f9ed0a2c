"""Decode agent loops, the answers of `get_llmobs_agent_loop`, to turns.

The iterations hold the model's texts and calls. Of the timeline, only three things are used: the
system prompt, the user's message with its context, and the text sent to the user. Source:
`references/sources/spans.md#agent-loop`.
"""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from session_classify.backends.failures import Kind, read_failure
from session_classify.errors import UnusableInputError
from session_classify.jsontext import compact_json, shallow
from session_classify.lazy import lazy_pattern
from session_classify.masks import counted_parts, is_masked, placeholder
from session_classify.model import Iteration, Session, SpanRef, SystemPrompt, Tokens, ToolCall, Turn
from session_classify.vocabulary import ContentSource, Unit
from session_classify.wire.answers.envelope import not_utf8
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.reasons import described
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.messages.arguments import mended_arguments
from session_classify.wire.messages.decode import messages_of
from session_classify.wire.trace.context import split_context
from session_classify.wire.trace.numbering import renumbered

_LIMITS = (2_000, 3_000)
"""Common values of `max_content_length`: a text of exactly that length was cut."""
_CUT_MARK = lazy_pattern(r"(?:…|\.\.\.)\s*+(?:[\[(<]\s*+)?truncated[\])>]?\s*\Z", re.IGNORECASE)


class _Call(msgspec.Struct):
    name: str = ""
    arguments: Any = None
    result: Any = None
    error: Any = None


class _Iteration(msgspec.Struct):
    iteration: int | str | None = None
    status: str | None = None
    content: Any = None
    tool_calls: list[_Call] | None = None
    error_message: Any = None
    stop_reason: str | None = None
    model: str | None = None
    model_name: str | None = None
    span_id: int | str | None = None
    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    cache_read_input_tokens: int | float | None = None


class _Entry(msgspec.Struct):
    role: str | None = ""
    content: msgspec.Raw = msgspec.Raw(b"null")


class _Loop(msgspec.Struct):
    iterations: list[_Iteration] | None
    timeline: list[_Entry] | None = None
    trace_id: int | str | None = None
    span_id: int | str | None = None


class Loop(msgspec.Struct, frozen=True):
    """One agent loop: a turn, the system prompts, and what was cut or is missing."""

    payload: Payload
    turn: Turn | None
    """None where the answer holds no loop; `state` says why and what to do next."""
    system_prompts: tuple[SystemPrompt, ...] = ()
    said: str | None = None
    """The last user message as the model received it, with context."""
    trace_id: str = ""
    span_id: str = ""
    """The agent span of the call; real answers omit it."""
    cut: tuple[str, ...] = ()
    """Places whose text is as long as a limit allows: `iteration 3, content`."""
    state: str = ""

    @property
    def gist(self) -> str:
        """The state without the next call."""
        return self.state.partition("; next:")[0]

    @property
    def is_missing(self) -> bool:
        """The server does not know the span: past its retention, or a wrong id."""
        return self.state == _NEXT["missing"]


_decoder = msgspec.json.Decoder(_Loop)


def read_loop(payload: Payload) -> Loop:
    """Decode a loop; an empty, missing or masked one has a state that names the next step.

    Raises UnusableInputError for other content.
    """
    if not payload.is_json:
        if read_failure(payload.data).kind is Kind.MISSING:
            return Loop(payload, None, state=_NEXT["missing"])
        raise UnusableInputError(_other(payload, _what(payload)))
    try:
        return _read(payload)
    except msgspec.ValidationError as error:
        raise UnusableInputError(_other(payload, _what(payload) or str(error))) from error
    except UnicodeDecodeError as error:
        raise not_utf8(payload.name, error) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnusableInputError(f"{payload.name} is not JSON: {error}") from error


def _read(payload: Payload) -> Loop:
    loop = _decoder.decode(payload.data)
    trace_id, span_id = str(loop.trace_id or ""), str(loop.span_id or "")
    if not loop.iterations:
        return Loop(payload, None, trace_id=trace_id, span_id=span_id, state=_NEXT["empty"])
    system_prompts, user, final = _timeline(loop.timeline or [])
    iterations = _iterations(loop.iterations)
    turn = _turn(loop, iterations, [text for group in user for text in group], final)
    return Loop(
        payload,
        turn,
        system_prompts,
        said="\n\n".join(text for text in user[-1] if not is_masked(text)) if user else None,
        trace_id=trace_id,
        span_id=span_id,
        cut=tuple(_cut(turn, system_prompts)),
        state=_NEXT["masked"] if turn.masked else "",
    )


def session_of(loops: list[Loop]) -> Session:
    """Return the session whose turns are the loops, in order; calls are numbered through."""
    turns: list[Turn] = []
    count = 0
    for turn in (loop.turn for loop in loops if loop.turn is not None):
        turns.append(renumbered(turn, len(turns) + 1, count))
        count += len(turn.tool_calls)
    system_prompts = dict.fromkeys(
        system_prompt for loop in loops for system_prompt in loop.system_prompts
    )
    return Session("", Unit.SESSION, "", tuple(turns), system_prompts=tuple(system_prompts))


_NEXT = {
    "missing": "the span was not found (404); next: expand_llmobs_spans from the turn's root span "
    "with from=now-90d, then get_llmobs_span_content(field=messages) on its model spans",
    "empty": "no iterations: the model calls lie below a workflow span; next: expand_llmobs_spans "
    "with max_depth=2 and from=now-90d, then get_llmobs_span_content(field=messages) on each",
    "masked": "content is masked; structure and tokens still count; next: "
    "get_llmobs_span_content(field=messages), then field=input and field=output on the root span",
}


def _other(payload: Payload, found: str) -> str:
    return (
        f"{payload.name} ({payload.envelope}) is no agent loop: {found}; expected an object with "
        "`iterations`, the answer of get_llmobs_agent_loop"
    )


def _what(payload: Payload) -> str:
    """Return what a payload is in place of a loop; empty for a loop with a wrong value in it."""
    payload, shape, _ = recognized(payload)
    return "" if shape is Shape.LOOP else described(payload, shape)


def _timeline(
    entries: list[_Entry],
) -> tuple[tuple[SystemPrompt, ...], list[list[str]], str | None]:
    """Return the system prompts, the user's messages, and the last text sent to the user.

    Consecutive messages are one group: context and request may be two of them.
    """
    prompts: dict[str, int] = {}
    user: list[list[str]] = []
    final, before = None, ""
    for entry in entries:
        role = entry.role or ""
        if role in ("system", "developer"):
            prompts.setdefault(_text(msgspec.json.decode(entry.content)), 1)
        elif role == "user":
            text = _text(msgspec.json.decode(entry.content))
            if text and before == "user" and user:
                user[-1].append(text)
            elif text:
                user.append([text])
        elif role == "":
            final = _said(msgspec.json.decode(entry.content))[0] or final
        before = role
    system_prompts = tuple(SystemPrompt(text, first) for text, first in prompts.items() if text)
    return system_prompts, user, final


def _iterations(found: list[_Iteration]) -> tuple[Iteration, ...]:
    made, calls = [], 0
    for place, item in enumerate(found, start=1):
        tools = item.tool_calls or []
        text, thought = _said(item.content)
        named = str(item.iteration or "")
        number = int(named[:9]) if named.isdecimal() else place
        made.append(
            Iteration(
                number=number,
                span_id=str(item.span_id or ""),
                text="" if is_masked(text) else text,
                tool_calls=tuple(_call(call, calls + n) for n, call in enumerate(tools, start=1)),
                model=item.model_name or item.model or "",
                status=item.status or "ok",
                stop_reason=item.stop_reason or ("tool_use" if tools else "end_turn"),
                error=_text(item.error_message) or None,
                tokens=Tokens(
                    int(item.input_tokens or 0),
                    int(item.output_tokens or 0),
                    int(item.cache_read_input_tokens or 0),
                ),
                reasoning=thought,
            )
        )
        calls += len(tools)
    return tuple(made)


def _call(call: _Call, number: int) -> ToolCall:
    return ToolCall(
        id=f"tool{number}",
        name=call.name,
        arguments={} if call.arguments is None else shallow(mended_arguments(call.arguments)),
        result=None if call.result is None else _text(call.result),
        error=_text(call.error) or None,
    )


def _turn(
    loop: _Loop, iterations: tuple[Iteration, ...], user: list[str], final: str | None
) -> Turn:
    readable = [text for text in user if not is_masked(text)]
    typed, context = split_context("\n\n".join(readable)) if readable else (None, ())
    texts = [iteration.text for iteration in iterations if iteration.text]
    recorded = [*user, final or "", *(_text(item.content) for item in loop.iterations or [])]
    results = [call.result for iteration in iterations for call in iteration.tool_calls]
    missing = counted_parts(filter(None, map(placeholder, (*recorded, *results))))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)  # a loop tells no time
    return Turn(
        number=1,
        trace_id=str(loop.trace_id or ""),
        root=SpanRef(str(loop.span_id or ""), kind="agent"),
        start=epoch,
        end=epoch,
        user_text=typed,
        final_text=final if final and not is_masked(final) else texts[-1] if texts else None,
        content_source=ContentSource.AGENT_LOOP,
        iterations=iterations,
        context=context,
        stop_reason=iterations[-1].stop_reason,
        masked=any(is_masked(text) for text in recorded),
        missing=missing,
        models=tuple(dict.fromkeys(i.model for i in iterations if i.model)),
        tokens=sum((item.tokens for item in iterations), Tokens()),
    )


def _cut(turn: Turn, system_prompts: tuple[SystemPrompt, ...]) -> list[str]:
    """Return every place whose text ends with a truncation mark, or exactly at a limit."""
    places = [("system prompt", system_prompt.text) for system_prompt in system_prompts]
    places += [("user message", turn.user_text or ""), ("final text", turn.final_text or "")]
    for iteration in turn.iterations:
        places.append((f"iteration {iteration.number}, content", iteration.text))
        for call in iteration.tool_calls:
            places.append((f"iteration {iteration.number}, {call.id} result", call.result or ""))
    return [name for name, text in places if len(text) in _LIMITS or _CUT_MARK.search(text[-40:])]


def _said(content: Any) -> tuple[str, str]:
    """Return what a model said and what it thought, out of a text or the parts of an answer."""
    if content is None:
        return "", ""
    found = messages_of({"role": "assistant", "content": shallow(content)})
    return "\n".join(m.text for m in found), "\n".join(m.reasoning for m in found if m.reasoning)


def _text(value: Any) -> str:
    return "" if value is None else compact_json(value)
