"""The documented API v2: spans, RUM and audit events, filtered, paged and counted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_standin.bodies import RequestError
from datadog_standin.bundles import Row
from datadog_standin.events import rum_aggregate
from datadog_standin.recording import recorded
from datadog_standin.router import ENDPOINTS
from tests.datadog_standin.made_up import AUDIT, NOW, SESSION, SPANS, a_recording, an_event

RECORDING = a_recording()
DAY = {"from": "now-1d", "to": "now"}


def ask(endpoint: str, **body: Any) -> Row:
    return ENDPOINTS[endpoint].answer(RECORDING, body, NOW)


def export(**attributes: Any) -> Row:
    return ask("export", data={"type": "spans", "attributes": attributes})


def ids(answer: Row) -> list[str]:
    return [row["id"] for row in answer["data"]]


def test_an_export_gives_rows_as_they_are() -> None:
    """The rows of a session by tag, in the order that the sort asks for."""
    answer = export(
        filter={**DAY, "tags": {"session_id": SESSION}}, page={"limit": 500}, sort="timestamp"
    )

    assert answer["data"] == SPANS[:-1]
    assert answer["meta"]["page"]["after"] is None


def test_an_export_is_short_and_recent_by_itself() -> None:
    """Without a window it is 15 minutes, without a limit it is ten rows."""
    assert ids(export(filter={})) == ["lost", "x2", "m3", "w2", "r2"]
    assert ids(ask("audit-events")) == [row["id"] for row in AUDIT[:10]]


def test_a_query_switches_the_filters_off() -> None:
    """With a `query` the structured filters of an export are ignored."""
    asked = {**DAY, "query": "@span_kind:tool", "trace_id": "t1", "ml_app": "no"}

    assert ids(export(filter=asked)) == ["x2", "x1"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({"trace_id": "t1", "span_kind": "tool"}, ["x1"], id="trace-and-kind"),
        pytest.param({"span_id": "m3"}, ["m3"], id="span"),
        pytest.param({"span_name": "cancel"}, ["x2"], id="name"),
        pytest.param({"ml_app": "other"}, ["old"], id="app"),
        pytest.param({"query": "@evaluations.custom.goal:*"}, ["r1"], id="judged"),
        pytest.param({"query": "@parent_id:undefined @ml_app:shop"}, ["r2", "r1"], id="roots"),
    ],
)
def test_an_export_is_filtered(given: Row, found: list[str]) -> None:
    """Each structured filter and the facets of a query hold."""
    assert ids(export(filter={**DAY, **given})) == found


def test_events_are_searched() -> None:
    """Inner attributes are facets; the newest event comes first unless the sort says otherwise."""
    asked = {"query": "@type:action @session.id:(a OR b)", **DAY}

    assert ids(ask("rum-events", filter=asked)) == ["rum4", "rum3", "rum2"]
    assert ids(ask("rum-events", filter=asked, sort="timestamp")) == ["rum2", "rum3", "rum4"]


@pytest.mark.parametrize(
    "moment", ["2026-11-20T18:28:30Z", "2026-11-20T19:28:30+01:00", str(NOW - 690_000), "now-690s"]
)
def test_events_take_any_time(moment: str) -> None:
    """ISO 8601, milliseconds and date math mean the same window."""
    assert NOW == 1_795_200_000_000  # 2026-11-20T18:40:00Z

    assert ids(ask("rum-events", filter={"from": moment})) == ["rum4", "rum3", "rum2"]


@given(st.integers(1, 30))
def test_pages_hold_every_row_once(limit: int) -> None:
    """Whatever the limit, the cursors lead through all rows in order, to an empty last page."""
    found: list[str] = []
    cursor = None
    while True:
        answer = ask("audit-events", filter=DAY, page={"limit": limit, "cursor": cursor})
        assert len(answer["data"]) <= limit
        found += ids(answer)
        cursor = answer["meta"]["page"]["after"]
        assert (cursor is None) is (not answer["data"])
        if cursor is None:
            break

    assert found == [row["id"] for row in AUDIT]


@pytest.mark.parametrize(
    ("endpoint", "most"), [("export", 5000), ("rum-events", 1000), ("audit-events", 1000)]
)
def test_a_limit_has_a_limit(endpoint: str, most: int) -> None:
    """More rows than an endpoint gives are refused rather than cut."""
    page = {"page": {"limit": most + 1}}
    body = {"data": {"attributes": page}} if endpoint == "export" else page

    with pytest.raises(RequestError, match=f"at most {most}"):
        ask(endpoint, **body)


def counted(*facets: str, **more: Any) -> list[Row]:
    compute = [{"aggregation": "count"}, {"aggregation": "cardinality", "metric": "@session.id"}]
    groups = [{"facet": facet, **more} for facet in facets]
    answer = ask("rum-aggregate", filter=DAY, compute=compute, group_by=groups)
    found: list[Row] = answer["data"]["buckets"]
    return found


def test_events_are_counted_by_facets() -> None:
    """The largest group comes first; an event without the facet is in none."""
    assert counted("@action.name") == [
        {"by": {"@action.name": "click on Save"}, "computes": {"c0": 2, "c1": 2}},
        {"by": {"@action.name": "rage"}, "computes": {"c0": 1, "c1": 1}},
    ]
    assert [b["computes"]["c0"] for b in counted("@type", "@session.id")] == [2, 1, 1]
    assert len(counted("@action.name", limit=1)) == 1
    assert counted() == [{"by": {}, "computes": {"c0": 4, "c1": 2}}]


def test_a_stranger_has_no_buckets() -> None:
    """Where no event is found there is nothing to count."""
    answer = ask(
        "rum-aggregate",
        filter={**DAY, "query": "@usr.email:who@example.com"},
        compute=[{"aggregation": "count"}],
    )

    assert answer["data"]["buckets"] == []


def test_other_aggregations_are_refused() -> None:
    """What is not computed here is said, not guessed."""
    for compute in ({"aggregation": "stddev", "metric": "@n"}, {"aggregation": "avg"}):
        with pytest.raises(RequestError, match=r"totals of count|needs a metric"):
            ask("rum-aggregate", compute=[compute])


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("sum", 21), ("min", 1), ("max", 6), ("avg", 3.5), ("median", 3.5), ("pc75", 5), ("pc99", 6)],
)
def test_numbers_of_a_facet_are_computed(aggregation: str, expected: float) -> None:
    """Texts among them are no numbers, and of no number there is no average."""
    events = [an_event("rum", n, n, n=n) for n in range(1, 7)]
    recording = recorded([], [*events, an_event("rum", 7, 7, n="many")])
    body = {"filter": DAY, "compute": [{"aggregation": aggregation, "metric": "@n"}]}
    nothing = {"filter": DAY, "compute": [{"aggregation": aggregation, "metric": "@m"}]}

    (bucket,) = rum_aggregate(recording, body, NOW)["data"]["buckets"]
    (empty,) = rum_aggregate(recording, nothing, NOW)["data"]["buckets"]

    assert bucket["computes"] == {"c0": expected}
    assert empty["computes"] == {"c0": None}
