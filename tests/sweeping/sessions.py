"""Made-up sessions as exported span rows: turns with model calls, tool calls and writes."""

import json
import random
from collections.abc import Iterator
from typing import Any

_START = 1_795_114_800_000_000_000
_SECOND = 1_000_000_000


def session_rows(number: int, turns: int = 10) -> Iterator[dict[str, Any]]:
    """Yield the rows of a session; its tools fail, claim or succeed by its number.

    Only the root of a turn names the session: other spans inherit it.
    """
    chance = random.Random(number)
    for turn in range(turns):
        at = _START + (number * 600 + turn * 20) * _SECOND
        trace = f"{number:016x}{turn:016x}"
        fails = chance.random() < 0.2
        said = "I have cancelled order 17." if not fails or chance.random() < 0.5 else "It failed."
        asked = {"value": f"Please cancel order 17 of session {number}, turn {turn}."}
        root = {"name": "assistant", "span_kind": "agent", "session_id": f"s-{number}",
                "input": asked, "output": {"value": said}}  # fmt: skip
        call = {"name": "model", "span_kind": "llm", "parent_id": "1",
                "input": {"messages": [{"role": "user", "content": asked["value"]}]},
                "output": {"messages": [{"role": "assistant", "content": said}]}}  # fmt: skip
        tool = {"name": "cancel_order", "span_kind": "tool", "parent_id": "1",
                "input": {"value": json.dumps({"order": 17})},
                "output": {"value": json.dumps({"error": "denied"} if fails else {"ok": True})},
                "status": "error" if fails else "ok"}  # fmt: skip
        for index, span in enumerate((root, call, tool), 1):
            yield {"attributes": {
                "span_id": str(index), "trace_id": trace, "start_ns": at + index, "ml_app": "shop",
                "parent_id": "undefined", "duration": _SECOND, **span,
            }}  # fmt: skip


def lines(count: int, turns: int = 10) -> Iterator[str]:
    """Yield the lines of sessions, shuffled so that no session lies together."""
    rows = [json.dumps(row) for number in range(count) for row in session_rows(number, turns)]
    random.Random(0).shuffle(rows)
    yield from rows
