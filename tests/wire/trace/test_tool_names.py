"""Names of tools behind the prefixes of SDKs and protocols."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_classify.wire.trace.tool_names import PREFIXES, is_same_tool

SAME = [
    ("cancel", "cancel"),
    ("cancel", "cancel - give the money back"),
    ("cancel", "execute_tool cancel - give the money back"),
    ("mcp__shop__cancel", "cancel"),
    ("cancel", "claude_agent_sdk.tool.mcp__shop__cancel"),
    ("functions.cancel", "MCP Client Tool Call: cancel"),
    ("mcp__shop__cancel", "tools/call cancel"),
    ("mcp__my__server__cancel", "server__cancel"),
    ("functions.", "functions."),
]
OTHER = [
    ("cancel", "cancel_all"),
    ("cancel", "cancelled - no"),
    ("cancel", "do cancel"),
    ("", "execute_tool cancel"),
    ("", "cancel - give the money back"),
    ("mcp__shop__cancel", "mcp__depot__cancel"),
    ("mcp__shop__", "mcp__depot__"),
    ("cancel", "MCP Client Tool Call: cancel_all"),
    ("shop__cancel", "cancel"),
]


@pytest.mark.parametrize(("asked", "recorded"), SAME)
def test_prefixes_do_not_part_a_call_from_its_span(asked: str, recorded: str) -> None:
    """Whatever an SDK or a protocol puts before a tool's name, the call joins its span."""
    assert is_same_tool(asked, recorded)


@pytest.mark.parametrize(("asked", "recorded"), OTHER)
def test_other_names_are_other_tools(asked: str, recorded: str) -> None:
    """A name that is alike, another server or no name at all is no match."""
    assert not is_same_tool(asked, recorded)


@given(st.text(min_size=1), st.lists(st.sampled_from(PREFIXES), max_size=3))
def test_any_prefixes_of_any_name_are_the_same_tool(name: str, prefixes: list[str]) -> None:
    """Prefixes may come one after the other, before any name."""
    assert is_same_tool(name, "".join(prefixes) + name)
