"""A scripted model behind the wire formats of five providers; runs in the SDK's Python."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.sdk.script import STEPS, Call

Step = str | Call


class Model(ThreadingHTTPServer):
    """Answers each request with the next step of the script."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.step = 0
        Thread(target=self.serve_forever, daemon=True).start()

    def next(self) -> tuple[Step, str]:
        """Return the next step, and an id for its call."""
        step = STEPS[self.step]
        self.step += 1
        return step, f"call_{self.step:04}"


class _Handler(BaseHTTPRequestHandler):
    server: Model

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        form = next((form for part, form in _FORMS.items() if part in self.path), None)
        body = json.dumps(form(*self.server.next()) if form else {}).encode()
        self.send_response(200 if form else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _chat(step: Step, name: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": step}
    if not isinstance(step, str):
        function = {"name": step[0], "arguments": json.dumps(step[1])}
        calls = [{"id": name, "type": "function", "function": function}]
        message = {"role": "assistant", "content": None, "tool_calls": calls}
    reason = "stop" if isinstance(step, str) else "tool_calls"
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m-1",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
    }


def _responses(step: Step, name: str) -> dict[str, Any]:
    if isinstance(step, str):
        text = {"type": "output_text", "text": step, "annotations": []}
        item = {"type": "message", "id": f"msg_{name}", "role": "assistant", "status": "completed"}
        output: dict[str, Any] = {**item, "content": [text]}
    else:
        call = {"type": "function_call", "id": f"fc_{name}", "call_id": name}
        output = {**call, "name": step[0], "arguments": json.dumps(step[1]), "status": "completed"}
    details = {"input_tokens_details": {"cached_tokens": 0}}
    details |= {"output_tokens_details": {"reasoning_tokens": 0}}
    return {
        "id": f"resp_{name}",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "m-1",
        "output": [output],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12, **details},
    }


def _messages(step: Step, name: str) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": step}
    if not isinstance(step, str):
        block = {"type": "tool_use", "id": name, "name": step[0], "input": step[1]}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m-1",
        "content": [block],
        "stop_reason": "end_turn" if isinstance(step, str) else "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 3},
    }


def _gemini(step: Step, name: str) -> dict[str, Any]:
    part: dict[str, Any] = {"text": step}
    if not isinstance(step, str):
        part = {"functionCall": {"id": name, "name": step[0], "args": step[1]}}
    content = {"role": "model", "parts": [part]}
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 12}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m-1"}


def _converse(step: Step, name: str) -> dict[str, Any]:
    part: dict[str, Any] = {"text": step}
    if not isinstance(step, str):
        part = {"toolUse": {"toolUseId": name, "name": step[0], "input": step[1]}}
    return {
        "output": {"message": {"role": "assistant", "content": [part]}},
        "stopReason": "end_turn" if isinstance(step, str) else "tool_use",
        "usage": {"inputTokens": 9, "outputTokens": 3, "totalTokens": 12},
        "metrics": {"latencyMs": 1},
    }


_FORMS = {
    "/chat/completions": _chat,
    "/responses": _responses,
    "/messages": _messages,
    ":generateContent": _gemini,
    "/converse": _converse,
}
"""The form of an answer, by what a request's path holds."""
