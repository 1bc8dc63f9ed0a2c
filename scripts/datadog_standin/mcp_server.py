"""The stand-in as an MCP server, over stdio or streamable HTTP on the loopback interface."""

import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from datadog_standin.bodies import RequestError
from datadog_standin.faults import Kind, error_body
from datadog_standin.router import REFUSALS, Router
from datadog_standin.tools import SERVED

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

PATH = "/mcp"
_KEYS = (b"dd_api_key", b"dd_application_key"), (b"dd-api-key", b"dd-application-key")
"""Names of the key headers in the server's setup page and in the API."""

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def mcp_server(router: Router, log: Callable[[str], None] | None = None) -> Server[Any]:
    """Return a server whose tools answer from a router; `log` gets a line for every call."""

    async def listed(
        _: "ServerRequestContext[Any]", __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        tools = [
            types.Tool(name=name, description=tool.about, input_schema=tool.schema)
            for name, tool in SERVED.items()
        ]
        return types.ListToolsResult(tools=tools)

    async def called(
        _: "ServerRequestContext[Any]", params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        arguments = params.arguments or {}
        if log is not None:
            intent = arguments.get("telemetry")
            purpose = intent.get("intent") if isinstance(intent, dict) else None
            log(f"{params.name} ({purpose or 'no intent'})")
        return await _answered(router, params.name, arguments)

    return Server("datadog-standin", version="1", on_list_tools=listed, on_call_tool=called)


async def serve_stdio(server: Server[Any]) -> None:
    """Serve over this process's standard input and output until the client leaves."""
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


async def serve_http(app: App, listening: socket.socket) -> None:
    """Serve an app on a bound socket until a signal comes."""
    import uvicorn

    settings = uvicorn.Config(app, log_level="critical", access_log=False)
    await uvicorn.Server(settings).serve(sockets=[listening])


def http_app(router: Router, log: Callable[[str], None] | None = None) -> App:
    """Return the server as an app at `/mcp`, with the router's latency for every request.

    Any keys or bearer token are accepted, in the headers of the hosted server.
    """
    server = mcp_server(replace(router, latency=0), log)
    inside = server.streamable_http_app(streamable_http_path=PATH)

    async def door(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await anyio.sleep(router.latency / 1000)
        if scope["type"] == "http" and not _is_known(dict(scope["headers"])):
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b'{"errors":["Unauthorized"]}'})
            return
        await inside(scope, receive, send)

    return door


def bound(port: int) -> socket.socket:
    """Return a socket bound to a loopback port, a free one for 0; raises OSError."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


async def _answered(router: Router, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    tool = SERVED.get(name)
    if tool is None:
        return _failed(f"unknown tool {name}")
    fault = router.fault(tool.endpoint)
    await anyio.sleep(router.wait(fault))
    if fault and fault.fault in REFUSALS:
        status, text = REFUSALS[fault.fault]
        return _failed(fault.text or f"API error (status {status}): {text}")
    if fault and fault.fault is Kind.ERROR_BODY:
        text = fault.text or json.dumps(error_body(fault))
        return types.CallToolResult(content=[types.TextContent(text=text)])
    if fault and fault.fault is Kind.CUT:
        raise ConnectionError("the connection was cut")
    body = {key: value for key, value in arguments.items() if key != "telemetry"}
    try:
        answer = await anyio.to_thread.run_sync(router.made, tool.answer, body, fault)
    except RequestError as error:
        return _failed(f"API error (status {error.status}): {error}")
    texts = tool.blocks(answer)
    if fault and fault.fault is Kind.TRUNCATED:
        texts[-1] = texts[-1][: len(texts[-1]) // 2]
    return types.CallToolResult(content=[types.TextContent(text=text) for text in texts])


def _failed(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True)


def _is_known(headers: dict[bytes, bytes]) -> bool:
    kind, _, token = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer" and token.strip():
        return True
    return any(all(headers.get(key, b"").strip() for key in pair) for pair in _KEYS)
