"""A made-up run on disk: cases of the demo under other ids, and labels for them."""

import json
from pathlib import Path

import msgspec

from session_classify.gathering.case_files import CASES
from session_classify.population.run import Label, Run, save_labels, start_run
from session_classify.verdicts import Verdict
from session_classify.vocabulary import Satisfaction, Unit
from tests.backends.conftest import DEMO
from tests.cli.run import run

_ID = "5e551044-de30-4c1a-9551-00000000000"
_TRACES = "6affd5e4"
REASON = "The widget was never added: the write was blocked."
NO = "--verdict no --failure hallucination=unbacked --cite write1 --confirm claim1".split()
CHECKED = (1, 2)
RULES, FAILED, UNLABELLED, GONE = 3, 4, 5, 6
"""Numbers of units: read off rules alone, with an error for a label, with none, without a case."""


def unit_id(number: int) -> str:
    """Return the id of a unit."""
    return f"{_ID}{number}"


def case_of(folder: Path, number: int) -> Path:
    """Return the path of a unit's case; its name tells nothing of the unit."""
    return folder / CASES / f"case {number * 7}"


def make_run(folder: Path) -> Path:
    """Write a run of six units and return its directory."""
    made = folder / "run"
    numbers = range(1, 7)
    ids = tuple(map(unit_id, numbers))
    start_run(made, Run("support-bot", "now-7d", "now", Unit.SESSION, 40, 1, ids))
    for number in (*CHECKED, RULES):
        _judge(made, _bundle(folder, number), number)
    labels = [_label(made, number) for number in (*CHECKED, RULES)]
    failed = Label(Unit.SESSION, unit_id(FAILED), error="no span has this id")
    gone = Label(Unit.SESSION, unit_id(GONE), verdict=Satisfaction.YES)
    save_labels(made, (*labels, failed, gone))
    return made


def relabel(made: Path, *numbers: int) -> None:
    """Keep the labels of these units alone."""
    rows = (made / "labels.jsonl").read_text().splitlines()
    kept = [row for row in rows if json.loads(row)["id"] in {unit_id(n) for n in numbers}]
    (made / "labels.jsonl").write_text("".join(f"{row}\n" for row in kept))


def _bundle(folder: Path, number: int) -> Path:
    """Return a copy of the demo's bundle whose session and traces have ids of their own."""
    made = folder / f"bundle {number}"
    made.mkdir()
    for path in DEMO.iterdir():
        text = path.read_text().replace(unit_id(1), unit_id(number))
        (made / path.name).write_text(text.replace(_TRACES, f"{_TRACES[:-1]}{number}"))
    return made


def _judge(made: Path, bundle: Path, number: int) -> None:
    case = case_of(made, number)
    verb = "classify" if number == RULES else "gather"
    words = ("session", unit_id(number), "--backend", f"bundle:{bundle}", "--case", case)
    done = run(verb, *words)
    assert done.returncode == 0, done.stderr
    if verb == "gather":
        done = run("verdict", case, *NO, "--reason", REASON)
        assert done.returncode == 0, done.stderr


def _label(made: Path, number: int) -> Label:
    data = (case_of(made, number) / "verdict.json").read_bytes()
    verdict = msgspec.json.decode(data, type=Verdict)
    return Label(Unit.SESSION, unit_id(number), (), verdict.verdict, verdict.reason)
