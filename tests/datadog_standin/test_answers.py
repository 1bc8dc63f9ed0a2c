"""What the endpoints answer: shapes as the contract has them, and their traps."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_standin.bodies import RequestError
from datadog_standin.bundles import Row
from datadog_standin.recording import Recording, read_recording, recorded
from datadog_standin.router import ENDPOINTS
from tests.datadog_standin.made_up import LONG, NOW, SESSION, a_recording, a_span
from tests.situations import situations
from tests.wire.test_properties import span_rows

RECORDING = a_recording()


def ask(endpoint: str, recording: Recording = RECORDING, **body: Any) -> Row:
    """Return what an endpoint answers; a field `from_` stands for `from`."""
    named = {key.removesuffix("_"): value for key, value in body.items()}
    return ENDPOINTS[endpoint].answer(recording, named, NOW)


def ids(answer: Row, key: str = "spans") -> list[str]:
    return [item["span_id"] for item in answer[key]]


def below(item: Row) -> list[str]:
    return [item["span_id"], *(name for child in item["children"] for name in below(child))]


TOOLS = [name for name, endpoint in ENDPOINTS.items() if "llm-obs-mcp" in endpoint.path]
ROOTS = {"tags": {"session_id": SESSION}, "root_spans_only": True}


def test_a_search_finds_the_turns_of_a_session() -> None:
    """Roots by tag, newest first, with how their two sides begin and no more."""
    answer = ask("search-spans", **ROOTS)

    assert ids(answer) == ["r2", "r1"]
    assert answer["next_cursor"] is None
    assert answer["spans"][1]["input"] == {"preview": LONG[:200]}
    assert answer["spans"][1]["parent_id"] == "undefined"
    assert answer["spans"][1]["duration_ms"] == 1500.0


def test_a_session_may_be_named_by_the_row_alone() -> None:
    """A span without the tag belongs to the session that its row names."""
    row = a_span("r", "t", "undefined", "agent", 1, tags=None, session_id=SESSION)

    assert ids(ask("search-spans", recorded([row]), **ROOTS)) == ["r"]


@pytest.mark.parametrize(
    ("endpoint", "body", "empty"),
    [
        pytest.param("search-spans", {"tags": {"session_id": "s-2"}}, {"spans": []}, id="search"),
        pytest.param("get-trace", {}, {"spans": []}, id="trace"),
        pytest.param("span-details", {"span_ids": ["old"]}, {"spans": []}, id="details"),
        pytest.param("get-agent-loop", {"span_id": "old"}, {"timeline": None}, id="loop"),
        pytest.param("span-content", {"span_id": "old", "field": "input"}, {}, id="content"),
        pytest.param("find-error-spans", {}, {"error_spans": []}, id="errors"),
    ],
)
def test_without_from_only_the_last_hour_is_there(endpoint: str, body: Row, empty: Row) -> None:
    """What is older silently comes back empty, and with a window it is there."""
    row = a_span("old", "t3", "undefined", "agent", 200, status="error", input={"value": "Hi"})
    row["attributes"]["tags"] = ["session_id:s-2"]
    model = a_span("m", "t3", "old", "llm", 199)
    old = recorded([row, model])

    answer = ask(endpoint, old, trace_id="t3", **body)
    whole = ask(endpoint, old, trace_id="t3", from_="now-90d", **body)

    assert {key: answer[key] for key in empty} == empty
    assert answer != whole


def test_expand_looks_back_a_day() -> None:
    """Its window without `from` is a day, and no longer."""
    rows = [a_span("young", "t", "undefined", "agent", 23 * 60)]
    rows.append(a_span("old", "t", "undefined", "agent", 25 * 60))

    answer = ask("expand-spans", recorded(rows), trace_id="t", span_ids=["young", "old"])

    assert ids(answer) == ["young"]


@pytest.mark.parametrize("moment", [str(NOW - 15 * 60_000), "now-15m"])
def test_a_window_begins_where_it_says(moment: str) -> None:
    """Epoch milliseconds as a string and date math mean the same."""
    assert ids(ask("search-spans", **ROOTS, from_=moment)) == ["r2"]


@pytest.mark.parametrize("moment", [NOW, "15m", "2026-11-20T00:00:00Z", "1795200000", "now+1d"])
def test_another_time_is_refused(moment: object) -> None:
    """A number, seconds, a date and a bare duration are no times of the tool endpoints."""
    with pytest.raises(RequestError, match="from is no time") as caught:
        ask("search-spans", from_=moment)

    assert caught.value.status == 400


def test_a_query_without_at_brings_whole_traces() -> None:
    """It is a search in the full text, which ignores roots, tags and every other filter."""
    answer = ask("search-spans", **ROOTS | {"tags": {"session_id": "x"}}, query="session_id:s-1")

    assert sorted(ids(answer)) == ["lost", "m1", "m2", "m3", "r1", "r2", "w2", "x1", "x2"]


def test_a_query_takes_precedence_over_tags() -> None:
    """Tags are ignored beside a query; roots are still roots."""
    answer = ask(
        "search-spans", query='@ml_app:"shop"', tags={"session_id": "x"}, root_spans_only=True
    )

    assert ids(answer) == ["r2", "r1"]


def test_search_pages_are_followed_by_their_cursor() -> None:
    """Every hit comes once; the last page has no cursor."""
    found, cursor = [], None
    for _ in range(4):
        answer = ask("search-spans", limit=3, cursor=cursor)
        found.append(ids(answer))
        cursor = answer["next_cursor"]
        if cursor is None:
            break

    assert [len(page) for page in found] == [3, 3, 3]
    assert len({name for page in found for name in page}) == 9


def test_a_page_of_an_app_is_smaller_than_its_limit() -> None:
    """A query for an app gets 50 hits of those it asks for, and a cursor."""
    many = recorded([a_span(f"r{n}", f"t{n}", "undefined", "agent", 1) for n in range(60)])

    answer = ask("search-spans", many, query='@ml_app:"shop"', limit=500)

    assert (len(answer["spans"]), answer["next_cursor"] is None) == (50, False)


def test_a_trace_shows_one_level() -> None:
    """Depth-1 children, all with `include_tree`; an orphan is missing either way."""
    flat = ask("get-trace", trace_id="t2")["spans"]
    whole = ask("get-trace", trace_id="t2", include_tree=True)

    assert [below(root) for root in flat] == [["r2", "w2"]]
    assert [below(root) for root in whole["spans"]] == [["r2", "w2", "m3", "x2"]]
    assert whole["total_duration_ms"] == 25_500.0
    assert whole["trace_url"].startswith("https://")


def test_details_name_no_trace() -> None:
    """They hold sizes of contents, judges, children, and nothing of an orphan."""
    answer = ask("span-details", trace_id="t1", span_ids=["r1", "m1"])
    orphan = ask("span-details", trace_id="t2", span_ids=["lost", "x2"])

    assert "trace_id" not in json.dumps(answer)
    assert answer["spans"][0]["content_info"] == {
        "input": {"type": "string", "size": 500},
        "output": {"type": "string", "size": 8},
        "metadata": {"type": "object", "size": 25},
    }
    assert answer["spans"][0]["evaluations"]["goal"]["value"] == "pass"
    assert answer["spans"][0]["children_ids"] == ["m1", "x1", "m2"]
    assert answer["spans"][1]["content_info"]["messages"]["type"] == "array"
    assert [(s["span_id"], s["error"]["type"]) for s in orphan["spans"]] == [
        ("x2", "PermissionError")
    ]


def test_expand_nests_as_deep_as_asked() -> None:
    """Children are inside their parents; kinds that are filtered leave what is below them."""
    one = ask("expand-spans", trace_id="t2", span_ids=["r2"], max_depth=1)["spans"][0]
    two = ask("expand-spans", trace_id="t2", span_ids=["r2"], max_depth=2)["spans"][0]
    models = ask(
        "expand-spans", trace_id="t2", span_ids=["r2"], max_depth=2, filter_kind="llm"
    )["spans"][0]  # fmt: skip

    assert below(one) == ["r2", "w2"]
    assert below(two) == ["r2", "w2", "m3", "x2"]
    assert below(models) == ["r2", "m3"]
    assert (two["has_input"], two["children"][0]["has_input"]) == (True, False)


def test_errors_are_those_of_spans() -> None:
    """A span with the status error is listed; a result that tells of one is not."""
    assert ids(ask("find-error-spans", trace_id="t2"), "error_spans") == ["x2"]
    assert ask("find-error-spans", trace_id="t1") == {"error_spans": []}


def test_a_path_is_applied_after_the_cut() -> None:
    """Of a list that `max_tokens` cut, a path finds the messages that are left."""
    asked = {"trace_id": "t1", "span_id": "m2", "field": "messages"}

    whole = ask("span-content", **asked)
    cut = ask("span-content", **asked, max_tokens=20)
    tail = ask("span-content", **asked, path="$.[-1:]", max_tokens=whole["total_tokens_approx"])
    wrong = ask("span-content", **asked, path="$.[-1:]", max_tokens=20)

    assert [m["role"] for m in json.loads(whole["content"])] == [
        *("system", "user", "assistant", "tool", "assistant")
    ]
    assert cut["content"] == whole["content"][:80]
    assert cut["total_tokens_approx"] == whole["total_tokens_approx"]
    assert json.loads(tail["content"])[0]["content"] == "Order 7."
    assert json.loads(wrong["content"])[0]["role"] == "system"


@pytest.mark.parametrize("path", ["$[0].role", "$.messages[0].role"])
def test_a_path_may_begin_at_the_messages(path: str) -> None:
    """Both roots that are seen in the field are read."""
    asked = {"trace_id": "t1", "span_id": "m2", "field": "messages"}

    assert json.loads(ask("span-content", **asked, path=path)["content"]) == ["system"]


def test_a_loop_has_the_keys_of_real_ones() -> None:
    """Iterations and timeline, results as the model was told them, and no ids."""
    loop = ask("get-agent-loop", trace_id="t1", span_id="r1")

    call = {"name": "get_order", "arguments": '{"id": 7}', "result": "order 7"}
    counts = {"input_tokens": 9, "output_tokens": 2, "cache_read_input_tokens": 0}
    head = {"iteration": 1, "status": "ok", "content": "", "tool_calls": [call]}
    assert loop["iterations"][0] == {**head, "error_message": None, **counts}
    assert loop["timeline"] == [
        {"role": "system", "iteration": 1, "content": "Be kind."},
        {"role": "user", "iteration": 1, "content": LONG},
        {"role": "assistant", "iteration": 1, "content": ""},
        {"role": "assistant", "iteration": 2, "content": "Order 7."},
        {"role": "", "content": "Order 7."},
    ]


def test_a_loop_without_messages_tells_the_request() -> None:
    """What the turn was asked stands in for a model call that recorded no message of a user."""
    rows = [a_span("r", "t", "undefined", "agent", 2, input={"value": "Hi"})]
    rows.append(a_span("m", "t", "r", "llm", 1, output={"value": "Hello"}))

    loop = ask("get-agent-loop", recorded(rows), trace_id="t")

    assert [entry["content"] for entry in loop["timeline"]] == ["Hi", "Hello", ""]


def test_a_loop_is_cut_where_it_is_asked() -> None:
    """`max_content_length` counts characters of each content and each result."""
    loop = ask("get-agent-loop", trace_id="t1", span_id="r1", max_content_length=5)

    assert [entry["content"] for entry in loop["timeline"]] == [
        *("Be ki", "word ", "", "Order", "Order")
    ]
    assert loop["iterations"][0]["tool_calls"][0]["result"] == "order"


def test_a_wrapped_loop_is_empty() -> None:
    """Model spans below a workflow span are not seen."""
    loop = ask("get-agent-loop", trace_id="t2", span_id="r2")

    assert loop == {"iterations": [], "timeline": None}


def test_a_loop_equals_what_a_client_wrote(shared_data: Path) -> None:
    """Served turn by turn, a real session has the timeline of the real file, word by word."""
    name = "A-one-text-block-100kB--mcp-datadog-llmo-mcp-get_llmobs_agent_loop-1795152940239.txt"
    real = json.loads((shared_data / "persisted" / name).read_bytes())
    session = read_recording([shared_data / "bundles" / "tauret-t020-r20"])
    loops = [
        ask("get-agent-loop", session, trace_id=turn.trace, span_id=turn.span_id, from_="now-90d")
        for turn in session.spans
        if not turn.parent_id
    ]

    iterations = [item for loop in loops for item in loop["iterations"]]
    assert [entry for loop in loops for entry in loop["timeline"]] == real["timeline"]
    assert [list(item) for item in iterations] == [list(item) for item in real["iterations"]]
    assert [i["tool_calls"] for i in iterations] == [i["tool_calls"] for i in real["iterations"]]


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        pytest.param("span-content", {"span_id": "no", "field": "input"}, id="content"),
        pytest.param("get-agent-loop", {"span_id": "no"}, id="loop"),
        pytest.param("expand-spans", {"span_ids": ["no"]}, id="expand"),
        pytest.param("span-details", {"span_ids": ["no"]}, id="details"),
        pytest.param("get-trace", {"trace_id": "no"}, id="trace"),
    ],
)
def test_what_is_nowhere_is_404(endpoint: str, body: Row) -> None:
    """An unknown span or trace is told, unlike one outside the window."""
    with pytest.raises(RequestError, match="404 Not Found: ") as caught:
        ask(endpoint, **{"trace_id": "t1", **body})

    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("endpoint", "body", "told"),
    [
        pytest.param("get-trace", {}, "trace_id", id="no-trace"),
        pytest.param("span-details", {"trace_id": "t1"}, "span_ids", id="no-spans"),
        pytest.param(
            "span-details", {"trace_id": "t1", "span_ids": ["r1"] * 21}, "at most 20", id="many"
        ),
        pytest.param("search-spans", {"limit": 0}, "limit", id="limit"),
        pytest.param("search-spans", {"tags": "a:b"}, "tags", id="tags"),
        pytest.param("search-spans", {"cursor": "next"}, "cursor", id="cursor"),
        pytest.param(
            "span-content", {"trace_id": "t1", "span_id": "r1", "field": "x"}, "field", id="field"
        ),
        pytest.param(
            "span-content",
            {"trace_id": "t1", "span_id": "r1", "field": "input", "path": "$[?"},
            "JSONPath",
            id="path",
        ),
    ],
)
def test_a_body_that_means_nothing_is_400(endpoint: str, body: Row, told: str) -> None:
    """The field that is wrong is named."""
    with pytest.raises(RequestError, match=told) as caught:
        ask(endpoint, **body)

    assert caught.value.status == 400


@pytest.mark.parametrize("folder", [*situations("spans"), *situations("trace")])
def test_odd_recordings_are_served(folder: Path) -> None:
    """Ids as numbers, contents of any type, times in milliseconds: each span can be asked for."""
    odd = read_recording([folder])

    for span in odd.spans:
        about = {"trace_id": span.attributes["trace_id"], "span_id": span.span_id}
        for name in TOOLS:
            for field in ("messages", "input", "output", "metadata"):
                body = {**about, "span_ids": [span.span_id], "field": field, "from_": "now-90d"}
                assert ask(name, odd, **body)


@given(span_rows(), st.integers(1, 4), st.sampled_from(["", "llm", "tool"]))
def test_any_rows_can_be_asked_for(rows: list[Row], depth: int, kind: str) -> None:
    """Whatever the tree: answers are JSON, and no span is listed twice below another."""
    odd = recorded(rows)
    for span in odd.spans:
        about = {"trace_id": span.attributes["trace_id"], "from_": "now-90d", "to_": "now"}
        tree = ask(
            "expand-spans", odd, **about, span_ids=[span.span_id], max_depth=depth, filter_kind=kind
        )
        answers = [
            tree,
            ask("search-spans", odd, **about),
            ask("get-trace", odd, **about, include_tree=True),
            ask("span-details", odd, **about, span_ids=[span.span_id]),
            ask("get-agent-loop", odd, **about, span_id=span.span_id, max_content_length=3),
            ask("span-content", odd, **about, span_id=span.span_id, field="messages", path="$[0]"),
        ]

        assert json.loads(json.dumps(answers)) == answers
        listed = below(tree["spans"][0])
        assert len(listed) == len(set(listed))
