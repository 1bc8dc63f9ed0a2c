"""The audience commands against the stand-in, through the official client; all data is made up."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from session_classify.audience.query import parse_query
from session_classify.errors import UsageError
from tests.cli.run import run
from tests.conftest import ROOT

BUNDLE = ROOT / "tests" / "situations" / "audience-organization"
NOW = datetime(2026, 11, 26, tzinfo=UTC)
CREATE = {
    "type": "ref_table",
    "join_type": "email",
    "join_attribute": "user_email",
    "fields": [{"id": "nps", "source_name": "nps", "type": "number"}],
}


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving(read_recording([BUNDLE])) as running:
        yield running


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(json.dumps(CREATE))
    return path


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["query", "users", "session_count:>50 AND last_seen:<30d", "--columns", "user_id"], "u-1"),
        (["query", "users", "user_email:*@made-up.example", "--sort", "user_id:DESC"], "u-2"),
        (["query", "users", "@customer_tier:enterprise", "--format", "csv"], "'=cy@other.example"),
        (["query", "accounts", "(plan_type:enterprise OR plan_type:x) AND user_count:>100"], "a-1"),
        (["event-query", "@type:error", "--from", "2026-11-01", "--to", "2026-12-01"], "u-1"),
        (["facet", "users", "first_browser_name", "first_country_code:US"], "1. Chrome"),
        (["mapping", "accounts"], "Account name"),
        (["connections", "list", "users"], "id"),
    ],
)
def test_a_read_prints_what_matches(server: StandIn, words: list[str], printed: str) -> None:
    """Every read runs without confirmation, also in read-only mode."""
    done = run("audience", *words, "--url", server.url, DD_READ_ONLY="1")

    assert (done.returncode, done.stderr if printed not in done.stdout else "") == (0, "")


def test_a_read_leaves_out_what_does_not_match(server: StandIn) -> None:
    """`last_seen:<30d` means before that instant: the active user is not inactive."""
    done = run("audience", "query", "users", "last_seen:<30d", "--url", server.url)

    assert "u-1" in done.stdout
    assert "u-2" not in done.stdout
    assert "last_seen before" in done.stderr


def listed(server: StandIn) -> list[str]:
    done = run("audience", "connections", "list", "users", "--json", "--url", server.url)
    return [one["id"] for one in json.loads(done.stdout)]


def test_a_connection_is_created_changed_and_deleted_when_confirmed(
    server: StandIn, body: Path, tmp_path: Path
) -> None:
    """Each write is made with its flag; a second creation is refused with its cure."""
    words = ["audience", "connections"]
    at = ["--url", server.url]
    change = tmp_path / "change.json"
    change.write_text(json.dumps({"fields_to_delete": ["nps"]}))

    create = [*words, "create", "users", "crm", "--file", body, "--confirm", *at]
    assert run(*create).returncode == 0
    again = run(*create)
    updated = run(*words, "update", "users", "crm", "--file", change, "--confirm", *at)
    assert (again.returncode, "already exists" in again.stderr) == (2, True)
    assert updated.returncode == 0
    assert listed(server) == ["crm"]
    deleted = run(*words, "delete", "users", "crm", "--confirm-delete", "crm", *at)
    assert (deleted.returncode, "cannot be undone" in deleted.stderr) == (0, True)
    assert listed(server) == []


@pytest.mark.parametrize("read_only", ["", "1"])
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_nothing_is_written_without_its_flag_or_in_read_only_mode(
    server: StandIn, body: Path, verb: str, read_only: str
) -> None:
    """Every write is tried without its flag, and with it under DD_READ_ONLY=1; all exit with 2."""
    words = ["audience", "connections"]
    at = ["--url", server.url]
    run(*words, "create", "users", "old", "--file", body, "--confirm", *at)
    name = "new" if verb == "create" else "old"
    given = [] if verb == "delete" else ["--file", body]
    flags = {"delete": ["--confirm-delete", name]}.get(verb, ["--confirm"])
    wrong = {"delete": ["--confirm-delete", "ol"]}.get(verb, [])

    done = run(
        *words,
        verb,
        "users",
        name,
        *given,
        *(flags if read_only else wrong),
        *at,
        DD_READ_ONLY=read_only,
    )

    assert done.returncode == 2
    assert listed(server) == ["old"]


@pytest.mark.parametrize(
    ("kind", "code", "cure"),
    [
        (Kind.FORBIDDEN, 4, "scopes"),
        (Kind.NOT_FOUND, 3, "users and accounts"),
        (Kind.BAD_REQUEST, 2, "--dry-run"),
        (Kind.TOO_MANY, 5, "rate limit"),
    ],
)
def test_an_error_of_the_api_has_its_sentence_and_exit_code(
    kind: Kind, code: int, cure: str
) -> None:
    """Refusals, an unknown object and rate limits each say what to try."""
    faults = tuple(Fault(endpoint="audience", fault=kind, call=n) for n in (1, 2, 3))
    with serving(read_recording([BUNDLE]), plan=Plan(faults)) as running:
        done = run("audience", "mapping", "users", "--url", running.url)

    assert (done.returncode, cure in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["mapping", "xyz"], 2, "expected users or accounts"),
        (["query", "users", "a: AND"], 2, "at character 4"),
        (["query", "users", "a:(b"], 2, "at character 5"),
        (["query", "users", "first_contry_code:US"], 2, "did you mean first_country_code"),
    ],
)
def test_a_wrong_argument_is_refused_before_it_is_sent(
    server: StandIn, words: list[str], code: int, message: str
) -> None:
    """Entities, syntax and fields are checked; the message points at the place."""
    done = run("audience", *words, "--url", server.url)

    assert (done.returncode, message in done.stderr) == (code, True), done.stderr


def test_missing_keys_are_told() -> None:
    """Without keys nothing is sent."""
    done = run("audience", "mapping", "users", DD_API_KEY="", DD_APP_KEY="")

    assert (done.returncode, "DD_API_KEY" in done.stderr) == (4, True)


names = st.from_regex(r"@?[a-z]{1,5}_[a-z]{1,5}", fullmatch=True)
values = st.from_regex(r"(>|<|>=|<=)?[0-9]{1,4}|\*?[a-z]{4,8}\*?|\"[a-z ]{1,9}\"", fullmatch=True)
leaves = st.builds("{}:{}".format, names, values)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner), st.builds("({} OR {})".format, inner, inner)
    ),
    max_leaves=6,
)


@given(queries)
def test_a_query_is_sent_as_it_was_written(query: str) -> None:
    """Without relative times, parsing and printing give the same text, at once and again."""
    once = parse_query(query, NOW).text

    assert once == query
    assert parse_query(once, NOW).text == once


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_in_one_way(text: str) -> None:
    """No input ends in another error than UsageError."""
    try:
        parse_query(text, NOW)
    except UsageError as error:
        assert "character" in str(error)
