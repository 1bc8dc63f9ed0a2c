"""What is remembered of a request, before and after its response; runs in the SDK's Python."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from session_classify.instrument import asgi, span_tags, wsgi

HEADER = "session.id=rum-1"


def remembered() -> dict[str, str]:
    """Return the ids that a span would get now."""
    return dict(span_tags._REQUEST.get())


def wsgi_request(*, fails: bool) -> list[Any]:
    """Return what is remembered while the app answers, until the response is closed, and then."""
    found: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:  # noqa: ARG001
        found.append(remembered())
        if fails:
            raise RuntimeError
        return [b"done"]

    with suppress(RuntimeError):
        response: Any = wsgi.RumMiddleware(app)({"HTTP_BAGGAGE": HEADER}, lambda *_: None)
        found.append([part.decode() for part in response])
        found.append(remembered())
        response.close()
    return [*found, remembered()]


async def asgi_request(kind: str, *, fails: bool = False) -> list[Any]:
    """Return what is remembered while the app answers, and then."""
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        found.append(remembered())
        if fails:
            raise RuntimeError

    scope = {"type": kind, "headers": [(b"Baggage", HEADER.encode()), (b"accept", b"*/*")]}
    with suppress(RuntimeError):
        await asgi.RumMiddleware(app)(scope, None, None)  # type: ignore[arg-type]
    return [*found, remembered()]


if __name__ == "__main__":
    print(
        json.dumps(
            {
                "wsgi": wsgi_request(fails=False),
                "wsgi fails": wsgi_request(fails=True),
                "http": asyncio.run(asgi_request("http")),
                "http fails": asyncio.run(asgi_request("http", fails=True)),
                "websocket": asyncio.run(asgi_request("websocket")),
                "lifespan": asyncio.run(asgi_request("lifespan")),
            }
        )
    )
