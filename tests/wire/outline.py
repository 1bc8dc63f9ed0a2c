"""A session as the span situations expect it: what was understood, without the bookkeeping."""

from typing import Any

from session_classify.model import Session, ToolCall, Turn
from session_classify.wire.trace.spans import SpanRows


def outline(session: Session, notes: tuple[str, ...], rows: SpanRows) -> dict[str, Any]:
    """Return the parts of a session that a reader of a situation wants to see; empty ones go."""
    return _filled(
        {
            "rules": [system_prompt.text for system_prompt in session.system_prompts],
            "turns": [_turn(turn) for turn in session.turns],
            "notes": list(notes),
            "unreadable": list(rows.unreadable),
        }
    )


def _turn(turn: Turn) -> dict[str, Any]:
    return _filled(
        {
            "start": turn.start.isoformat(),
            "user": turn.user_text,
            "answer": turn.final_text,
            "source": turn.content_source.value,
            "context": {block.name: block.text for block in turn.context},
            "masked": turn.masked,
            "truncated": turn.truncated,
            "media": list(turn.media),
            "unknown": list(turn.unknown),
            "stop_reason": turn.stop_reason,
            "steps": [
                _filled(
                    {
                        "thinks": one.reasoning,
                        "says": one.text,
                        "calls": [_call(call) for call in one.tool_calls],
                    }
                )
                for one in turn.iterations
            ],
            "evaluations": [
                f"{e.name}={e.value} by {'user' if e.explicit else 'judge'}: {e.reasoning}"
                for e in turn.evaluations
            ],
        }
    )


def _call(call: ToolCall) -> dict[str, Any]:
    return _filled(
        {
            "call": f"{call.id} {call.name}",
            "with": call.arguments,
            "result": call.result,
            "error": call.error,
            "span": call.span_id,
        }
    )


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, False)}
