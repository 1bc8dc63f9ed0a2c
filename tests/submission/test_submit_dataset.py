"""`submit --dataset`: judged units as records, each once; all data is made up."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.recording import read_recording
from datadog_standin.server import StandIn, serving
from session_classify.errors import UnusableInputError
from session_classify.gathering.case import open_case
from session_classify.submission.dataset import Changes, Record, batches, record
from session_classify.submission.dataset_client import Datasets, open_datasets
from session_classify.submission.evaluation import evaluation
from session_classify.vocabulary import Satisfaction
from tests.backends.conftest import DEMO
from tests.cli.run import run
from tests.instrument.test_middleware import run_sdk
from tests.submission.runs import CHECKED, REASON, RULES, case_of, make_run, relabel, unit_id

NAME = "failures of november"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("template"))


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    made = Path(shutil.copytree(template, tmp_path / "a run"))
    relabel(made, *CHECKED, RULES)
    return made


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving(read_recording([DEMO])) as running:
        yield running


def fields_of(server: StandIn, name: str = NAME) -> list[dict[str, Any]]:
    """Return the records of a dataset, in the order of their arrival."""
    (found,) = (id_ for id_, one in server.datasets.datasets.items() if one["name"] == name)
    return [row["attributes"] for row in server.datasets.records[found].values()]


def test_without_confirm_the_records_are_printed(folder: Path, server: StandIn) -> None:
    """The conversation up to the user's last message, the verdict, and where they come from."""
    done = run("submit", folder, "--dataset", NAME, "--url", server.url)
    told = json.loads(done.stdout)

    assert (done.returncode, server.datasets.projects) == (0, {}), done.stderr
    assert (told["project"], told["dataset"]) == ("default-project", NAME)
    first = told["records"][0]
    turns = json.loads((case_of(folder, 1) / "session.json").read_bytes())["turns"]
    assert first["input"] == {
        "messages": [
            {"role": "user", "content": turns[0]["user_text"]},
            {"role": "assistant", "content": turns[0]["final_text"]},
            {"role": "user", "content": turns[1]["user_text"]},
        ]
    }
    assert first["expected_output"] == {"verdict": "no", "reason": REASON}
    about = first["metadata"]
    assert (about["source"], about["id"]) == ("session-classify", unit_id(1))
    assert (about["trace_id"], about["answer"]) == (turns[1]["trace_id"], turns[1]["final_text"])
    assert about["failures"] == [{"code": "hallucination", "why": "unbacked"}]
    assert "verdict:no" in first["tags"]
    assert [one["metadata"]["id"] for one in told["records"]] == [unit_id(n) for n in CHECKED]
    assert f"left out, unchecked: {unit_id(RULES)}" in done.stderr
    assert "--confirm brings 2 records into the dataset" in done.stderr


def test_a_satisfied_session_brings_its_answer_as_the_expected_one(folder: Path) -> None:
    """What an experiment is held against; other answers stand with what went wrong."""
    case = open_case(case_of(folder, 1))
    session, no = case.session(), case.verdict()
    yes = replace(no, verdict=Satisfaction.YES)
    good, bad = (record(session, evaluation(session, one, "", 0)) for one in (yes, no))
    answer = session.turns[-1].final_text

    assert (good.expected_output["answer"], good.metadata.get("answer")) == (answer, None)
    assert (bad.expected_output.get("answer"), bad.metadata["answer"]) == (None, answer)


def test_a_session_without_a_question_is_no_record(folder: Path) -> None:
    """An app could not answer it anew."""
    case = open_case(case_of(folder, 1))
    session, verdict = case.session(), case.verdict()
    silent = replace(session, turns=(*session.turns[:-1], replace(session.turns[-1], user_text="")))

    with pytest.raises(UnusableInputError, match="has no message of the user"):
        record(silent, evaluation(session, verdict, "", 0))


def test_each_unit_is_one_record_however_often_it_is_sent(folder: Path, server: StandIn) -> None:
    """A repeated run adds nothing; a changed verdict updates its record; others are left alone."""
    words = ("submit", folder, "--dataset", NAME, "--url", server.url, "--confirm")
    first, again = run(*words), run(*words)
    datasets = open_datasets(server.url)
    project, (dataset, _) = _places(datasets)
    about = {"source": "a person", "unit": "session", "id": unit_id(RULES)}
    foreign = Record({"messages": []}, {}, about, ())
    datasets.change(project, dataset, Changes((foreign,), (), 0))
    changed = "The write was blocked, and told as done."
    no = "--verdict no --failure hallucination=unbacked --cite write1 --confirm claim1".split()
    assert run("verdict", case_of(folder, 2), *no, "--reason", changed).returncode == 0
    third = run(*words, "--include-unchecked")

    where = f", at {server.url}\n"
    named = f"dataset {NAME} of default-project: "
    assert first.stdout == f"new {named}2 records added, 0 updated, 0 unchanged{where}", (
        first.stderr
    )
    assert again.stdout == f"{named}0 records added, 0 updated, 2 unchanged{where}"
    assert third.stdout == f"{named}1 record added, 1 updated, 1 unchanged{where}"
    reasons = [one["expected_output"].get("reason") for one in fields_of(server)]
    assert reasons[:3] == [REASON, changed, None]
    assert len(reasons) == 4
    assert "unchecked:true" in fields_of(server)[3]["tags"]


