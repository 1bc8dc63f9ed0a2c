"""The calls that are named: whole windows, whole contents, as MCP arguments and as commands."""

import shlex

import pytest

from session_classify.queries import trace as trace_queries
from session_classify.queries.call import Call
from session_classify.vocabulary import WINDOWS, Unit

CALLS = [
    call
    for unit in Unit
    for call in (
        trace_queries.search(unit, "id-1"),
        trace_queries.search(unit, "id-1", "next"),
        trace_queries.agent_loop(unit, "t1", "s1"),
        trace_queries.expand(unit, "t1", "s1"),
        trace_queries.content(unit, "t1", "s1", "messages"),
        trace_queries.details(unit, "t1", "s1"),
    )
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: " ".join(call.pup)[:50])
def test_no_call_leaves_its_window_out(call: Call) -> None:
    """The defaults reach back an hour or a day and silently find nothing."""
    mcp, _, command = str(call).partition(", or ")

    words = shlex.split(command)
    assert words[:3] == ["pup", "llm-obs", "spans"]
    assert words[words.index("--from") + 1] in WINDOWS.values()
    assert "now-" not in command  # older pup refuses it
    assert f'from="now-{words[-1]}", to="now")' in mcp


def test_a_session_is_searched_by_its_tag_and_by_page() -> None:
    """As a query it would be a search in the full text; a page goes on at its cursor."""
    call = trace_queries.search(Unit.SESSION, "s-1", "abc")

    assert str(call) == (
        'search_llmobs_spans(tags={"session_id": "s-1"}, root_spans_only=true, limit=500, '
        'cursor="abc", from="now-90d", to="now"), or pup llm-obs spans search --tags '
        "session_id:s-1 --root-spans-only --limit 500 --cursor abc --from 90d"
    )


def test_an_id_cannot_leave_its_argument() -> None:
    """What a trace calls itself stays one word of the command."""
    call = trace_queries.agent_loop(Unit.TRACE, "t1; rm -rf ~", "$(id)")

    words = shlex.split(str(call).partition(", or ")[2])
    assert words[words.index("--trace-id") + 1] == "t1; rm -rf ~"
    assert words[words.index("--span-id") + 1] == "$(id)"
