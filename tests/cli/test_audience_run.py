"""`--audience`: a run over the sessions of certain users or accounts, and its splits."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from session_classify.population.audience import facets_of
from tests.cli.run import a_bundle, run
from tests.cli.test_app import rows_of, uuid
from tests.situations import situation

ORGANIZATION = situation("organization-made-up")
WHO = (
    ["usr.id:u-1"],  # account a-1, enterprise
    ["user_handle:Ana@example.com"],  # a-1 by the e-mail
    ["usr.id:u-3"],  # a-2, business
    ["usr.account_id:a-3", "usr.id:u-6"],  # enterprise
    [],
    ["usr.id:somebody"],
    ["usr.account_id:a-4", "usr.id:u-1"],  # free: what the span says of the account counts
)
"""The tags of each made-up session."""
WINDOW = ("--timeframe", "2026-11-01/2026-12-31")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StandIn]:
    """Serve sessions of these users, and the organization that they belong to."""
    rows: list[dict[str, Any]] = []
    for number, tags in enumerate(WHO):
        rows += rows_of(number, uuid(number), ml_app="app", tags=["service:web", *tags])
    folder = a_bundle(tmp_path / "b", rows)
    for name in ("users.jsonl", "accounts.jsonl"):
        (folder / name).write_bytes((ORGANIZATION / name).read_bytes())
    with serving(read_recording([folder])) as running:
        yield running


def classified(server: StandIn, folder: Path, audience: str, *words: str) -> Any:
    return run(
        *("classify", "app", "app", "--backend", f"api:{server.url}", "--run", folder),
        *(*WINDOW, "--audience", audience, *words),
    )


def sampled(folder: Path) -> set[int]:
    """Return the numbers of the sessions of a run."""
    return {int(unit[-4:]) for unit in json.loads((folder / "run.json").read_bytes())["units"]}


@pytest.mark.parametrize(
    ("audience", "numbers"),
    [
        ("account plan_type:enterprise", {0, 1, 3}),
        ("accounts plan_type:free OR plan_type:business", {2, 6}),
        ("account *", {0, 1, 2, 3, 6}),
        ("user @customer_tier:enterprise", {0, 1, 2, 6}),
        ("user last_seen:<30d", {0, 3, 6}),
        ("user user_email:*@example.com", {1}),
    ],
)
def test_a_run_is_limited_to_an_audience(
    server: StandIn, tmp_path: Path, audience: str, numbers: set[int]
) -> None:
    """Sessions are matched by account, user id or e-mail; the population is theirs alone."""
    done = classified(server, tmp_path / "run", audience)

    assert done.returncode == 0, done.stderr
    assert sampled(tmp_path / "run") == numbers
    assert json.loads((tmp_path / "run" / "run.json").read_bytes())["population"] == len(numbers)
    kind = "users" if audience.startswith("user ") else "accounts"
    note = f"audience {audience}: {len(numbers)} of 7 sessions are of matching {kind}"
    assert f"{note}; 1 session without a user or an account on the spans" in done.stdout


def test_gather_takes_it_too(server: StandIn, tmp_path: Path) -> None:
    """An agent's run over an audience; nobody else's session is gathered."""
    done = run(
        *("--restricted", "gather", "app", "app", "--backend", f"api:{server.url}", *WINDOW),
        *("--run", tmp_path / "run", "--audience", "account plan_type:enterprise"),
    )

    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "run" / "cases").iterdir())) == 3


def test_the_summary_is_split_by_an_attribute(server: StandIn, tmp_path: Path) -> None:
    """`--by` counts verdicts by what is known of accounts, the least satisfied first."""
    assert classified(server, tmp_path / "run", "account *").returncode == 0
    plain = run("report", tmp_path / "run")
    done = run("report", tmp_path / "run", "--by", "plan_type", "--by", "country")

    assert "`--by NAME`" in plain.stdout
    assert "## By " not in plain.stdout
    section = done.stdout.partition("## By plan_type\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[:2] for line in section.splitlines() if line.startswith("| ")][1:]
    assert sorted(rows) == [["| business", "1"], ["| enterprise", "3"], ["| free", "1"]]
    assert "## By country" in done.stdout


def test_the_page_is_split_by_an_attribute(server: StandIn, tmp_path: Path) -> None:
    """The page of a run has a breakdown and a filter for it."""
    assert classified(server, tmp_path / "run", "account *").returncode == 0
    page = tmp_path / "run.html"
    done = run("report", tmp_path / "run", "--html", page, "--by", "plan_type")

    assert done.returncode == 0, done.stderr
    assert "<h3>plan_type</h3>" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("audience", "code", "told"),
    [
        ("plan_type:enterprise", 2, "expected `account QUERY` or `user QUERY`"),
        ("account plan_type: AND", 2, "invalid query syntax at character"),
        ("account plan_typ:enterprise", 2, "did you mean plan_type"),
        ("account plan_type:nothing", 3, "0 of 7 sessions are of matching accounts"),
    ],
)
def test_an_audience_that_cannot_be_is_refused(
    server: StandIn, tmp_path: Path, audience: str, code: int, told: str
) -> None:
    """Before anything is gathered, with what to try."""
    done = classified(server, tmp_path / "run", audience)

    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_run_goes_on_with_its_own_audience_alone(server: StandIn, tmp_path: Path) -> None:
    """Another audience needs another directory."""
    assert classified(server, tmp_path / "run", "account *").returncode == 0
    again = classified(server, tmp_path / "run", "account *")
    other = classified(server, tmp_path / "run", "account plan_type:free")

    assert again.returncode == 0, again.stderr
    assert (other.returncode, "holds a run of the audience" in other.stderr) == (2, True)


@pytest.mark.parametrize(
    ("audience", "by", "told"),
    [
        ("account *", "plan", "expected one of @customer_tier, @health_score"),
        ("", "plan_type", "start one with --audience"),
    ],
)
def test_a_split_that_a_run_does_not_know_is_refused(
    server: StandIn, tmp_path: Path, audience: str, by: str, told: str
) -> None:
    """The attributes that it knows are named."""
    where = ("--backend", f"api:{server.url}", "--run", tmp_path / "run", *WINDOW)
    run("classify", "app", "app", *where, *(("--audience", audience) if audience else ()))
    for more in ((), ("--html", tmp_path / "x.html")):
        done = run("report", tmp_path / "run", "--by", by, *more)

        assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_a_run_keeps_nothing_that_tells_one_person_from_another() -> None:
    """Names, e-mail addresses, ids of users, what has many values and what is no plain value."""
    rows = {
        f"s-{n}": {
            "user_id": f"u-{n}", "user_email": "a@example.com", "user_name": "A", "seen": n,
            "plan_type": "free", "@tags": ["x"], "empty": "",
        }
        for n in range(60)
    }  # fmt: skip

    assert facets_of(rows) == {unit: {"plan_type": "free"} for unit in rows}
