"""One app on each framework: `python -m tests.instrument.apps KIND WEB ML_APP < REQUESTS`.

KIND is asgi or wsgi. WEB is `inside` or `outside`, the place of the middleware with regard to
ddtrace's web integration, or `none` where the web framework is not traced. Requests are JSON: lists
of path and headers. It runs in the SDK's Python, prints the status codes, and ends.
"""

import asyncio
import json
import socket
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ddtrace

from tests.instrument.serving import Stop, serve_asgi, serve_wsgi

TOGETHER = 50
"""Requests of path `/together/…` wait until there are so many."""


def asgi(place: str, own: socket.socket) -> Stop:
    """Serve a Starlette app in a thread."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    from session_classify.instrument.asgi import RumMiddleware
    from tests.instrument.routes import ROUTES, plain, streamed

    barrier = asyncio.Barrier(TOGETHER)

    async def answer(request: Request) -> Any:
        name = request.path_params["name"]
        if name.startswith("together"):
            await barrier.wait()
            plain(name)
            await barrier.wait()
        elif name.startswith("streamed"):
            return StreamingResponse(streamed(name))
        else:
            ROUTES[name.partition("/")[0]](name)
        return PlainTextResponse("done")

    route = Route("/{name:path}", answer)
    inner = [Middleware(RumMiddleware)] if place == "inside" else []
    app: Any = Starlette(routes=[route], middleware=inner)
    if place != "inside":
        app = RumMiddleware(app)
    return serve_asgi(app, own)


def wsgi(place: str, own: socket.socket) -> Stop:
    """Serve a Flask app in a thread."""
    import flask

    from session_classify.instrument.wsgi import RumMiddleware
    from tests.instrument.routes import ROUTES, plain, streamed

    barrier = threading.Barrier(TOGETHER)
    app = flask.Flask("made_up")

    @app.get("/<path:name>")
    def answer(name: str) -> Any:
        if name.startswith("together"):
            barrier.wait(60)
            plain(name)
            barrier.wait(60)
        elif name.startswith("streamed"):
            return flask.Response(streamed(name))
        else:
            ROUTES[name.partition("/")[0]](name)
        return "done"

    wrapped: Any = app
    if place == "inside":
        from ddtrace.contrib.wsgi import DDWSGIMiddleware

        wrapped = DDWSGIMiddleware(RumMiddleware(app))
    else:
        app.wsgi_app = RumMiddleware(app.wsgi_app)  # type: ignore[method-assign,assignment]
    return serve_wsgi(wrapped, own, TOGETHER)


def main(kind: str, place: str, ml_app: str) -> None:
    """Serve the app, make the requests, all at once, and send the spans."""
    from ddtrace.llmobs import LLMObs

    if place != "none":
        ddtrace.patch(starlette=True, flask=True)
    own = socket.create_server(("127.0.0.1", 0), backlog=128)
    stop = {"asgi": asgi, "wsgi": wsgi}[kind](place, own)
    # After the middleware was made: the order makes no difference.
    LLMObs.enable(ml_app=ml_app, agentless_enabled=False)
    url = f"http://127.0.0.1:{own.getsockname()[1]}"

    def ask(request: tuple[str, dict[str, str]]) -> int:
        path, headers = request
        made = urllib.request.Request(f"{url}/{path}", headers=headers)
        with urllib.request.urlopen(made, timeout=60) as response:
            response.read()
            return int(response.status)

    with ThreadPoolExecutor(TOGETHER) as pool:
        print(json.dumps(list(pool.map(ask, json.load(sys.stdin)))))
    stop()
    LLMObs.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
