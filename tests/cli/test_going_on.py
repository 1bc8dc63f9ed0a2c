"""Runs over an app that go on: with the same data, with a judge after the rules, without one."""

import sys
from pathlib import Path

import pytest

from tests.cli.run import a_bundle, run
from tests.cli.test_app import classified, rows_of, uuid


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return twelve sessions of one turn."""
    rows = [row for number in range(12) for row in rows_of(number, uuid(number), ml_app="app")]
    return a_bundle(tmp_path / "b", rows)


def a_judge(folder: Path, code: str) -> str:
    script = folder / "judge.py"
    script.write_text(f"import sys\nsys.stdin.read()\n{code}\n")
    return f"'{sys.executable}' '{script}'"


@pytest.mark.parametrize(
    "words",
    [
        ["--backend", "bundle:other"],
        ["--backend", "files:other/spans.jsonl"],
        ["--seed", 9],
        ["--timeframe", "2026-11-01/2026-11-30"],
    ],
)
def test_a_run_of_other_data_is_left_alone(
    words: list[str], bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its units are not those that the command asks for."""
    monkeypatch.chdir(tmp_path)
    a_bundle(tmp_path / "other", rows_of(50, uuid(50), ml_app="app"))
    folder = tmp_path / "run"
    assert classified(bundle, folder, "--sample", 5).returncode == 0
    before = (folder / "run.json").read_bytes()

    done = classified(bundle, folder, "--sample", 5, *words)

    assert done.returncode == 2
    assert f"holds a run with {words[0]} " in done.stderr
    assert (folder / "run.json").read_bytes() == before


def test_a_judge_reads_what_the_rules_alone_judged(bundle: Path, tmp_path: Path) -> None:
    """The same command with a judge asks it; the next one asks nothing again."""
    folder, seen = tmp_path / "run", tmp_path / "seen"
    code = f"open({str(seen)!r}, 'a').write('x')\n"
    code += 'print(\'{"verdict": "yes", "reason": "It was done."}\')'
    judge = a_judge(tmp_path, code)
    classified(bundle, folder, "--sample", 5)

    done = classified(bundle, folder, "--sample", 5, "--judge", judge)
    asked = len(seen.read_text())
    again = classified(bundle, folder, "--sample", 5, "--judge", judge)

    assert done.returncode == again.returncode == 0, done.stderr
    assert "rules only" not in done.stdout
    assert asked == len(seen.read_text()) == 5


def test_a_judge_that_does_not_answer_ends_the_run(bundle: Path, tmp_path: Path) -> None:
    """With exit code 5, and no advice to sample more."""
    judge = a_judge(tmp_path, "sys.exit('no key')")

    done = classified(bundle, tmp_path / "run", "--sample", 12, "--judge", judge, "--jobs", 2)

    assert done.returncode == 5
    assert "no key" in done.stderr.splitlines()[-1]
    assert "goes on with the run" in done.stderr
    assert done.stdout == ""


def test_a_rater_sees_no_finding(tmp_path: Path) -> None:
    """What rules, judges and the user's activity say stays out of the terminal, too."""
    demo = Path(__file__).parents[2] / "scripts" / "session_classify" / "demo_bundle"
    folder = tmp_path / "run"
    profile = Path(__file__).parents[2] / "references" / "apps" / "bits-assistant.yaml"
    words = ("support-bot", "--backend", f"bundle:{demo}", "--run", folder)
    done = run("classify", "app", *words, "--profile", profile)
    assert done.returncode == 0, done.stderr

    told = run("label", folder, "--rater", "ana", stdin="y\n").stdout

    assert "### turn 1" in told
    for word in ("claim1", "rum1", "audit2", "feedback1", "eval1", "Findings", "Behaviour"):
        assert word not in told


@pytest.mark.parametrize("words", [[], ["audience"], ["audience", "users"], ["profile"]])
def test_a_group_alone_prints_its_help(words: list[str]) -> None:
    """Whole, with exit code 2, as click does."""
    done = run(*words)

    assert done.returncode == 2
    assert "Commands:" in done.stderr + done.stdout
    assert "left out" not in done.stderr
