"""`rum-aggregate`: the flags of `pup rum aggregate`, whoever answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from session_classify.queries.rum_counts import CountQuery, rum_counts
from tests.backends.conftest import DEMO
from tests.cli.run import run

SEED = ("--user-email", "alice@example.com", "--from", "30m", "--compute", "count")


def test_user_and_query_are_one_query() -> None:
    """The composition of the seed, in the API's words and in pup's."""
    call = rum_counts(
        CountQuery("alice@example.com", "@type:error", "1h", group_by=("@session.id",), limit=5)
    )

    assert call.arguments == {
        "filter": {
            "query": "@usr.email:alice@example.com @type:error",
            "from": "now-1h",
            "to": "now",
        },
        "compute": [{"aggregation": "count", "type": "total"}],
        "group_by": [{"facet": "@session.id", "limit": 5}],
    }
    assert " ".join(call.pup) == (
        "rum aggregate --query @usr.email:alice@example.com @type:error --from 1h --to now "
        "--compute count --group-by @session.id --limit 5"
    )


@pytest.mark.parametrize(
    ("handle", "query"),
    [("", "*"), ("a b", '@usr.email:"a b"'), ('x" OR "', '@usr.email:"x\\" OR \\""')],
)
def test_a_handle_is_one_value(handle: str, query: str) -> None:
    """Nothing in it becomes part of the query; without one everybody is counted."""
    assert rum_counts(CountQuery(handle)).arguments["filter"]["query"] == query


@pytest.mark.parametrize(
    ("compute", "sent"),
    [
        ("avg(@view.time_spent)", {"aggregation": "avg", "metric": "@view.time_spent"}),
        ("percentile(@view.time_spent, 99)", {"aggregation": "pc99", "metric": "@view.time_spent"}),
        ("cardinality(@session.id)", {"aggregation": "cardinality", "metric": "@session.id"}),
    ],
)
def test_what_is_computed_is_sent_in_the_words_of_the_api(
    compute: str, sent: dict[str, str]
) -> None:
    """As people type it for pup."""
    assert rum_counts(CountQuery(compute=compute)).arguments["compute"] == [
        {**sent, "type": "total"}
    ]


def counted(*arguments: str) -> list[dict[str, Any]]:
    done = run("rum-aggregate", *arguments, "--backend", f"bundle:{DEMO}")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout)["data"]["buckets"])


def test_a_bundle_is_counted_as_the_api_counts() -> None:
    """Buckets by session for a user who is there, none and no error for a stranger."""
    found = counted("--user-email", "ana@example.com", "--from", "30m", "--group-by", "@session.id")

    assert [bucket["computes"]["c0"] for bucket in found] == [5]
    assert counted("--user-email", "nobody@notadomain.invalid", "--from", "1h") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--compute", "most"), "invalid --compute most"),
        (("--from", "yesterday"), "invalid time --from yesterday"),
        (("--backend", "mcp"), "expected bundle:PATH, api, pup"),
        (("--backend", "bundle:/nowhere"), "does not exist"),
    ],
)
def test_what_cannot_be_read_is_a_wrong_call(arguments: tuple[str, ...], said: str) -> None:
    """One line that says what was expected."""
    done = run("rum-aggregate", *SEED, *arguments)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_what_works_here_answers(tmp_path: Path) -> None:
    """Without keys and without pup nothing does, and the cures are named."""
    done = run("rum-aggregate", *SEED, PATH=str(tmp_path), DD_API_KEY="", DD_APP_KEY="")

    assert done.returncode == 5
    assert "pup auth login" in done.stderr
