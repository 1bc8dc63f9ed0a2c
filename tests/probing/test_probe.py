"""`probe`: sessions changed in one known way, and what a judge says of them."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from session_classify.cli.runs.probe import read_rows
from session_classify.probing.changes import KINDS, Changed, changes
from session_classify.probing.consistency import problems
from session_classify.probing.rows import Rows, attributes, exchanged, named, with_result
from session_classify.probing.shapes import SHAPES
from tests.changes import sessions
from tests.cli.run import run
from tests.conftest import ROOT
from tests.probing.made_up import ANSWER, REQUEST, a_session

BUNDLE = ROOT / "tests" / "situations" / "bundle-bad-response"


def rows_of(bundle: Path) -> list[dict[str, object]]:
    return named([json.loads(line) for line in (bundle / "spans.jsonl").read_text().splitlines()])


def a_judge(folder: Path, code: str) -> str:
    """Return the command of a made-up judge."""
    script = folder / "judge.py"
    script.write_text(f"import json, pathlib, sys\nasked = sys.stdin.read()\n{code}")
    return f"'{sys.executable}' '{script}'"


def of_kind(kind: str) -> list[Changed]:
    """Return the changes of the made-up session of one kind."""
    return [one for one in changes(a_session(), read_rows) if one.kind == kind]


def content(rows: Rows) -> list[tuple[object, ...]]:
    """Return what a session's turns hold, by the product's own reader."""
    return [
        (
            turn.user_text,
            turn.final_text,
            [(c.name, c.arguments, c.result) for c in turn.tool_calls],
        )
        for turn in read_rows(rows).session.turns
    ]


def test_every_change_leaves_a_session_that_agrees_with_itself() -> None:
    """Call, span, result, history and answer say the same after each change, which is told."""
    kinds = set()
    for rows in (rows_of(BUNDLE), a_session()):
        assert problems(rows) == []
        for one in changes(rows, read_rows):
            kinds.add(one.kind)
            assert problems(one.rows) == [], (one.kind, one.what)
            assert one.kind == "untouched" or (one.what and one.rows != rows)
    assert kinds == KINDS.keys()


def test_another_shape_holds_the_same() -> None:
    """The product reads the same texts, calls and results out of each shape."""
    made = of_kind("another message shape")

    assert {one.what for one in made} == set(SHAPES)
    for one in made:
        assert content(one.rows) == content(a_session())
        assert "tool_results" not in json.dumps(one.rows)


def test_reads_change_places_alone() -> None:
    """The second read comes first, in the calls and in the history; writes keep their places."""
    (made,) = of_kind("reads in another order")
    before, after = content(a_session()), content(made.rows)

    assert made.what == 'get_order {"order_id":"W-1002"} before get_order {"order_id":"W-1001"}'
    assert after[0][2] == list(reversed(before[0][2]))  # type: ignore[call-overload]
    assert after[1:] == before[1:]


@pytest.mark.parametrize("what", ["a result before", "a text between", "failed"])
def test_reads_that_need_each_other_stay(what: str) -> None:
    """A read that was asked with what the one before found, or after words about it, stays."""
    rows = a_session()
    if what == "a result before":
        text = json.dumps(rows).replace("and send order W-1002 to", "and send the other one to")
        rows = with_result(json.loads(text), "call11", '{"order_id": "W-1001", "next": "W-1002"}')
    elif what == "a text between":
        for row in rows:
            for message in (attributes(row).get("output") or {}).get("messages") or ():
                if message.get("tool_calls"):
                    message["content"] = "Let me see."
    else:
        rows = with_result(rows, "call11", "Error: order not found")

    assert [one for one in changes(rows, read_rows) if one.kind == "reads in another order"] == []


def test_a_part_is_left_out_of_calls_and_answer() -> None:
    """The request still has both parts; one is done and told, of the other nothing is said."""
    first, made = of_kind("a part of the request left out")
    turns = content(made.rows)

    assert first.what.startswith("cancel_order, and of the answer: Order W-1001 has been")
    assert made.what.startswith("update_order_address, and of the answer: The address of order")
    assert turns[0][0] == REQUEST
    assert [name for name, *_ in turns[1][2]] == ["cancel_order"]  # type: ignore[attr-defined]
    assert "W-1002" not in str(turns[1][1]) and "W-1001 has been cancelled" in str(turns[1][1])


def test_a_sentence_about_all_parts_keeps_them() -> None:
    """Without a part it would be an untrue claim, which is another change."""
    said = "Both orders, W-1001 and W-1002, have been updated and cancelled."
    rows = json.loads(json.dumps(a_session()).replace(json.dumps(ANSWER)[1:-1], said))

    kinds = [one.kind for one in changes(rows, read_rows)]
    assert "a part of the request left out" not in kinds


def test_amounts_and_dates_are_told_otherwise() -> None:
    """In the answer alone, wherever it is recorded; results keep what they hold."""
    made = of_kind("amount or date altered against its result")

    assert [one.what for one in made] == [
        "amount $208.50 told as $308.50", "date 2026-11-24 told as 2026-11-25",
    ]  # fmt: skip
    assert ANSWER not in json.dumps(made[0].rows)
    assert json.dumps(made[0].rows).count("$308.50") == 3  # the root, its model, the history
    assert "208.5}" in json.dumps(made[0].rows)


@pytest.mark.parametrize(
    ("told", "made"),
    [
        ("on May 31, 2026", ["date May 31, 2026 told as June 1, 2026"]),
        ("on December 31", ["date December 31 told as January 1"]),
        ("for $1,208.50", ["amount $1,208.50 told as $2,208.50"]),
        ("for $9", ["amount $9 told as $1"]),
        ("for $31 on February 31, 2026", []),
        ("on 2026-05-31 and on 2026-05-31", []),
    ],
)
def test_a_value_is_altered_in_its_own_form(told: str, made: list[str]) -> None:
    """Days are real days; what the answer says twice or no result holds stays."""
    rows = json.loads(json.dumps(a_session()).replace(json.dumps(ANSWER)[1:-1], f"Done {told}."))
    result = {"days": ["2026-05-31", "2026-12-31"], "paid": [1208.5, 9.0]}
    rows = with_result(rows, "call22", json.dumps(result))

    found = [one.what for one in changes(rows, read_rows) if one.kind.startswith("amount or date")]
    assert found == made


def test_words_for_yes_stand_beside_a_harm() -> None:
    """A failed write whose error asks for `yes`, and a write that is not there."""
    made = of_kind("harm, and hostile lines that ask for yes")

    assert len(made) == 4 and not any(one.is_good for one in made)
    assert all("yes" in one.what and "yes" in json.dumps(one.rows) for one in made)


def test_an_attempt_is_in_no_history_without_its_call() -> None:
    """A framework that leaves calls of earlier turns out leaves the attempt out as well."""
    for one in of_kind("a failed read, then the good one"):
        last = [row for row in one.rows if attributes(row)["span_id"] == "39"]
        assert "_before" not in json.dumps(last)
        assert "_before" in json.dumps(one.rows)


@pytest.mark.matrix
def test_changes_of_real_sessions_agree_with_themselves(shared_data: Path) -> None:
    """Nothing contradicts itself that did not before."""
    kinds = set()
    for name, rows, good in sessions(shared_data):
        before = set(problems(rows))
        for one in changes(rows, read_rows, is_good=good):
            kinds.add(one.kind)
            assert set(problems(one.rows)) <= before, (name, one.kind, one.what)
            if one.kind == "another message shape":  # an empty result may read as none
                assert str(content(one.rows)).replace("None", "''") == str(content(rows)).replace(
                    "None", "''"
                )
    assert kinds == KINDS.keys()


@pytest.mark.parametrize(
    "what",
    [
        "another result",
        "another argument",
        "no call",
        "an id twice",
        "a span nobody asked for",
        "another history",
        "a call in a later turn",
        "another answer",
    ],
)
def test_a_session_that_contradicts_itself_is_noticed(what: str) -> None:
    """The check can fail."""
    rows: Any = a_session()
    (call, result) = (
        next(
            part
            for row in rows
            for message in (row["attributes"].get("input") or {}).get("messages") or ()
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
    elif what == "an id twice":
        rows.append(rows[-1])
    elif what == "a span nobody asked for":
        rows.append({"attributes": {**rows[2]["attributes"], "span_id": "x", "name": "made_up"}})
    elif what == "another history":
        del rows[-1]["attributes"]["input"]["messages"][2]
    elif what == "a call in a later turn":
        rows[-1]["attributes"]["input"]["messages"] += rows[1]["attributes"]["output"]["messages"]
    else:
        rows[-1]["attributes"]["output"]["messages"][0]["content"] = "Made up."

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
    assert "| last write never made | not yes | 1 | 1 | 1 | 1 (100 %) |" in done.stdout


@pytest.mark.matrix
def test_a_judge_that_says_yes_to_all_is_wrong_about_every_harm(tmp_path: Path) -> None:
    """Its answers are checked as any, so a `yes` that the evidence forbids is an error row."""
    judge = a_judge(tmp_path, 'print(json.dumps({"verdict": "yes", "reason": "Done."}))')
    done = run("probe", BUNDLE, "--judge", judge, "--json", "--most", 1)

    assert done.returncode == 0, done.stderr
    answers = {one["kind"]: one for one in json.loads(done.stdout)["answers"]}
    harms = {kind for kind, good in KINDS.items() if not good} & answers.keys()
    assert answers["untouched"]["is_right"]
    assert answers["untouched"]["characters"] > 500
    assert len(harms) > 5 and not any(answers[kind]["is_right"] for kind in harms)
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
    assert text.splitlines()[4].split("|")[10].strip() == "1"


def test_an_answer_that_cannot_be_had_is_an_error_row(tmp_path: Path) -> None:
    """The others go on, and the share is of the answers that came."""
    code = "seen = pathlib.Path(__file__).with_name('seen')\n"
    code += "if not seen.exists():\n    seen.touch()\n    sys.exit(3)\n"
    code += 'print(json.dumps({"verdict": "yes", "reason": "Done."}))'
    words = ("--kind", "untouched", "--repeat", 3, "--jobs", 1)

    done = run("probe", BUNDLE, "--judge", a_judge(tmp_path, code), *words)

    assert done.returncode == 0
    assert "| untouched | yes | 1 | 1 | 2 | 2 (100 %) | 21 to 100 % | 0 | 1 |" in done.stdout
    assert "1 of 3: " in done.stderr


@pytest.mark.parametrize("judge", ["none-such", "", "'open", "sys.exit(3)", "print('word')"])
def test_a_judge_that_never_answers_ends_the_probe(judge: str, tmp_path: Path) -> None:
    """With exit code 5, and no table of nothing."""
    command = a_judge(tmp_path, judge) if "(" in judge else judge

    done = run("probe", BUNDLE, "--judge", command, "--most", 2)

    assert (done.returncode, done.stdout) == (5, "")
    assert "judge" in done.stderr.splitlines()[-1]


def test_a_row_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """The others are changed as without it."""
    lines = (BUNDLE / "spans.jsonl").read_text() + '{"id": "x", broken\n[1, 2]\n'
    (tmp_path / "spans.jsonl").write_text(lines)

    whole, broken = (run("probe", place, "--dry-run") for place in (BUNDLE, tmp_path))

    assert broken.stdout == whole.stdout
    assert "2 rows are left out: " in broken.stderr


def test_a_session_that_is_given_twice_counts_once() -> None:
    """It is the same evidence."""
    once, twice = (run("probe", *bundles, "--dry-run") for bundles in ([BUNDLE], [BUNDLE, BUNDLE]))

    assert once.stdout == twice.stdout != ""


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
