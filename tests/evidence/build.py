"""Small sessions for tests, made of the same structs as real ones; all of them are made up."""

from datetime import UTC, datetime, timedelta
from typing import Any

from session_classify.model import Iteration, Session, SpanRef, SystemPrompt, ToolCall, Turn
from session_classify.vocabulary import ContentSource, ToolKind, Unit

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def a_call(
    name: str,
    kind: str = "read",
    result: str | None = None,
    error: str | None = None,
    **arguments: Any,
) -> ToolCall:
    """Return a call that `a_session` will number."""
    return ToolCall("", name, arguments, result, error, ToolKind(kind))


def a_sampled_call(sample: dict[str, Any]) -> ToolCall:
    """Return the call of a sample of the situations `outcome-*`; its tool is `touch` by default."""
    name, arguments = sample.get("tool", "touch"), sample.get("arguments", {})
    kind = ToolKind(sample["kind"])
    return ToolCall("", name, arguments, sample["result"], sample.get("error"), kind)


def a_turn(user: str | None, answer: str | None, *calls: ToolCall, **fields: Any) -> Turn:
    """Return a turn with one model call; `a_session` gives it its number and time."""
    fields.setdefault("iterations", (Iteration(1, "s", answer or "", calls),))
    return Turn(0, "t", SpanRef("r"), START, START, user, answer, ContentSource.MESSAGES, **fields)


def a_session(*turns: Turn, rules: str = "") -> Session:
    """Return a session with its turns and calls numbered and a minute apart."""
    numbered, count = [], 0
    for number, turn in enumerate(turns, 1):
        calls = []
        for call in turn.tool_calls:
            count += 1
            calls.append(_with(call, id=f"tool{count}"))
        step = _with(turn.iterations[0], tool_calls=tuple(calls)) if turn.iterations else None
        start = START + timedelta(minutes=number)
        end = start + timedelta(seconds=30)
        iterations = (step,) if step else ()
        numbered.append(_with(turn, number=number, start=start, end=end, iterations=iterations))
    system_prompts = (SystemPrompt(rules, 1),) if rules else ()
    return Session("s-1", Unit.SESSION, "shop-bot", tuple(numbered), system_prompts=system_prompts)


def _with(value: Any, **fields: Any) -> Any:
    from msgspec.structs import replace

    return replace(value, **fields)
