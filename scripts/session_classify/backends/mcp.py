"""`mcp`: a Datadog MCP server's tools (`references/sources/clients.md#mcp-server`)."""

import json
import os
import shlex
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from session_classify import __version__
from session_classify.backends.addresses import is_datadog, is_local
from session_classify.backends.environment import (
    LOCAL_SERVER,
    MCP_FIX,
    has_mcp,
    keys_here,
    site_here,
    token_here,
)
from session_classify.backends.failures import (
    NO_ANSWER,
    FailedCallError,
    Failure,
    Kind,
    of_status,
)
from session_classify.backends.mcp_refusals import Refusals
from session_classify.backends.meter import Meter
from session_classify.backends.retries import answered
from session_classify.errors import AuthError, MissingExtraError, UnreachableError, UsageError
from session_classify.queries.call import Call
from session_classify.queries.intents import intent

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from mcp import Client
    from mcp_types import CallToolResult

_PATH = "/api/unstable/mcp-server/mcp?toolsets=llmobs,rum"
_TOOL_PAGES = 100
"""Most further pages of the tool list: a faulty server could return cursors for ever."""
_FIX = (
    "check DD_API_KEY and DD_APP_KEY, or DD_ACCESS_TOKEN, that they belong to this site, and that "
    "the application key may use MCP (mcp_read)"
)


@dataclass(frozen=True, slots=True)
class _Link:
    """An open connection with its event loop, session and tools."""

    portal: "BlockingPortal"
    client: "Client"
    tools: frozenset[str]


@dataclass(slots=True)
class Mcp:
    """One MCP server: an address with headers, or a command to start."""

    url: str
    site: str
    command: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    seconds: float = 60
    """Timeout of one call."""
    invocation: str = field(default_factory=lambda: uuid4().hex[:8])
    """Marks the calls of this run in the server's logs."""
    _open: ExitStack = field(default_factory=ExitStack)
    _portal: "BlockingPortal | None" = None
    _link: _Link | None = None
    _lock: Lock = field(default_factory=Lock)
    _refusals: Refusals = field(default_factory=Refusals)
    _closed: Event = field(default_factory=Event)
    _begun: bool = False

    @property
    def name(self) -> str:
        """The backend as the case records it, without keys."""
        return "mcp"

    @property
    def identity(self) -> str:
        """What the answers depend on: address or command, and credentials. Secret.

        A command gets the whole environment; its keys and site are included.
        """
        keys = {**keys_here(), "token": token_here()} if self.command else self.headers
        return "\n".join(("mcp", self.url, self.site, *self.command, json.dumps(keys)))

    def ask(self, call: Call, meter: Meter) -> bytes:
        """Return a tool's answer as an agent client would store it; temporary errors are retried.

        Raises AuthError without access, UnreachableError where the server is not reachable or ends.
        """
        link, purpose = self._connected(call)
        name = _named(call.tool, link.tools)
        arguments = {**call.arguments, "telemetry": {"intent": purpose}}
        return answered(lambda: self._called(link, name, arguments), meter, self._closed, _FIX)

    def close(self) -> None:
        """Cancel running calls and close the connection."""
        self._closed.set()
        with suppress(Exception):  # an answer that arrives during closing is dropped
            if self._portal is not None and self._link is None:
                # A pending connection would wait for its server without limit.
                self._portal.call(self._portal.stop, True)
            self._open.close()

    def _connected(self, call: Call) -> tuple[_Link, str]:
        """Return the connection, opened by the first call, and the intent text of this call."""
        with self._lock:
            self._link = self._link or self._connect()
            is_first, self._begun = not self._begun, True
        return self._link, intent(self.invocation, call.why or call.tool, is_first=is_first)

    def _connect(self) -> _Link:
        import logging

        from anyio.from_thread import start_blocking_portal

        # The library would print a traceback of an error that is reported in one line.
        logging.getLogger("mcp").addHandler(logging.NullHandler())
        portal = self._portal = self._open.enter_context(start_blocking_portal())
        try:
            client, tools = self._open.enter_context(
                portal.wrap_async_context_manager(self._session())
            )
        except Exception as error:
            raise self._no_link(error) from error
        return _Link(portal, client, tools)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[tuple["Client", frozenset[str]]]:
        from mcp import Client
        from mcp_types import Implementation

        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                Client(
                    await self._transport(stack),
                    read_timeout_seconds=self.seconds,
                    client_info=Implementation(name="session-classify", version=__version__),
                )
            )
            page = await client.list_tools()
            names = {tool.name for tool in page.tools}
            for _ in range(_TOOL_PAGES):
                if not page.next_cursor:
                    break
                page = await client.list_tools(cursor=page.next_cursor)
                names.update(tool.name for tool in page.tools)
            yield client, frozenset(names)

    async def _transport(self, stack: AsyncExitStack) -> Any:
        if self.command:
            from mcp import StdioServerParameters

            program, *arguments = self.command
            return StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        http = await stack.enter_async_context(
            httpx2.AsyncClient(
                headers=self.headers,
                timeout=httpx2.Timeout(30, read=self.seconds),
                event_hooks={"response": [self._refusals.note]},
            )
        )
        # An agent loop is often larger than the client's default limit of 1 MB.
        return streamable_http_client(self.url, http_client=http, max_sse_event_size=None)

    def _called(self, link: _Link, name: str, arguments: dict[str, Any]) -> bytes:
        from mcp import MCPError

        try:
            result: CallToolResult = link.portal.call(link.client.call_tool, name, arguments)
        except MCPError as error:
            raise self._refusals.failed(name, arguments, error, self._where) from error
        except RuntimeError as error:
            raise UnreachableError(f"{self._where} was closed before it answered") from error
        except (ValueError, OSError) as error:
            failure = NO_ANSWER if isinstance(error, OSError) else Failure()
            raise FailedCallError(f"{type(error).__name__}: {error}", failure) from error
        if result.is_error:
            raise FailedCallError("\n".join(_texts(result)))
        return _kept(result)

    def _no_link(self, error: Exception) -> Exception:
        refused = self._refusals.connecting
        if of_status(refused).kind is Kind.NO_ACCESS:
            return AuthError(f"{self._where} refuses the credentials ({refused}); {_FIX}")
        cause: BaseException = error
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        status = f" {refused}" if refused else ""
        reason = f"{type(cause).__name__}{status}: {' '.join(str(cause).split())[:200]}"
        if self.command:
            return UnreachableError(f"{self._where} is not a working MCP server ({reason})")
        if not is_datadog(self.url):
            return UnreachableError(f"{self.url} does not answer ({reason}); check the address")
        return UnreachableError(
            f"{self._where} does not answer ({reason}); check DD_SITE, the network, and that "
            "MCP is enabled for the organisation"
        )

    @property
    def _where(self) -> str:
        return " ".join(self.command) if self.command else urlsplit(self.url).netloc


