"""ASGI middleware: the spans of a request get the RUM session and user of its browser."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from session_classify.instrument.span_tags import enter, install, leave

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class RumMiddleware:
    """Wraps an ASGI app. Outside or inside other middleware makes no difference."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._is_needed = install()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or serve a WebSocket, with its RUM ids remembered."""
        if not self._is_needed or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        values = [value for name, value in scope["headers"] if name.lower() == b"baggage"]
        token = enter(b",".join(values).decode("latin-1"))
        try:
            await self._app(scope, receive, send)
        finally:
            leave(token)
