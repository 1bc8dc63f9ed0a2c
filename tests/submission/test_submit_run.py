"""`submit RUN`: each judged unit of a run once, and what is left out is told; data is made up."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from tests.backends.conftest import DEMO
from tests.cli.run import run
from tests.submission.runs import (
    CHECKED,
    FAILED,
    GONE,
    RULES,
    UNLABELLED,
    case_of,
    make_run,
    relabel,
    unit_id,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("template"))


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """Return a run of its own for a test; it can be moved, as a case can."""
    return Path(shutil.copytree(template, tmp_path / "a run"))


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving(read_recording([DEMO])) as running:
        yield running


def sent_ids(server: StandIn) -> list[str]:
    return [metric["metadata"]["id"] for metric in server.evaluations]


def roots(folder: Path, *numbers: int) -> list[dict[str, Any]]:
    turns = [
        json.loads((case_of(folder, number) / "session.json").read_bytes())["turns"][-1]
        for number in numbers
    ]
    return [{"span": {"span_id": t["root"]["id"], "trace_id": t["trace_id"]}} for t in turns]


def test_without_confirm_all_are_printed_and_the_rest_is_told(
    folder: Path, server: StandIn
) -> None:
    """One body for the judged units, a line for each reason why another is left out."""
    done = run("submit", folder, "--url", server.url)

    address = f"{server.url}/evp_proxy/v2/api/intake/llm-obs/v2/eval-metric"
    failed = f"{unit_id(FAILED)} (no span has this id)"
    mend = "mend what is told above, then run the same command again"
    metrics = json.loads(done.stdout)["data"]["attributes"]["metrics"]
    assert [metric["metadata"]["id"] for metric in metrics] == [unit_id(n) for n in CHECKED]
    assert [metric["join_on"] for metric in metrics] == roots(folder, *CHECKED)
    assert done.stderr.splitlines() == [
        f"left out, unchecked: {unit_id(RULES)} (rules-only); --include-unchecked submits them",
        f"left out, without a verdict: {failed}, {unit_id(UNLABELLED)}",
        f"left out, without a case below cases/: {unit_id(GONE)}",
        f"dry run, nothing was sent; --confirm sends 2 evaluations to {address}",
        f"session-classify: {folder}: units left out that have a verdict: 1; taken: 2; {mend}",
    ]
    assert (done.returncode, server.evaluations) == (1, [])


def test_each_is_sent_once(folder: Path, server: StandIn) -> None:
    """A second run sends what is new: a changed verdict, and the unchecked ones if wanted."""
    relabel(folder, *CHECKED, RULES)
    words = ("submit", folder, "--url", server.url, "--confirm")
    first, again = run(*words), run(*words)
    more = run(*words, "--include-unchecked")

    assert [one.returncode for one in (first, again, more)] == [0, 0, 0], first.stderr
    assert sent_ids(server) == [unit_id(number) for number in (*CHECKED, RULES)]
    assert first.stdout.splitlines()[-1] == "2 submitted"
    assert again.stdout.splitlines()[-1] == "2 already submitted, nothing was sent"
    assert more.stdout.splitlines()[-1] == "2 already submitted, nothing was sent, 1 submitted"
    assert ["unchecked:true" in one["tags"] for one in server.evaluations] == [False, False, True]


def test_a_case_of_it_alone_counts_as_sent(folder: Path, server: StandIn) -> None:
    """The record is the case's, whether it was submitted alone or with its run."""
    relabel(folder, *CHECKED)
    run("submit", case_of(folder, 1), "--url", server.url, "--confirm")
    done = run("submit", folder, "--url", server.url, "--confirm")

    assert done.stdout.splitlines()[-1] == "1 already submitted, nothing was sent, 1 submitted"
    assert sent_ids(server) == [unit_id(1), unit_id(2)]


