"""Wrappers and encodings that a result may travel in, each with how it is written."""

import base64
import bz2
import gzip
import json
import lzma
import zlib
from collections.abc import Callable
from typing import Any

Wrap = Callable[[bytes], bytes]


def text_of(data: bytes) -> str:
    """Return some bytes as a text that JSON can hold: base64 where they are none."""
    try:
        if b"\0" not in data:
            return data.decode()
    except UnicodeDecodeError:
        pass
    return base64.b64encode(data).decode()


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def blocks(data: bytes) -> list[dict[str, Any]]:
    """Return the content of a tool result of the Model Context Protocol."""
    return [{"type": "text", "text": text_of(data)}]


def tool_result(data: bytes) -> dict[str, Any]:
    return {"content": blocks(data), "isError": False}


def rpc(result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 3, "result": result}


def stream(data: bytes) -> bytes:
    """Return an event stream in which a note comes before the answer."""
    note = json.dumps({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}})
    answer = text_of(data).replace("\r\n", "\n").split("\n")
    lines = ["event: message", f"data: {note}", "", "id: 2", "event: message"]
    return "\n".join([*lines, *(f"data: {line}" for line in answer), "", ""]).encode()


def claude(data: bytes) -> bytes:
    """Return the transcript of a coding agent, one event a line, with a result of another tool."""
    call = {"type": "tool_use", "id": "t1", "name": "mcp__dd__search_llmobs_spans", "input": {}}
    other = {"type": "tool_use", "id": "t2", "name": "Read", "input": {"file_path": "/x"}}
    rows = [
        {"type": "summary", "summary": "About spans"},
        {"type": "user", "message": {"role": "user", "content": "Look at it"}},
        {"type": "assistant", "message": {"role": "assistant", "content": [other, call]}},
        _result("t2", "1\tnothing"),
        _result("t1", blocks(data)),
    ]
    return b"\n".join(map(as_json, rows))


def _result(call_id: str, content: Any) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call_id, "content": content}
    return {"type": "user", "message": {"role": "user", "content": [block]}, "uuid": call_id}


def codex(data: bytes) -> bytes:
    """Return a rollout: a shell that runs pup, its output as JSON in a string."""
    call = {
        "type": "function_call",
        "name": "shell",
        "arguments": json.dumps({"command": ["bash", "-lc", "pup llm-obs spans search"]}),
        "call_id": "c1",
    }
    output = json.dumps({"output": text_of(data), "metadata": {"exit_code": 0}})
    rows = [
        {"timestamp": "2026-11-20T05:09:00Z", "type": "session_meta", "payload": {"id": "x"}},
        {"type": "response_item", "payload": call},
        {
            "type": "response_item",
            "payload": {"type": "function_call_output", "call_id": "c1", "output": output},
        },
    ]
    return b"\n".join(map(as_json, rows))


def chat(data: bytes) -> bytes:
    """Return the messages of a chat with a function call, in one list."""
    call = {"function": {"name": "analyze_rum_events", "arguments": "{}"}}
    return as_json(
        [
            {"role": "user", "content": "Look"},
            {
                "role": "assistant",
                "tool_calls": [{"id": "1", "type": "function", **call}],
            },
            {"role": "tool", "tool_call_id": "1", "content": text_of(data)},
        ]
    )


def fenced(text: str) -> bytes:
    """Return a text in a fence that is longer than those in it, with prose around it."""
    mark = next(mark for mark in ("~" * count for count in range(3, 99)) if mark not in text)
    return f"Here it is:\n\n{mark}\n{text}\n{mark}\nDone.".encode()


def among_lines(before: str, data: bytes, behind: str) -> bytes:
    """Return JSON with other lines around it; nothing else can be told from them."""
    text = text_of(data)
    return f"{before}{text}{behind}".encode() if text.lstrip()[:1] in ("{", "[") else data


ENCODED: dict[str, Wrap] = {
    "gzip": gzip.compress,
    "gzip-members": lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:]),
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "utf-8-mark": lambda data: b"\xef\xbb\xbf" + data,
    "utf-16-le-mark": lambda data: b"\xff\xfe" + text_of(data).encode("utf-16-le"),
    "utf-16-be-mark": lambda data: b"\xfe\xff" + text_of(data).encode("utf-16-be"),
    "utf-16-le": lambda data: text_of(data).encode("utf-16-le"),
    "utf-16-be": lambda data: text_of(data).encode("utf-16-be"),
    "utf-32": lambda data: text_of(data).encode("utf-32"),
    "base64": base64.encodebytes,
    "crlf": lambda data: text_of(data).replace("\n", "\r\n").encode(),
}
WRAPPED: dict[str, Wrap] = {
    "blocks": lambda data: as_json(blocks(data)),
    "block": lambda data: as_json(blocks(data)[0]),
    "metadata-block": lambda data: as_json(
        [{"type": "text", "text": "<METADATA>x</METADATA>"}, *blocks(data)]
    ),
    "resource-block": lambda data: as_json(
        [{"type": "resource", "resource": {"uri": "x://a", "text": text_of(data)}}]
    ),
    "resource": lambda data: as_json(
        {"contents": [{"uri": "x://a", "blob": base64.b64encode(data).decode()}]}
    ),
    "tool-result": lambda data: as_json(tool_result(data)),
    "structured": lambda data: as_json(
        {"content": [], "structuredContent": {"result": text_of(data)}}
    ),
    "rpc": lambda data: as_json(rpc(tool_result(data))),
    "rpc-batch": lambda data: as_json(
        [{"jsonrpc": "2.0", "method": "ping"}, rpc(tool_result(data))]
    ),
    "stream": lambda data: stream(as_json(rpc(tool_result(data)))),
    "hook-input": lambda data: as_json(
        {"hook_event_name": "PostToolUse", "tool_name": "x", "tool_response": blocks(data)}
    ),
    "hook-text": lambda data: as_json(
        {"tool_name": "x", "tool_input": {}, "tool_output": text_of(data)}
    ),
    "hook-log": lambda data: b"\n".join(
        [
            as_json({"hook_event_name": "PreToolUse", "tool_name": "x", "tool_input": {}}),
            as_json({"hook_event_name": "PostToolUse", "tool_response": tool_result(data)}),
        ]
    ),
    "hook-output": lambda data: as_json(
        {"hookSpecificOutput": {"hookEventName": "x", "updatedMCPToolOutput": text_of(data)}}
    ),
    "transcript": claude,
    "rollout": codex,
    "chat": chat,
    "shell": lambda data: as_json({"stdout": text_of(data), "stderr": "", "interrupted": False}),
    "http": lambda data: as_json({"status": 200, "headers": {}, "body": text_of(data)}),
    "har": lambda data: as_json(
        {
            "log": {
                "entries": [
                    {
                        "request": {"method": "POST"},
                        "response": {
                            "status": 200,
                            "content": {"mimeType": "x", "text": text_of(data)},
                        },
                    }
                ]
            }
        }
    ),
    "result": lambda data: as_json({"result": text_of(data)}),
    "string": lambda data: as_json(text_of(data)),
}
PRINTED: dict[str, Wrap] = {
    "fence": lambda data: f"```json\n{text_of(data)}\n```\n".encode(),
    "fence-in-prose": lambda data: fenced(text_of(data)),
    "colours": lambda data: ("\x1b[1;32m" + text_of(data) + "\x1b[0m\x1b]0;t\x07").encode(),
    "warnings": lambda data: among_lines("Warning: no --from\n[WARN] 1 h\n", data, ""),
    "lines-behind": lambda data: among_lines("", data, "\nDone in 3 s\n$ "),
}
