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
    return asked in _names(recorded) or recorded in _names(asked) or _is_appended(asked, recorded)


def _is_appended(asked: str, recorded: str) -> bool:
    return any(name.startswith(f"{asked} - ") for name in _names(recorded)) if asked else False


def _names(name: str) -> tuple[str, ...]:
    """Return a name and what is left of it without one prefix after the other."""
    found = [name]
    while (rest := _without_prefix(found[-1])) != found[-1]:
        found.append(rest)
    return tuple(found)


def _without_prefix(name: str) -> str:
    for prefix in PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix):
            return name.removeprefix(prefix)
    if name.startswith(_MCP):
        _, found, tool = name.removeprefix(_MCP).partition("__")
        return tool if found and tool else name
    return name