def test_a_used_up_rate_limit_ends_it_and_it_goes_on(folder: Path) -> None:
    """What was sent is told, and the same command sends the rest."""
    relabel(folder, *CHECKED)
    with ExitStack() as running:
        fault = Fault(Kind.TOO_MANY, "eval-metric", call=2, reset=3_600)
        server = running.enter_context(serving(read_recording([DEMO]), plan=Plan((fault,))))
        words = ("submit", folder, "--url", server.url, "--confirm")
        limited, done = run(*words), run(*words)

        assert limited.returncode == 5
        assert "run the same command again in 3600 s to go on from here" in limited.stderr
        assert limited.stdout.splitlines()[-1] == "1 submitted"
        assert done.stdout.splitlines()[-1] == "1 already submitted, nothing was sent, 1 submitted"
        assert sent_ids(server) == [unit_id(1), unit_id(2)]


def test_a_refused_one_does_not_hold_the_others_up(folder: Path) -> None:
    """It is told with the server's words, and the exit code says that one is missing."""
    relabel(folder, *CHECKED)
    with ExitStack() as running:
        fault = Fault(Kind.BAD_REQUEST, "eval-metric", text="no such span")
        server = running.enter_context(serving(read_recording([DEMO]), plan=Plan((fault,))))
        words = ("submit", folder, "--url", server.url, "--confirm")
        refused, done = run(*words), run(*words)

        assert refused.returncode == 2
        assert "no such span" in refused.stderr
        assert f"left out, refused by the server: {unit_id(1)}" in refused.stderr
        assert (done.returncode, sent_ids(server)) == (0, [unit_id(2), unit_id(1)])


def test_a_damaged_case_or_another_verdict_is_left_out(folder: Path, server: StandIn) -> None:
    """A label that contradicts its case is submitted by neither word."""
    relabel(folder, *CHECKED)
    labels = folder / "labels.jsonl"
    labels.write_text(labels.read_text().replace('"verdict":"no"', '"verdict":"yes"', 1))
    (case_of(folder, 2) / "session.json").write_text("{}")
    done = run("submit", folder, "--url", server.url, "--confirm")

    assert (done.returncode, done.stdout, server.evaluations) == (1, "", [])
    assert "the label says yes, the case no" in done.stderr
    assert "session.json is damaged" in done.stderr


def test_a_link_is_no_case_of_the_run(folder: Path, server: StandIn, tmp_path: Path) -> None:
    """It could lead an agent's command to data elsewhere."""
    relabel(folder, 1)
    elsewhere = shutil.move(case_of(folder, 1), tmp_path / "elsewhere")
    case_of(folder, 1).symlink_to(elsewhere)
    done = run("submit", folder, "--url", server.url, "--confirm")

    assert (done.returncode, server.evaluations) == (1, [])
    assert "left out, without a case below cases/" in done.stderr


@pytest.mark.parametrize(
    ("numbers", "code", "told"),
    [
        ((RULES,), 6, "is unchecked; have them judged"),
        ((FAILED,), 3, "has a verdict yet"),
        ((), 3, "has a verdict yet"),
    ],
)
def test_with_nothing_to_submit_it_says_why(
    folder: Path, numbers: tuple[int, ...], code: int, told: str
) -> None:
    """Neither an empty body nor a success."""
    relabel(folder, *numbers)
    done = run("submit", folder)

    assert (done.returncode, done.stdout, told in done.stderr) == (code, "", True), done.stderr


def test_an_agent_may_look_at_a_run(folder: Path, tmp_path: Path) -> None:
    """`--restricted` allows the dry run alone."""
    relabel(folder, *CHECKED)
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    allowed = run("--restricted", "submit", folder, cwd=tmp_path, **home)
    refused = run("--restricted", "submit", folder, "--confirm", cwd=tmp_path, **home)

    assert (allowed.returncode, refused.returncode) == (0, 2), allowed.stderr
    assert len(json.loads(allowed.stdout)["data"]["attributes"]["metrics"]) == 2
