"""A local server that answers as the APIs of OpenAI and Anthropic do, for judges in tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

VERDICT = json.dumps({"verdict": "no", "reason": "A made-up judge says so.", "cite": ["turn1"],
                      "failures": [{"code": "other", "why": "made up"}]})  # fmt: skip


class Endpoint(ThreadingHTTPServer):
    """Answers each prompt with a verdict, after the refusals that are planned for it."""

    daemon_threads = True

    def __init__(self, refusals: list[int], answer: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.refusals, self.answer = refusals, answer
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.refusals.pop(0) if self.server.refusals else 200
        if status == 200:
            self.server.asked.append(asked | {"path": self.path})
        data = json.dumps(self._body() if status == 200 else {"error": {"message": "made up"}})
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data.encode())

    def _body(self) -> dict[str, Any]:
        if self.path.endswith("/messages"):
            return {
                "id": "m", "type": "message", "role": "assistant", "model": "made-up",
                "content": [{"type": "text", "text": self.server.answer}],
                "stop_reason": "end_turn", "stop_sequence": None,
                "usage": {"input_tokens": 900, "output_tokens": 30},
            }  # fmt: skip
        message = {"role": "assistant", "content": self.server.answer}
        return {
            "id": "c", "object": "chat.completion", "created": 1, "model": "made-up",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 30, "total_tokens": 930},
        }  # fmt: skip


@contextmanager
def served(refusals: tuple[int, ...] = (), answer: str = VERDICT) -> Iterator[Endpoint]:
    """Serve verdicts on a free port of this machine."""
    with Endpoint(list(refusals), answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