def _places(datasets: Datasets) -> tuple[str, tuple[str, bool]]:
    project = datasets.project("default-project")
    return project, datasets.dataset(project, NAME)


def test_many_records_are_sent_in_batches_and_read_page_by_page(server: StandIn) -> None:
    """By number and by size; together they are one new version of the dataset."""
    datasets = open_datasets(server.url)
    project, (dataset, is_new) = _places(datasets)
    text = "x" * 9_000
    records = tuple(Record({"n": n, "text": text}, {}, {"id": n}, ("a:b",)) for n in range(1_001))
    wanted = Changes(records, (), 0)
    sizes = [len(one["data"]["attributes"]["insert_records"]) for one in batches(dataset, wanted)]
    datasets.change(project, dataset, wanted)

    assert (is_new, sum(sizes), len(sizes)) == (True, 1_001, 3)
    assert [one.input["n"] for one in datasets.records(project, dataset)] == list(range(1_001))
    assert server.datasets.datasets[dataset]["current_version"] == 1


def test_a_name_is_not_taken_for_one_that_it_begins(server: StandIn) -> None:
    """The server's filter may find more than the name."""
    datasets = open_datasets(server.url)
    project = datasets.project("shop")
    longer, _ = datasets.dataset(project, "failures (old)")

    assert datasets.project("sho") != project
    assert datasets.dataset(project, "failures")[0] != longer


@pytest.mark.parametrize(
    ("kind", "call", "code", "calls", "told"),
    [
        (Kind.TOO_MANY, 1, 0, 6, ""),
        (Kind.TOO_MANY, 5, 0, 6, ""),
        (Kind.UNAVAILABLE, 1, 0, 6, ""),
        (Kind.UNAVAILABLE, 5, 5, 5, "adds what is not there yet"),
        (Kind.FORBIDDEN, 1, 4, 1, "refuses the keys (403"),
        (Kind.BAD_REQUEST, 5, 2, 5, "refuses the request (400"),
    ],
)
def test_a_write_is_repeated_for_a_rate_limit_alone(
    folder: Path, kind: Kind, call: int, code: int, calls: int, told: str
) -> None:
    """Reads are; after any failure the same command brings what is missing, once."""
    with ExitStack() as running:
        plan = Plan((Fault(kind, "datasets", call=call, reset=0),))
        server = running.enter_context(serving(read_recording([DEMO]), plan=plan))
        words = ("submit", folder, "--dataset", NAME, "--url", server.url, "--confirm")
        done = run(*words)

        assert (done.returncode, plan.calls["datasets"]) == (code, calls), done.stderr
        assert told in done.stderr
        assert run(*words).returncode == 0
        assert len(fields_of(server)) == 2


@pytest.mark.parametrize(
    ("env", "words", "code", "told"),
    [
        ({}, [], 4, "DD_API_KEY and DD_APP_KEY not set"),
        ({"DD_READ_ONLY": "1"}, ["--url", "http://127.0.0.1:1"], 2, "DD_READ_ONLY is set"),
        ({}, ["--url", "https://example.com"], 2, "is not on this machine"),
        ({}, ["--url", "http://127.0.0.1:1"], 5, "does not answer"),
        (
            {"DD_SITE": "datadoghq.eu", "DD_API_KEY": "k", "DD_APP_KEY": "k"},
            [],
            2,
            "the spans are of datadoghq.com",
        ),
        ({}, ["--label", "x"], 2, "--label names an evaluation"),
        ({}, ["--dataset", " "], 2, "--dataset needs the name"),
    ],
)
def test_it_goes_nowhere_else(
    folder: Path, env: dict[str, str], words: list[str], code: int, told: str
) -> None:
    """Neither without keys, nor to another organization or machine; one line says why."""
    relabel(folder, *CHECKED)
    done = run("submit", folder, "--dataset", NAME, "--confirm", *words, **env)

    assert (done.returncode, done.stdout, told in done.stderr) == (code, "", True), done.stderr
    assert done.stderr.count("session-classify: ") == 1


def test_an_agent_may_only_look(folder: Path, tmp_path: Path) -> None:
    """`--restricted` allows the dry run alone."""
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    words = ("--restricted", "submit", folder, "--dataset", NAME)
    allowed = run(*words, cwd=tmp_path, **home)
    refused = run(*words, "--confirm", cwd=tmp_path, **home)

    assert (allowed.returncode, refused.returncode) == (0, 2), allowed.stderr


@pytest.mark.slow
def test_the_real_sdk_reads_the_records_and_writes_the_same(
    folder: Path, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it pulls is what was shown, and what it pushes of that is stored as ours is."""
    done = run("submit", folder, "--dataset", NAME, "--url", server.url, "--confirm")
    assert done.returncode == 0, done.stderr
    shown = json.loads(run("submit", folder, "--dataset", NAME).stdout)["records"]
    records = [{"input_data": one.pop("input"), **one} for one in shown]
    monkeypatch.setenv("DD_LLMOBS_OVERRIDE_ORIGIN", server.url)
    given = json.dumps({"read": NAME, "write": "theirs", "records": records})
    pulled = json.loads(run_sdk(server.url, "tests.submission.sdk_dataset", given=given))

    assert pulled == records
    assert fields_of(server, "theirs") == fields_of(server)
    assert fields_of(server)[0]["tags"] == records[0]["tags"]