def open_mcp(where: str) -> Mcp:
    """Return the server at an address, of a command, or of DD_SITE.

    Keys and token are sent to Datadog's own servers, or to a started command, only. Raises
    MissingExtraError without the library, AuthError without credentials, UsageError for an
    unencrypted address of another machine.
    """
    if not has_mcp():
        needed = f"the mcp backend needs the official MCP library; run `{MCP_FIX}`"
        raise MissingExtraError(needed, "mcp")
    site, headers = site_here(), _headers()
    try:
        scheme = urlsplit(where).scheme
    except ValueError as error:
        raise UsageError(f"{where} is not an address: {error}") from error
    if where and scheme not in ("http", "https"):
        return Mcp("", site, _command(where))
    if is_local(where):
        return Mcp(where, site, headers={"Authorization": "Bearer local"})
    if where and not is_datadog(where):
        if urlsplit(where).scheme != "https":
            raise UsageError(
                f"{where} is neither https nor on this machine; traces are only sent encrypted"
            )
        return Mcp(where, site)
    if not where and not headers and (program := shutil.which(LOCAL_SERVER)):
        return Mcp("", site, (program,))
    if not headers:
        raise AuthError(
            "no credentials found; the mcp backend needs DD_API_KEY and DD_APP_KEY, or "
            f"DD_ACCESS_TOKEN, or {LOCAL_SERVER} on the PATH"
        )
    return Mcp(where or f"https://mcp.{site}{_PATH}", site, headers=headers)


def _command(where: str) -> tuple[str, ...]:
    program, *arguments = shlex.split(where)
    found = shutil.which(program)
    if found is None:
        raise UnreachableError(
            f"{program} is not on the PATH; expected mcp:URL, or mcp:COMMAND of a local MCP server"
        )
    return found, *arguments


def _headers() -> dict[str, str]:
    if token := token_here():
        return {"Authorization": f"Bearer {token}"}
    keys = keys_here()
    if not all(keys.values()):
        return {}
    return {"DD_API_KEY": keys["DD_API_KEY"], "DD_APPLICATION_KEY": keys["DD_APP_KEY"]}


def _named(tool: str, tools: frozenset[str]) -> str:
    """Return the server's name of a tool; gateways add a prefix."""
    if tool in tools:
        return tool
    longer = sorted(name for name in tools if name.endswith(tool))
    if longer:
        return longer[0]
    raise UnreachableError(
        f"this MCP server has no tool {tool}; add toolsets=llmobs,rum to its address"
    )


def _kept(result: "CallToolResult") -> bytes:
    """Return a result as bytes: one text unchanged, several as an array of their blocks."""
    texts = _texts(result)
    if len(texts) == 1:
        return texts[0].encode("utf-8", "surrogatepass")
    return json.dumps([{"type": "text", "text": text} for text in texts]).encode()


def _texts(result: "CallToolResult") -> list[str]:
    texts = [block.text for block in result.content if block.type == "text"]
    if not texts and result.structured_content is not None:
        texts = [json.dumps(result.structured_content)]
    return texts or [""]
