"""`probe`: sessions changed in one known way, and what a judge says of them."""

import json
import sys
from pathlib import Path

import pytest

from session_classify.cli.runs.probe import read_rows
from session_classify.probing.changes import KINDS, changes
from session_classify.probing.rows import exchanged, named, problems
from tests.changes import sessions
from tests.cli.run import run
from tests.conftest import ROOT

BUNDLE = ROOT / "tests" / "situations" / "bundle-bad-response"


def rows_of(bundle: Path) -> list[dict[str, object]]:
    return named([json.loads(line) for line in (bundle / "spans.jsonl").read_text().splitlines()])


def a_judge(folder: Path, code: str) -> str:
    """Return the command of a made-up judge."""
    script = folder / "judge.py"
    script.write_text(f"import json, pathlib, sys\nasked = sys.stdin.read()\n{code}")
    return f"'{sys.executable}' '{script}'"


def test_every_change_leaves_a_session_that_agrees_with_itself() -> None:
    """Call, span, result and history say the same after each change."""
    rows = rows_of(BUNDLE)
    made = list(changes(rows, read_rows))

    assert problems(rows) == []
    reads = {"a failed read, then the good one", "hostile lines in a result"}
    assert {one.kind for one in made} == KINDS.keys() - reads  # it reads nothing
    for one in made:
        assert problems(one.rows) == [], one.kind
        assert one.kind == "untouched" or one.rows != rows


@pytest.mark.slow
def test_changes_of_real_sessions_agree_with_themselves(shared_data: Path) -> None:
    """Nothing contradicts itself that did not before."""
    name, rows, good = next(iter(sessions(shared_data)))
    before = set(problems(rows))

    for one in changes(rows, read_rows, is_good=good):
        assert set(problems(one.rows)) <= before, (name, one.kind, one.what)


@pytest.mark.parametrize("what", ["another result", "another argument", "no call", "an id twice"])
def test_a_session_that_contradicts_itself_is_noticed(what: str) -> None:
    """The check can fail."""
    rows = rows_of(BUNDLE)
    (call, result) = (
        next(
            part
            for row in rows
            for message in (row["attributes"].get("input") or {}).get("messages") or ()  # type: ignore[attr-defined]
            for part in message.get(name) or ()
        )
        for name in ("tool_calls", "tool_results")
    )
    if what == "another result":
        result["result"] = "made up"
    elif what == "another argument":
        call["arguments"] = {"made": "up"}
    elif what == "no call":
        result["tool_id"] = "made-up"
    else:
        rows.append(rows[-1])

    assert problems(rows) != []


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            '{"balance": 1500, "order": "W15003", "paid": 500}',
            '{"balance": 1500, "order": "W15003", "paid": 501}',
        ),
        ("500, 500.", "501, 501."),
        ("500.25 and 1,500 and 500,000", "500.25 and 1,500 and 500,000"),
        ("$500 x500 500_a", "$501 x500 500_a"),
    ],
)
def test_a_value_is_exchanged_where_it_stands_alone(text: str, changed: str) -> None:
    """A number inside another one, or inside an id, is another value."""
    assert exchanged(text, "500", "501") == changed


def test_the_rules_are_measured_by_kind() -> None:
    """A row for each kind, with what is right and the interval of the share."""
    done = run("probe", BUNDLE)

    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    kinds = [line.split("|")[1].strip() for line in lines]
    assert kinds == [kind for kind in KINDS if kind in kinds]
    assert "| last write never made | not yes | 1 | 1 (100 %) |" in done.stdout


@pytest.mark.slow
def test_a_judge_that_says_yes_to_all_is_wrong_about_every_harm(tmp_path: Path) -> None:
    """Its answers are checked as any, so a `yes` that the evidence forbids is an error row."""
    judge = a_judge(tmp_path, 'print(json.dumps({"verdict": "yes", "reason": "Done."}))')
    done = run("probe", BUNDLE, "--judge", judge, "--json", "--most", 1)

    assert done.returncode == 0, done.stderr
    answers = {one["kind"]: one for one in json.loads(done.stdout)["answers"]}
    assert answers["untouched"]["is_right"]
    assert answers["untouched"]["characters"] > 500
    assert not any(answers[kind]["is_right"] for kind, good in KINDS.items() if not good)
    assert "refused" in answers["write failed"]["error"]


def test_a_judge_that_changes_its_mind_flips(tmp_path: Path) -> None:
    """Repetitions with different verdicts are counted for each changed session."""
    code = (
        "seen = pathlib.Path(__file__).with_name('seen')\n"
        "number = len(seen.read_text()) if seen.exists() else 0\n"
        "seen.write_text('x' * (number + 1))\n"
        "no = {'verdict': 'no', 'reason': 'No.', 'failures': [{'code': 'other', 'why': 'x'}],"
        " 'cite': ['turn1']}\n"
        "print(json.dumps({'verdict': 'yes', 'reason': 'Done.'} if number % 2 else no))\n"
    )
    words = ("--kind", "untouched", "--repeat", 2, "--jobs", 1)
    done = run("probe", BUNDLE, "--judge", a_judge(tmp_path, code), *words, "--json")

    said = [one["verdict"] for one in json.loads(done.stdout)["answers"]]
    assert sorted(map(str, said)) == ["no", "yes"], done.stdout
    text = run("probe", BUNDLE, "--judge", a_judge(tmp_path, code), *words).stdout
    assert text.splitlines()[4].split("|")[7].strip() == "1"


def test_a_judge_that_dies_is_an_error_row(tmp_path: Path) -> None:
    """The others go on, and its share is of the answers that came."""
    done = run("probe", BUNDLE, "--judge", a_judge(tmp_path, "sys.exit(3)"), "--kind", "untouched")

    assert done.returncode == 0
    assert "| untouched | yes | 0 | 0 | 0 to 100 % | 1 |" in done.stdout
    assert "1 of 1: " in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--kind", "made up"), 2, "there is no change 'made up'"),
        (("--kind", "a failed read, then the good one"), 1, "nothing to change"),
    ],
)
def test_what_cannot_be_probed_is_refused(words: tuple[str, ...], code: int, said: str) -> None:
    """In one line, with what there is."""
    done = run("probe", BUNDLE, *words)

    assert done.returncode == code
    assert said in done.stderr
