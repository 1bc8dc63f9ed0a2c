"""The two web servers that the instrumented apps of the tests run on, each in a thread."""

import socket
import threading
from collections.abc import Callable
from typing import Any

Stop = Callable[[], object]
"""Ends a server once its requests are done: a span may end after the response was read."""


def serve_asgi(app: Any, own: socket.socket) -> Stop:
    """Serve an ASGI app on an open socket."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(30)

    return stop


def serve_wsgi(app: Any, own: socket.socket, threads: int) -> Stop:
    """Serve a WSGI app on an open socket."""
    import waitress

    server = waitress.create_server(app, sockets=[own], threads=threads)
    threading.Thread(target=server.run, daemon=True).start()
    return lambda: server.task_dispatcher.shutdown(cancel_pending=False, timeout=30)
