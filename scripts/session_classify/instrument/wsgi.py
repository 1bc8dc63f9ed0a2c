"""WSGI middleware: the spans of a request get the RUM session and user of its browser."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from contextvars import Token
from typing import Any

from session_classify.instrument.span_tags import enter, install, leave

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class RumMiddleware:
    """Wraps a WSGI app. Outside or inside other middleware makes no difference."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._is_needed = install()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request, with its RUM ids remembered until the response is closed."""
        if not self._is_needed:
            return self._app(environ, start_response)
        token = enter(environ.get("HTTP_BAGGAGE", ""))
        try:
            return _Response(self._app(environ, start_response), token)
        except BaseException:
            _leave(token)
            raise


class _Response:
    """The parts of a response; a generator may start spans until the last one."""

    def __init__(self, parts: Iterable[bytes], token: Token[Mapping[str, str]]) -> None:
        self._parts = parts
        self._token = token

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        """Close the app's response, as the server must at the end, and forget the RUM ids."""
        try:
            if close := getattr(self._parts, "close", None):
                close()
        finally:
            _leave(self._token)


def _leave(token: Token[Mapping[str, str]]) -> None:
    # A server may close a response in another context, where there is nothing to forget.
    with suppress(ValueError):
        leave(token)
