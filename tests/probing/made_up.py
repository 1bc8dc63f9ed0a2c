"""A made-up session of a shop with two reads, two writes in one turn and a last goodbye."""

import json
from copy import deepcopy
from typing import Any

from session_classify.probing.rows import Rows

REQUEST = "Please cancel order W-1001 and send order W-1002 to 12 Elm Street."
ANSWER = (
    "Order W-1001 has been cancelled, and $208.50 goes back to your card.\n"
    "- The address of order W-1002 has been updated.\n"
    "It ships on 2026-11-24."
)
SHIPS = {"order_id": "W-1002", "status": "pending", "ships": "2026-11-24"}
_TURNS: tuple[tuple[str, tuple[tuple[str, dict[str, str], dict[str, Any]], ...], str], ...] = (
    (
        REQUEST,
        (
            ("get_order", {"order_id": "W-1001"}, {"order_id": "W-1001", "status": "pending"}),
            ("get_order", {"order_id": "W-1002"}, SHIPS),
        ),
        "I can cancel W-1001 and send W-1002 to 12 Elm Street. Shall I do both?",
    ),
    (
        "Yes, do both.",
        (
            (
                "cancel_order",
                {"order_id": "W-1001", "refund_to": "credit_card_77"},
                {"order_id": "W-1001", "status": "cancelled", "refund": 208.5},
            ),
            (
                "update_order_address",
                {"order_id": "W-1002", "street": "12 Elm Street"},
                {**SHIPS, "status": "updated", "street": "12 Elm Street"},
            ),
        ),
        ANSWER,
    ),
    ("Thank you, bye.", (), "You are welcome."),
)


def a_session() -> Rows:
    """Return the rows; the history of a turn leaves the calls of earlier turns out."""
    rows: Rows = []
    texts: list[dict[str, Any]] = [{"role": "system", "content": "You help customers of a shop."}]
    for number, (request, calls, answer) in enumerate(_TURNS, 1):
        clock = 1_795_000_000_000_000_000 + number * 60 * 10**9
        texts.append({"role": "user", "content": request})
        history = deepcopy(texts)
        root = {"input": {"value": request}, "output": {"value": answer}, "duration": 40 * 10**9}
        rows.append(_row(f"{number}0", number, clock, span_kind="agent", **root))
        for place, (name, arguments, result) in enumerate(calls, 1):
            call = {"name": name, "arguments": arguments, "tool_id": f"call{number}{place}"}
            asks = {"role": "assistant", "content": "", "tool_calls": [call]}
            clock += 2 * 10**9
            rows.append(_model(f"{number}{place}1", number, clock, history, asks))
            clock += 2 * 10**9
            told = {"input": {"value": json.dumps(arguments)}}
            told["output"] = {"value": json.dumps(result)}
            span = f"{number}{place}2"
            rows.append(_row(span, number, clock, span_kind="tool", name=name, **told))
            given = {"name": name, "tool_id": call["tool_id"], "result": json.dumps(result)}
            history += [asks, {"role": "user", "content": "", "tool_results": [given]}]
        said = {"role": "assistant", "content": answer}
        rows.append(_model(f"{number}9", number, clock + 2 * 10**9, history, said))
        texts.append(said)
    return rows


def _model(
    span: str, turn: int, start: int, history: list[dict[str, Any]], said: dict[str, Any]
) -> dict[str, Any]:
    told = {"input": {"messages": history}, "output": {"messages": [said]}}
    return _row(span, turn, start, span_kind="llm", name="model", **deepcopy(told))


def _row(span: str, turn: int, start: int, **fields: Any) -> dict[str, Any]:
    parent = "undefined" if fields["span_kind"] == "agent" else f"{turn}0"
    attributes = {
        "span_id": span,
        "trace_id": f"{turn:032x}",
        "parent_id": parent,
        "name": "assistant",
        "start_ns": start,
        "duration": 10**9,
        "status": "ok",
        "ml_app": "shop",
        "tags": ["session_id:made-up-1"],
        **fields,
    }
    return {"id": span, "type": "span", "attributes": attributes}
