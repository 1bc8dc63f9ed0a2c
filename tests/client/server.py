"""The stand-in's MCP server with results of other forms.

`python -m tests.client.server FORM BUNDLE`: FORM is one of FORMS. Sources of the forms:
`references/sources/clients.md#persisted-results`.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server

from datadog_standin.mcp_server import serve_stdio
from datadog_standin.recording import read_recording
from datadog_standin.router import Router, clock
from datadog_standin.tools import SERVED

_NOTE = "<METADATA>made up</METADATA>"


def _text(text: str) -> types.TextContent:
    return types.TextContent(text=text)


def _structured(text: str) -> types.CallToolResult:
    """Return an answer as structured content; a table is no object, so it goes as text."""
    try:
        content = json.loads(text)
    except ValueError:
        content = {"result": text}
    return types.CallToolResult(content=[_text(text)], structured_content=content)


FORMS: dict[str, Callable[[str], types.CallToolResult]] = {
    "text": lambda text: types.CallToolResult(content=[_text(text)]),
    "blocks": lambda text: types.CallToolResult(content=[_text(_NOTE), _text(text)]),
    "structured": _structured,
    "structured text": lambda text: types.CallToolResult(
        content=[_text(text)], structured_content={"result": text}
    ),
}


def server(form: str, router: Router) -> Server[Any]:
    """Return a server whose results have one form."""

    async def listed(*_: object) -> types.ListToolsResult:
        tools = [
            types.Tool(name=name, description=tool.about, input_schema=tool.schema)
            for name, tool in SERVED.items()
        ]
        return types.ListToolsResult(tools=tools)

    async def called(_: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        given = params.arguments or {}
        body = {key: value for key, value in given.items() if key != "telemetry"}
        tool = SERVED[params.name]
        return FORMS[form](tool.blocks(router.made(tool.answer, body))[-1])

    return Server("standin", version="1", on_list_tools=listed, on_call_tool=called)


if __name__ == "__main__":
    recording = read_recording([Path(sys.argv[2])])
    lag = clock() - recording.newest - 60_000
    anyio.run(serve_stdio, server(sys.argv[1], Router(recording, lag=lag)))
