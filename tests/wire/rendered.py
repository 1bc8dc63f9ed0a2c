"""Answers of the single calls, rendered from exported rows in their documented shapes.

Made up: keys and nesting follow `references/sources/spans.md#span-search` and the sections after
it, the agent loop follows persisted files (without trace or span id).
"""

import json
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
PREVIEW = 200


class Recording:
    """The rows of one session, by turn."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.rows: list[Row] = [json.loads(line)["attributes"] for line in lines]
        self.roots = sorted(
            (row for row in self.rows if row["parent_id"] == "undefined"),
            key=lambda row: int(row["start_ns"]),
        )

        self.told = {
            part["tool_id"]: part["result"]
            for row in self.rows
            for message in row["input"].get("messages", [])
            for part in message.get("tool_results", [])
        }

    def below(self, root: Row, kind: str = "") -> list[Row]:
        """Return the spans below a root, of one kind or all, in time order."""
        found = [
            row for row in self.rows if row["trace_id"] == root["trace_id"] and row is not root
        ]
        found.sort(key=lambda row: int(row["start_ns"]))
        return [row for row in found if kind in ("", row["span_kind"])]

    def search(self) -> Row:
        """Answer `search_llmobs_spans` for the roots."""
        return {"spans": [_searched(root) for root in self.roots], "next_cursor": None}

    def loop(self, root: Row) -> Row:
        """Answer `get_llmobs_agent_loop` for a turn."""
        models, tools = self.below(root, "llm"), self.below(root, "tool")
        iterations, timeline = [], []
        for message in models[0]["input"]["messages"] if models else []:
            if message["role"] == "system" and message["content"]:
                timeline += [{"role": "system", "iteration": 1, "content": message["content"]}]
        timeline.append({"role": "user", "iteration": 1, "content": root["input"].get("value", "")})
        for number, model in enumerate(models, start=1):
            said = "\n".join(m["content"] for m in model["output"]["messages"] if m["content"])
            asked = [c for m in model["output"]["messages"] for c in m.get("tool_calls", [])]
            iterations.append(
                {
                    "iteration": number,
                    "status": model["status"],
                    "content": said,
                    "tool_calls": [_looped(call, tools, self.told) for call in asked],
                    "error_message": None,
                    "stop_reason": model["metadata"].get("stop_reason"),
                    "model_name": model["model_name"],
                    **{
                        key: model["metrics"].get(key, 0)
                        for key in ("input_tokens", "output_tokens", "cache_read_input_tokens")
                    },
                }
            )
            timeline.append({"role": "assistant", "iteration": number, "content": said})
        timeline.append({"role": "", "content": root["output"].get("value", "")})
        return {"iterations": iterations, "timeline": timeline if iterations else None}

    def expand(self, root: Row) -> Row:
        """Answer `expand_llmobs_spans` for a turn, children inside their parents."""
        below = self.below(root)

        def nested(parent: Row) -> Row:
            inner = [nested(row) for row in below if row["parent_id"] == parent["span_id"]]
            return {**_node(parent), "children": inner}

        return {"spans": [nested(root)]}

    def details(self, root: Row) -> Row:
        """Answer `get_llmobs_span_details` for a root: no trace id, as the answer has none."""
        node = _node(root)
        del node["trace_id"]
        info = {"input": {"type": "string"}, "metadata": {"type": "object"}}
        return {
            "spans": [{**node, "content_info": info, "evaluations": root.get("evaluation") or {}}]
        }


def content(row: Row, field: str) -> Row:
    """Answer `get_llmobs_span_content` for one field of a span."""
    if field == "messages":
        value: Any = row["input"].get("messages", []) + row["output"].get("messages", [])
    elif field == "metadata":
        value = row["metadata"]
    else:
        value = row[field].get("value", "")
    text = value if isinstance(value, str) else json.dumps(value)
    return {"span_id": row["span_id"], "field": field, "content": text, "total_tokens_approx": 9}


def _looped(call: Row, tools: list[Row], told: dict[str, str]) -> Row:
    """Return a call with the result that the model was told, else the one on its span."""
    span = next((tool for tool in tools if tool["name"] == call["name"]), None)
    if span is not None:
        tools.remove(span)
    recorded = span["output"].get("value") if span else None
    return {
        "name": call["name"],
        "arguments": json.dumps(call["arguments"]),
        "result": told.get(call["tool_id"], recorded or ""),
    }


def _node(row: Row) -> Row:
    keys = ("span_id", "trace_id", "parent_id", "name", "span_kind", "status", "ml_app", "tags")
    metrics = {f"{name}": value for name, value in (row.get("metrics") or {}).items()}
    return {
        **{key: row[key] for key in keys},
        "start_ms": int(row["start_ns"]) // 1_000_000,
        "duration_ms": row["duration"] / 1_000_000,
        "llm_info": {"model_name": row.get("model_name", ""), **metrics},
        "has_input": bool(row["input"]),
        "has_output": bool(row["output"]),
    }


def _searched(row: Row) -> Row:
    return {
        **_node(row),
        "apm_trace_id": "0",
        "input": {"preview": str(row["input"].get("value", ""))[:PREVIEW]},
        "output": {"preview": str(row["output"].get("value", ""))[:PREVIEW]},
    }
