"""The meaning of an MCP server's errors: by HTTP status, else by code and message."""

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from session_classify.backends.failures import NO_ANSWER, FailedCallError, Failure, of_status
from session_classify.backends.retries import asked_wait
from session_classify.errors import UnreachableError

if TYPE_CHECKING:
    import httpx2
    from mcp import MCPError

_CONNECTING = ""
"""Key of all requests that call no tool."""
_AGAIN = "run the same command again"


@dataclass(slots=True)
class Refusals:
    """The HTTP statuses of refused requests, which the client does not report.

    Calls run in parallel, so each status is stored by the content of its request.
    """

    _seen: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    """Status, and the seconds that the server asks to wait."""

    async def note(self, answer: "httpx2.Response") -> None:
        """Store the status of a refused request.

        A server may refuse the stream that the client opens with GET; this is not a failure.
        """
        if answer.status_code >= 400 and answer.request.method == "POST":
            wait = asked_wait(answer.headers, time.time(), answer.status_code)
            self._seen[_request_key(answer.request.content)] = answer.status_code, wait

    @property
    def connecting(self) -> int:
        """The status with which the connection was refused; 0 for none."""
        return self._seen.get(_CONNECTING, (0, None))[0]

    def failed(
        self, name: str, arguments: dict[str, Any], error: "MCPError", where: str
    ) -> Exception:
        """Return the exception for the error of a tool call; `where` names the server."""
        import mcp_types as types

        status, wait = self._seen.pop(_key(name, arguments), (0, None))
        if status == 404:  # 404 refers to the address or the session, never to a tool's argument
            return UnreachableError(f"{where} does not know this session (404); {_AGAIN}")
        if status:
            return FailedCallError(error.message, of_status(status), wait=wait)
        if error.code == types.REQUEST_TIMEOUT:
            return FailedCallError(error.message, NO_ANSWER)
        wrong = types.PARSE_ERROR, types.INVALID_REQUEST, types.METHOD_NOT_FOUND
        if error.code in (*wrong, types.INVALID_PARAMS):
            return FailedCallError(error.message, Failure())
        failed = FailedCallError(error.message)
        if error.code == types.CONNECTION_CLOSED and failed.failure == Failure():
            return UnreachableError(f"{where} ended the connection; {_AGAIN}")
        return failed


def _request_key(request: bytes) -> str:
    """Return the key of a protocol request: `_key` of a tool call, else `_CONNECTING`."""
    try:
        sent = json.loads(request)
        if sent["method"] == "tools/call":
            return _key(sent["params"]["name"], sent["params"]["arguments"])
    except (ValueError, KeyError, TypeError):
        pass
    return _CONNECTING


def _key(name: str, arguments: dict[str, Any]) -> str:
    return json.dumps([name, arguments], sort_keys=True)
