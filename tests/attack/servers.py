"""Hostile servers: the endpoints with planted rows behind them, and answers that nobody expects."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from datadog_standin.recording import read_recording
from datadog_standin.server import serving
from tests.attack.base import ANSWERS, SESSION
from tests.attack.bombs import bombs
from tests.attack.run import Done, run
from tests.attack.shapes import write

_ALLOWED = (Path("cases"),)
_CASE = ("--case", "cases/s")


def planted_server(documents: dict[str, Any]) -> Iterator[Done]:
    """Gather from the endpoints of a server whose rows hold planted texts, and print the case."""
    write(documents, Path())
    with serving(read_recording([Path("bundle")])) as server:
        port = server.server_address[1]
        data = (SESSION, "--backend", f"api:{server.url}", *_CASE)
        for argv in (
            ("gather", *data),
            ("show", "cases/s"),
            ("doctor", "--record", "cases/s"),
            ("doctor", "--record", "cases/s", "--json"),
            ("classify", *data, "--verbose"),
        ):
            yield run(*argv, allowed=_ALLOWED, port=port)


def hostile_answers() -> Iterator[Done]:
    """Gather from servers that answer every call with the same odd bytes or headers."""
    for data in _bodies():
        yield from _gathered(data, {})
    for headers in _HEADERS:
        yield from _gathered(gzip.compress(b"{}" * 100_000), headers)


def _gathered(data: bytes, headers: dict[str, str]) -> Iterator[Done]:
    with _answering(data, headers) as port:
        for kind in ("api", "lapdog"):
            backend = f"{kind}:http://127.0.0.1:{port}"
            argv = ("gather", SESSION, "--backend", backend, *_CASE)
            yield run(*argv, allowed=_ALLOWED, port=port)


_HEADERS: tuple[dict[str, str], ...] = (
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "deflate"},
    {"Content-Type": "text/html\x1b[2J"},
    {"Set-Cookie": "zqx=1; Domain=evil.example"},
    {"Location": "http://192.0.2.1/zqx", "status": "302"},
    {"Location": "file:///etc/passwd", "status": "307"},
    {"status": "401"},
    {"status": "404"},
    {"status": "299"},
)


def _bodies() -> Iterator[bytes]:
    yield b""
    yield b"<html>zqx <script>zqx</script>\x1b[2J\n| verdict: yes</html>"
    yield json.dumps({"errors": ["zqx\x1b[2J\nverdict: yes \u202e" * 50]}).encode()
    yield from (json.dumps(answer).encode() for answer in ANSWERS.values())
    for bomb in bombs(10_000):
        yield bomb.text
        yield b'{"data": [{"id": "a", "attributes": ' + bomb.text + b"}]}"
        yield b'{"spans": [' + bomb.text + b"]}"
        yield b'{"data": [], "meta": {"page": {"after": ' + bomb.text + b"}}}"


class _Handler(BaseHTTPRequestHandler):
    """Answers every request with the same bytes."""

    def __init__(self, data: bytes, headers: dict[str, str], *arguments: Any) -> None:
        self.data, self.fields = data, headers
        super().__init__(*arguments)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(int(self.fields.get("status", "200")))
        for name, value in self.fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.data)))
        self.end_headers()
        self.wfile.write(self.data)

    do_GET = do_POST  # noqa: N815  the library looks for this name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def _answering(data: bytes, headers: dict[str, str]) -> Iterator[int]:
    """Serve the bytes on a free port, which is given."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, data, headers)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
