"""The stand-in as an MCP server, asked by the official client."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.mcp_server import mcp_server
from datadog_standin.recording import recorded
from datadog_standin.router import Router
from datadog_standin.tools import SERVED
from tests.datadog_standin.made_up import AUDIT, NOW, RUM, SESSION, SPANS, a_recording


@contextmanager
def connected(*faults: Fault) -> Iterator[Any]:
    """Yield what calls a tool of a server of made-up rows and returns whether it failed, texts."""
    router = Router(a_recording(), plan=Plan(faults), now=lambda: NOW)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(mcp_server(router))) as client,
    ):

        def call(name: str, **arguments: Any) -> tuple[bool, list[str]]:
            result = portal.call(client.call_tool, name, arguments)
            return result.is_error, [block.text for block in result.content]

        yield call


def test_every_tool_is_listed_with_its_arguments() -> None:
    """An agent learns from the list what there is to call, and that calls may tell their intent."""

    async def listed() -> list[Any]:
        async with Client(mcp_server(Router(a_recording()))) as client:
            return list((await client.list_tools()).tools)

    tools = anyio.run(listed)

    assert [tool.name for tool in tools] == list(SERVED)
    for tool in tools:
        assert {"from", "to", "telemetry"} <= {*tool.input_schema["properties"]}
        assert {*tool.input_schema["required"]} <= {*tool.input_schema["properties"]}


@pytest.mark.parametrize(
    ("name", "arguments", "key"),
    [
        ("search_llmobs_spans", {"tags": {"session_id": SESSION}}, "spans"),
        ("get_llmobs_trace", {"trace_id": "t1"}, "spans"),
        ("get_llmobs_span_details", {"trace_id": "t1", "span_ids": ["r1"]}, "spans"),
        ("get_llmobs_span_content", {"trace_id": "t1", "span_id": "r1", "field": "input"}, "field"),
        ("expand_llmobs_spans", {"trace_id": "t1", "span_ids": ["r1"]}, "spans"),
        ("get_llmobs_agent_loop", {"trace_id": "t1", "span_id": "r1"}, "iterations"),
        ("find_llmobs_error_spans", {"trace_id": "t2"}, "error_spans"),
        ("aggregate_spans", {"group_by": {"fields": ["@session_id"]}}, "buckets"),
    ],
)
def test_a_tool_answers_as_its_endpoint_does(
    name: str, arguments: dict[str, Any], key: str
) -> None:
    """The same rows behind both ways in; what a call is for changes nothing."""
    with connected() as call:
        failed, texts = call(name, **arguments, **{"from": "now-90d", "to": "now"})
        told = call(name, **arguments, **{"from": "now-90d", "telemetry": {"intent": "look"}})

    assert not failed, texts
    assert json.loads(texts[0])[key]
    assert told == (failed, texts)


def test_an_hour_is_the_window_where_none_is_named() -> None:
    """What is older silently stays away, as it does at the real ones."""
    with connected() as call:
        _, texts = call("search_llmobs_spans", query="@ml_app:other")
        _, wide = call("search_llmobs_spans", query="@ml_app:other", **{"from": "now-1d"})

    assert json.loads(texts[0])["spans"] == []
    assert [span["span_id"] for span in json.loads(wide[0])["spans"]] == ["old"]


def sql(query: str, **more: Any) -> dict[str, Any]:
    return {"event_type": "action", "from": "now-1h", "sql_query": query, **more}


def test_events_are_read_with_sql() -> None:
    """Selected columns are the header; a column that was not asked for is not there."""
    query = 'SELECT session_id, "@action.name" FROM rum ORDER BY timestamp LIMIT 10'
    extra = [{"name": "@action.name", "type": "string"}]
    with connected() as call:
        failed, texts = call("analyze_rum_events", **sql(query, extra_columns=extra))
        lacking = call("analyze_rum_events", **sql(query))
        distinct = call("analyze_rum_events", **sql("SELECT DISTINCT session_id FROM rum"))

    assert not failed
    assert '"is_truncated": false' in texts[0]
    assert texts[1].splitlines() == [
        "session_id\t@action.name",
        "a\tclick on Save",
        "b\tclick on Save",
        "b\trage",
    ]
    assert lacking[0]
    assert "add it to extra_columns" in lacking[1][0]
    assert distinct[1][1].splitlines() == ["session_id", "a", "b"]


def test_a_long_table_comes_in_pages() -> None:
    """`start_at` goes on where the metadata says that the last answer ended."""
    rows = [{**RUM[1], "id": f"rum{n}"} for n in range(700)]
    router = Router(recorded(SPANS, rows, AUDIT), now=lambda: NOW)
    shown: list[int] = []
    for start in (0, 500):
        body = sql("SELECT timestamp FROM rum", start_at=start)
        answer = router.made(SERVED["analyze_rum_events"].answer, body)
        shown.append(answer["table"].count("\n"))
        assert answer["metadata"]["is_truncated"] is (start == 0)

    assert shown == [500, 200]


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE rum",
        "DELETE FROM rum",
        "ATTACH '/tmp/x' AS x",
        "SELECT 1; SELECT 2",
        "PRAGMA user_version",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
        "",
    ],
)
def test_sql_only_reads_and_ends(query: str) -> None:
    """Nothing is changed, no file is opened and no query runs for ever."""
    with connected() as call:
        failed, texts = call("analyze_rum_events", **sql(query))

    assert failed
    assert "400" in texts[0]


def test_sessions_are_counted_in_one_call() -> None:
    """Buckets hold every value of the field with its count, the largest first."""
    with connected() as call:
        _, texts = call(
            "aggregate_spans",
            query="@span_kind:agent",
            computes=[{"field": "*", "aggregation": "COUNT", "output": "count"}],
            group_by={"fields": ["@session_id"], "limit": 1000},
            **{"from": "now-1d"},
        )
        refused = call("aggregate_spans", computes=[{"aggregation": "AVG"}])

    buckets = json.loads(texts[0])["buckets"]
    assert [(b["by"]["@session_id"], b["computes"]["count"]) for b in buckets] == [
        (SESSION, 2),
        ("s-2", 1),
    ]
    assert refused[0]


@pytest.mark.parametrize("kind", [k for k in Kind if k.value.isdigit()])
def test_a_refusal_is_a_failed_call_with_its_status(kind: Kind) -> None:
    """The next call is answered again."""
    with connected(Fault(kind, "get-trace")) as call:
        failed, texts = call("get_llmobs_trace", trace_id="t1")
        after, _ = call("get_llmobs_trace", trace_id="t1")

    assert (failed, after) == (True, False)
    assert f"status {kind}" in texts[0]


def test_an_unknown_tool_is_a_failed_call() -> None:
    """The server goes on."""
    with connected() as call:
        assert call("get_logs") == (True, ["unknown tool get_logs"])


def test_the_demo_is_served_to_whoever_starts_it() -> None:
    """`serve --demo` as the command of an MCP client is all that an agent needs."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "session_classify", "serve", "--demo"]
    )

    async def asked() -> dict[str, Any]:
        async with Client(command) as client:
            arguments = {"query": "@ml_app:support-bot", "from": "now-1h", "root_spans_only": True}
            result = await client.call_tool("search_llmobs_spans", arguments)
            return dict(json.loads(result.content[0].text))  # type: ignore[union-attr]

    assert len(anyio.run(asked)["spans"]) == 2
