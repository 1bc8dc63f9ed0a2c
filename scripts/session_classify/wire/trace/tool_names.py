"""Names of tools: what SDKs and protocols put before the name that the model called."""

PREFIXES = (
    # ddtrace: spans.md#names-of-tool-spans
    "MCP Client Tool Call: ",
    "claude_agent_sdk.tool.",
    # OpenTelemetry: GenAI and MCP conventions; Sentry
    "execute_tool ",
    "gen_ai.execute_tool ",
    "tools/call ",
    # OpenAI: the namespace of a model's functions
    "functions.",
)
_MCP = "mcp__"
"""`mcp__SERVER__TOOL`: how agent clients name the tools of a server."""


def is_same_tool(asked: str, recorded: str) -> bool:
    """Tell whether a model's call and a span are of the same tool.

    Either may have prefixes that the other has not; what a call is for may be appended to a span's
    name after ` - `. Tools of two servers with the same name are two tools.
    """
    ours, theirs = _own_name(asked), _own_name(recorded)
    if ours == theirs or (ours and theirs.startswith(f"{ours} - ")):
        return True
    return ours.startswith(_MCP) != theirs.startswith(_MCP) and _of_server(ours) == _of_server(
        theirs
    )


def _own_name(name: str) -> str:
    """Return a name without the words of SDKs and protocols before it."""
    while prefix := next((p for p in PREFIXES if name.startswith(p) and name != p), ""):
        name = name.removeprefix(prefix)
    return name


def _of_server(name: str) -> str:
    """Return the name that a tool has on its server."""
    _, found, tool = name.removeprefix(_MCP).partition("__")
    return tool if name.startswith(_MCP) and found and tool else name
