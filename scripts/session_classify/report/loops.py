"""Agent loops as `extract-loop` prints them: a line per iteration, or one iteration in full."""

from collections import Counter
from typing import Any

from session_classify.evidence.conversation.drill_down import DrillDownItem
from session_classify.model import Iteration, Session
from session_classify.printing.fitting import fitted
from session_classify.printing.render import render
from session_classify.redaction import without_secrets
from session_classify.vocabulary import DIGEST_LIMIT, Direction
from session_classify.wire.trace.agent_loop import Loop

_HEAD = 300
"""Characters of a text on its line."""


def summary(loop: Loop) -> dict[str, Any]:
    """Return a loop as plain data: totals, and one object per iteration."""
    turn = loop.turn
    iterations = turn.iterations if turn else ()
    tokens = turn.tokens if turn else None
    return {
        "path": loop.payload.name,
        "envelope": loop.payload.envelope,
        "state": loop.state,
        "iterations": len(iterations),
        "tools": dict(Counter(call.name for item in iterations for call in item.tool_calls)),
        "tokens": {
            "input": tokens.input if tokens else 0,
            "output": tokens.output if tokens else 0,
            "cache_read": tokens.cache_read if tokens else 0,
        },
        "system_prompt": [_head(system_prompt.text) for system_prompt in loop.system_prompts],
        "user": _head(turn.user_text or "") if turn else _head(""),
        "final": _head(turn.final_text or "") if turn else _head(""),
        "cut": list(loop.cut),
        "each": [_row(item) for item in iterations],
    }


def loop_text(loops: list[Loop], at: int, limit: int = DIGEST_LIMIT) -> str:
    """Return the loops' summaries from iteration `at` on, in at most `limit` characters.

    Texts are shortened first; then iterations are omitted, which is counted and continued by
    `--at`.
    """
    found = [summary(loop) for loop in loops]
    count = sum(loop["iterations"] for loop in found)
    for head in (_HEAD, 120, 60, 0):
        text = _render(found, at, count, head)
        if len(text) <= limit:
            return text
    return fitted(lambda shown: _render(found, at, at + max(shown, 1), 60), (count - at,), limit)[
        :limit
    ]


def iteration_text(loop: Loop, number: int, at: int, limit: int = DIGEST_LIMIT) -> str | None:
    """Return one iteration in full from character `at` on; None if it does not exist."""
    items = [item for item in (loop.turn.iterations if loop.turn else ()) if item.number == number]
    if not items:
        return None
    body = render("iteration.txt.j2", item=items[0])
    part = body[at : at + limit - 200]
    rest = len(body) - at - len(part)
    return part + (f"\n… {rest:,} more characters: --at {at + len(part)}\n" if rest > 0 else "")


def drill_text(
    loops: list[Loop], session: Session, found: tuple[DrillDownItem, ...], limit: int = DIGEST_LIMIT
) -> str:
    """Return the results of a drill-down in at most `limit` characters, negative ones first."""
    order = sorted(found, key=lambda item: item.direction is not Direction.NEGATIVE)

    def printed(count: int) -> str:
        left = Counter(item.rule for item in order[count:])
        return render(
            "drill.txt.j2",
            loops=loops,
            session=session,
            found=order[:count],
            total=len(order),
            left=", ".join(f"{rule} ×{n}" for rule, n in left.items()),
        )

    return fitted(printed, (len(order),), limit)[:limit]


def _render(loops: list[dict[str, Any]], at: int, upto: int, head: int) -> str:
    return render("loops.txt.j2", loops=loops, at=at, upto=upto, head=head)


def _row(item: Iteration) -> dict[str, Any]:
    return {
        "iteration": item.number,
        "status": item.status,
        "stop_reason": item.stop_reason,
        "tokens": [item.tokens.input, item.tokens.output, item.tokens.cache_read],
        "tools": dict(Counter(call.name for call in item.tool_calls)),
        "error": item.error,
        **_head(item.text),
    }


def _head(text: str) -> dict[str, Any]:
    # Masked before it is cut: a part of a secret is not recognized.
    return {"characters": len(text), "head": without_secrets(text[: 2 * _HEAD])[:_HEAD]}
