"""The HTTP server of the stand-in: routes, keys, latency and faults, on the loopback only."""

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from datadog_standin import audience, datasets, evaluations
from datadog_standin.bodies import Body, RequestError, object_of
from datadog_standin.bundles import Row
from datadog_standin.faults import Fault, Kind, error_body, fault_of
from datadog_standin.recording import Recording
from datadog_standin.router import ENDPOINTS, REFUSALS, TOOLS, Router

_NAMES = {endpoint.path: name for name, endpoint in ENDPOINTS.items()}
_HOSTS = frozenset({"127.0.0.1", "localhost"})
_LARGEST = 10_000_000
"""Most bytes of a request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: status, body, and transport faults."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    sent: Kind | None = None


class StandIn(ThreadingHTTPServer):
    """Serves a recording on 127.0.0.1; port 0 takes a free one, see `url`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        router: Router,
        port: int = 0,
        *,
        log: Callable[[str], None] | None = None,
    ) -> None:
        """Bind the port. Raises OSError for one in use."""
        self.router = router
        self.log = log
        self.audience = audience.Audience(router.recording.users, router.recording.accounts)
        self.datasets = datasets.Datasets()
        self.evaluations: list[Body] = []
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without asking a name server for this machine's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the library's traceback if `log` is set; clients disconnect all the time."""
        if self.log is not None:
            super().handle_error(request, client_address)


@contextmanager
def serving(recording: Recording, **options: Any) -> Iterator[StandIn]:
    """Serve a recording in a thread of this process; options as those of Router."""
    with StandIn(Router(recording, **options)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of a connection."""

    server: StandIn
    protocol_version = "HTTP/1.1"
    server_version = "session-classify"
    sys_version = ""
    disable_nagle_algorithm = True
    """Headers and body are sent separately; Nagle's algorithm would add 40 ms."""

    def do_POST(self) -> None:
        self._send(self._reply())

    def do_GET(self) -> None:
        if service := self._service():
            self._send(self._kept(*service, {}))
            return
        self.close_connection = True  # a body is not read
        self._send(_refused(404, f"Not found: GET {self.path}"))

    def do_PUT(self) -> None:
        self._send(self._reply())

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        if self.server.log is not None:
            self.server.log(format % args)

    def _reply(self) -> Reply:
        raw = self._read()
        if raw is None:
            self.close_connection = True
            return _refused(411, "a Content-Length of at most 10 MB is required")
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in _HOSTS:
            return _refused(403, "Forbidden")
        address = urlsplit(self.path)
        if service := self._service():
            return self._kept(*service, raw)
        if address.path in evaluations.PATHS:
            return self._evaluations(raw)
        name = _NAMES.get(address.path)
        if name is None:
            return _refused(404, f"Not found: {address.path}")
        router = self.server.router
        try:
            fault = router.fault(name, fault_of(dict(parse_qsl(address.query))))
        except msgspec.ValidationError as error:
            return _refused(400, f"the query asks for no fault: {error}")
        time.sleep(router.wait(fault))
        if fault and fault.fault in REFUSALS:
            return _failed(fault)
        if fault and fault.fault is Kind.ERROR_BODY:
            return Reply(200, error_body(fault))
        is_within, told = router.rate.take() if router.rate else (True, {})
        if not is_within:
            return _limited(told)
        reply = self._refusal(name) or _answered(router, name, raw, fault)
        return replace(reply, headers={**reply.headers, **told})

    def _service(self) -> tuple[str, Callable[[Body], Row]] | None:
        """Return the name and the function of an API whose paths and methods vary."""
        address = urlsplit(self.path)
        path, query = address.path, dict(parse_qsl(address.query))
        if path.startswith(audience.ROOT):
            return "audience", lambda body: self.server.audience.answer(self.command, path, body)
        if datasets.is_path(path):
            kept = self.server.datasets
            return "datasets", lambda body: kept.answer(self.command, path, query, body)
        return None

    def _kept(self, name: str, answer: Callable[[Body], Row], raw: bytes | Body) -> Reply:
        """Answer an operation of such an API, which keeps what it is given."""
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        keys = ("DD-API-KEY", "DD-APPLICATION-KEY")
        if host not in _HOSTS or not all(self.headers.get(key, "").strip() for key in keys):
            return _refused(403, "Forbidden")
        router = self.server.router
        fault = router.fault(name)
        time.sleep(router.wait(fault))
        if fault and fault.fault in REFUSALS:
            return _failed(fault)
        try:
            body = json.loads(raw) if isinstance(raw, bytes) else raw
            return Reply(200, answer(object_of({"b": body}, "b")))
        except RequestError as error:
            return _refused(error.status, str(error))
        except (ValueError, RecursionError) as error:
            return _refused(400, f"the body is not JSON: {error}")

    def _evaluations(self, raw: bytes) -> Reply:
        """Keep submitted evaluations; an agent's path adds the key that the other one needs."""
        path = urlsplit(self.path).path
        if path == evaluations.INTAKE and not self.headers.get("DD-API-KEY", "").strip():
            return _refused(403, "Forbidden")
        router = self.server.router
        fault = router.fault("eval-metric")
        time.sleep(router.wait(fault))
        if fault and fault.fault in REFUSALS:
            return _failed(fault)
        try:
            self.server.evaluations += evaluations.metrics(json.loads(raw))
        except RequestError as error:
            return _refused(error.status, str(error))
        except (ValueError, RecursionError) as error:
            return _refused(400, f"the body is not JSON: {error}")
        return Reply(202, {})

    def _read(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > _LARGEST:
            return None
        return self.rfile.read(int(length))

    def _refusal(self, name: str) -> Reply | None:
        """Return the refusal without keys; tool endpoints also accept a bearer token."""
        keys = ("DD-API-KEY", "DD-APPLICATION-KEY")
        if all(self.headers.get(key, "").strip() for key in keys):
            return None
        if not ENDPOINTS[name].path.startswith(TOOLS):
            return _refused(403, "Forbidden")
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        is_known = kind.lower() == "bearer" and token.strip()
        return None if is_known else _refused(401, "Unauthorized")

    def _send(self, reply: Reply) -> None:
        data = json.dumps(reply.body).encode()
        if reply.sent is Kind.TRUNCATED:
            data = data[: len(data) // 2]
        self.send_response(reply.status)
        for key, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        if reply.sent is Kind.CUT:
            self.close_connection = True
            data = data[: len(data) // 2]
        self.end_headers()
        self.wfile.write(data)


def _answered(router: Router, name: str, raw: bytes, fault: Fault | None) -> Reply:
    """Return the answer of an endpoint, or its refusal."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return _refused(400, f"the body is not JSON: {error}")
    if not isinstance(body, dict):
        return _refused(400, "the body must be a JSON object")
    try:
        answer = router.answer(name, body, fault)
    except RequestError as error:
        return _refused(error.status, str(error))
    return Reply(200, answer, sent=fault.fault if fault else None)


def _failed(fault: Fault) -> Reply:
    status, text = REFUSALS[fault.fault]
    headers = {"X-RateLimit-Reset": str(fault.reset)} if fault.fault is Kind.TOO_MANY else {}
    if fault.retry_after:
        headers["Retry-After"] = fault.retry_after
    return Reply(status, {"errors": [fault.text or text]}, headers)


def _limited(headers: dict[str, str]) -> Reply:
    status, text = REFUSALS[Kind.TOO_MANY]
    return Reply(status, {"errors": [text]}, headers)


def _refused(status: int, text: str) -> Reply:
    return Reply(status, {"errors": [text]})
