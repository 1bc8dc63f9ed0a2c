"""`doctor --instrument`: whether an app's spans get the RUM ids, and what to try if not."""

import json
from typing import Any

import pytest

from session_classify.queries.call import Received
from session_classify.report.rum_tags import RumTags, rum_tags
from session_classify.wire.session.sort_answers import read_answers
from tests.backends.test_lapdog import agent
from tests.cli.run import run
from tests.instrument.test_middleware import run_sdk

__all__ = ["agent"]


def row(number: int, *tags: str, session: str = "", parent: str = "undefined") -> dict[str, Any]:
    """Return a made-up span as an SDK sends it."""
    return {
        "span_id": str(number),
        "trace_id": f"t{number}",
        "parent_id": parent,
        "name": f"span {number}",
        "start_ns": 1_795_000_000_000_000_000 + number,
        "duration": 1,
        "session_id": session,
        "tags": list(tags),
        "meta": {"span": {"kind": "agent"}},
    }


def found(*rows: dict[str, Any]) -> RumTags:
    data = json.dumps({"event_type": "span", "spans": list(rows)}).encode()
    return rum_tags(read_answers([Received("f", data)], "").rows.spans)


def test_ids_are_counted_and_the_newest_is_named() -> None:
    """It works if the newest root has a RUM session."""
    old = row(1, "rum.session_id:rum-1", "usr.id:u-1", session="rum-1")
    new = row(2, "rum.session_id:rum-2", session="own")

    tags = found(new, old)

    assert (tags.spans, tags.traces, tags.newest, tags.works) == (2, 2, "span 2", True)
    assert [(tag.name, tag.spans, tag.newest) for tag in tags.tags] == [
        ("session_id", 2, "own"),
        ("rum.session_id", 2, "rum-2"),
        ("usr.id", 1, "u-1"),
        ("usr.account_id", 0, ""),
    ]


def test_a_root_below_the_request_of_the_browser_is_one() -> None:
    """OpenTelemetry reads the browser's trace headers: its root has a parent that is not there."""
    root = row(2, "rum.session_id:rum-2", parent="the browser's")

    tags = found(root, row(3, parent="2"))

    assert (tags.newest, tags.works) == ("span 2", True)


@pytest.mark.parametrize(
    ("rows", "fix"),
    [
        ([row(1, "x:y", session="own")], "no span has RUM ids: wrap the app"),
        ([row(1, "rum.session_id:r"), row(2)], "other spans have RUM ids"),
        ([row(1), row(2, "rum.session_id:r", parent="1")], "other spans have RUM ids"),
    ],
)
def test_what_to_try_depends_on_what_is_missing(rows: list[dict[str, Any]], fix: str) -> None:
    """A session of the app alone is no RUM session."""
    tags = found(*rows)

    assert (tags.works, fix in tags.fix) == (False, True), tags.fix


def test_without_spans_it_says_how_to_send_them() -> None:
    """Nothing arrived yet."""
    assert "no LLM Observability span" in rum_tags(()).fix


@pytest.mark.slow
def test_a_real_app_is_seen_to_work(agent: str) -> None:
    """Spans that ddtrace sent, one of them without a header first."""
    without = run("doctor", "--instrument", DD_TRACE_AGENT_URL=agent)
    asked = json.dumps([("plain", {"baggage": "session.id=rum-8,user.id=u-8"})])
    run_sdk(agent, "tests.instrument.apps", "wsgi", "none", "doctored", given=asked)
    works = run("doctor", "--instrument", DD_TRACE_AGENT_URL=agent)

    assert "does not work yet: no span has RUM ids" in without.stdout, without.stderr
    assert "rum.session_id: on 3 spans, newest rum-8" in works.stdout, works.stderr
    assert "works: the newest root span, plain, has the RUM session" in works.stdout


@pytest.mark.parametrize(
    ("url", "code", "told"),
    [
        ("http://127.0.0.1:1", 5, "no test agent at http://127.0.0.1:1"),
        ("http://example.com:8126", 2, "is not a local http address"),
    ],
)
def test_it_asks_an_agent_on_this_machine_alone(url: str, code: int, told: str) -> None:
    """One line says what is expected."""
    done = run("doctor", "--instrument", DD_TRACE_AGENT_URL=url)

    assert (done.returncode, told in done.stderr, done.stderr.count("\n")) == (code, True, 1)
