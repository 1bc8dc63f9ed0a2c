"""A scripted model: a local server of the Messages API, for a client that runs without a network.

The streaming format is that of https://docs.anthropic.com/en/api/messages-streaming.
"""

import json
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

Request = dict[str, Any]
Script = Generator[dict[str, Any] | list[dict[str, Any]], Request, None]
"""Yields nothing first, then the tool uses of a model, one or several at once.

It is sent the request before each.
"""


class Model(ThreadingHTTPServer):
    """Answers each request of the conversation with the next tool use of a script."""

    daemon_threads = True

    def __init__(self, script: Script, tokens: int = 1) -> None:
        """Listen on a free port of this machine; `tokens` is what any text counts."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tokens = tokens
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._script, self._lock, self._uses = script, Lock(), 0
        next(script)

    def __enter__(self) -> "Model":
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def blocks(self, request: Request) -> list[dict[str, Any]]:
        """Return the content of the answer to a request."""
        done = [{"type": "text", "text": "Done."}]
        if not request.get("tools"):  # a title or a summary, beside the conversation
            return done
        with self._lock:
            try:
                uses = self._script.send(request)
            except StopIteration:
                return done
            blocks = []
            for use in uses if isinstance(uses, list) else [uses]:
                self._uses += 1
                blocks.append({"type": "tool_use", "id": f"toolu_{self._uses:04}", **use})
            return blocks


class _Handler(BaseHTTPRequestHandler):
    server: Model

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "count_tokens" in self.path:
            self._send("application/json", json.dumps({"input_tokens": self.server.tokens}))
            return
        events = _events(request.get("model", ""), self.server.blocks(request))
        lines = [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events]
        self._send("text/event-stream", "".join(lines))

    def _send(self, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _events(model: str, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an answer as the events in which a stream brings it."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model}
    message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message}]
    for index, block in enumerate(blocks):
        if block["type"] == "text":
            start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events += [
            {"type": "content_block_start", "index": index, "content_block": start},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    reason = "tool_use" if blocks[-1]["type"] == "tool_use" else "end_turn"
    events += [
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage},
        {"type": "message_stop"},
    ]
    return events
