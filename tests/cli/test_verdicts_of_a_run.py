"""`verdict RUN --file`: the verdicts on several units of a run at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import run
from tests.cli.test_app import bundle, uuid  # noqa: F401  a fixture

UNITS = tuple(map(uuid, range(12)))


@pytest.fixture
def folder(bundle: Path, tmp_path: Path) -> Path:  # noqa: F811
    """Return a run whose 12 units were all read and have no verdict."""
    made = tmp_path / "run"
    words = ("--backend", f"bundle:{bundle}", "--run", made, "--sample", 12)
    done = run("gather", "app", "app", *words)
    assert done.returncode == 0, done.stderr
    return made


def answer(number: int, **more: Any) -> dict[str, Any]:
    told = {"id": uuid(number), "verdict": "yes", "reason": "Greeted.", "cite": ["turn1"]}
    return told | more


def verdicts(folder: Path) -> dict[str, str]:
    rows = map(json.loads, run("report", folder, "--jsonl").stdout.splitlines())
    return {row["id"]: row["verdict"] for row in rows}


@pytest.mark.parametrize("form", ["array", "lines"])
def test_several_verdicts_are_recorded_at_once(folder: Path, tmp_path: Path, form: str) -> None:
    """As an array or one a line; each is printed as a block and counts in the run."""
    rows = [answer(3), answer(5, verdict="no", failures=[{"code": "wrong_tool_use"}])]
    text = json.dumps(rows) if form == "array" else "\n".join(map(json.dumps, rows)) + "\n"
    file = tmp_path / "answers.json"
    file.write_text(text)

    done = run("verdict", folder, "--file", file)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("verdict: ") == 2
    assert verdicts(folder) == {uuid(3): "yes", uuid(5): "no"}
    assert run("report", folder).stdout.count("not classified yet") == 10


def test_a_refused_verdict_costs_no_other_its_own(folder: Path, tmp_path: Path) -> None:
    """The line names the unit, the exit code is that of a refusal, the others are recorded."""
    file = tmp_path / "answers.json"
    file.write_text(json.dumps([answer(1, cite=["write9"]), answer(2)]))

    done = run("verdict", folder, "--file", file)

    assert done.returncode == 6
    assert f"session-classify: {uuid(1)}: refused, " in done.stderr
    assert verdicts(folder) == {uuid(2): "yes"}


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (json.dumps([answer(1), answer(99)]), 2, f"did not sample {uuid(99)}"),
        (json.dumps([answer(1), answer(1)]), 2, f"two verdicts on {uuid(1)}"),
        (json.dumps([answer(1)])[:-2], 1, "expected an array, or one object a line"),
        (json.dumps(answer(1)) + "\nyes", 1, "line 2 of"),
        (json.dumps([{"verdict": "yes", "reason": "No id."}]), 1, "`id`"),
        ("[]", 1, "holds no verdict"),
        ("", 1, "holds no verdict"),
    ],
)
def test_a_file_that_does_not_fit_records_nothing(
    folder: Path, tmp_path: Path, text: str, code: int, said: str
) -> None:
    """Ids of another run, one unit twice, and what is no list of verdicts."""
    file = tmp_path / "answers.json"
    file.write_text(text)

    done = run("verdict", folder, "--file", file)

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert verdicts(folder) == {}


def test_a_run_has_no_verdict_of_its_own(folder: Path) -> None:
    """Options judge one unit, and the error says how to name it."""
    done = run("verdict", folder, "--verdict", "yes", "--reason", "All.")

    assert done.returncode == 2
    assert f"name a unit as {folder}/ID" in done.stderr


def test_a_verdict_that_is_replaced_is_told(folder: Path) -> None:
    """The second one counts, and a line says that there was another."""
    words = ("--reason", "Greeted.", "--cite", "turn1")
    first = run("verdict", folder / uuid(1), "--verdict", "yes", *words)
    second = run("verdict", folder / uuid(1), "--verdict", "yes", *words)

    assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, second.stderr) == (0, "it replaces the verdict that the case had\n")
