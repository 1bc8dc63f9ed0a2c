"""Which units a sweep classifies: samples of strata, what is new, and what was not done yet."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from session_classify.population.stratified import Stratum, stratified
from tests.cli.run import run
from tests.sweeping.sessions import lines, session_rows
from tests.sweeping.test_sweep import table

pytestmark = pytest.mark.slow
pytest.importorskip("daft", reason="the extra `sweep` is not installed; `make sweep` does it")


def write_rows(path: Path, *numbers: int, turns: int = 2, **attributes: Any) -> Path:
    """Write the rows of these sessions, with further attributes."""
    rows = [row for number in numbers for row in session_rows(number, turns)]
    for row in rows:
        row["attributes"] |= attributes
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def labels(folder: Path) -> dict[str, dict[str, Any]]:
    return {label["id"]: label for label in table(folder, "labels")}


def test_a_sample_is_drawn_from_each_stratum(tmp_path: Path) -> None:
    """By a tag, the same again with the same seed; the rates are those of the whole."""
    write_rows(tmp_path / "a.jsonl", *range(30), tags=["env:prod"])
    write_rows(tmp_path / "b.jsonl", *range(30, 40), tags=["env:test"])
    words = ("sweep", tmp_path / "*.jsonl", "--sample", 5, "--by", "env")

    done = run(*words, "--out", tmp_path / "one")
    run(*words, "--out", tmp_path / "two")
    run(*words, "--seed", 1, "--out", tmp_path / "other")

    assert done.returncode == 0, done.stderr
    one, two, other = (labels(tmp_path / name) for name in ("one", "two", "other"))
    assert Counter(label["stratum"] for label in one.values()) == {"prod": 5, "test": 5}
    assert set(one) == set(two) != set(other)
    assert "Sampled from 40 units, 5 of each stratum with seed 0" in done.stdout
    assert "| prod | 30 | 5 |" in done.stdout
    yes = {name: sum(v["verdict"] == "yes" for v in one.values() if v["stratum"] == name)
           for name in ("prod", "test")}  # fmt: skip
    rate = stratified([Stratum(30, 5, yes["prod"]), Stratum(10, 5, yes["test"])]).rate
    assert f"| {rate:.1%} |" in done.stdout


@pytest.mark.parametrize("by", ["ml_app", "day"])
def test_apps_and_days_are_strata_too(tmp_path: Path, by: str) -> None:
    """They are fields of the rows, not tags."""
    write_rows(tmp_path / "a.jsonl", 1, 2, ml_app="shop")
    write_rows(tmp_path / "b.jsonl", 3, ml_app="desk", start_ns=1_790_000_000_000_000_000)

    run("sweep", tmp_path / "*.jsonl", "--sample", 9, "--by", by, "--out", tmp_path / "out")

    strata = {name: label["stratum"] for name, label in labels(tmp_path / "out").items()}
    told = ("shop", "desk") if by == "ml_app" else ("2026-11-19", "2026-09-21")
    assert strata == {"s-1": told[0], "s-2": told[0], "s-3": told[1]}


def test_what_is_new_since_a_sweep_is_classified_with_all_its_rows(tmp_path: Path) -> None:
    """A session that went on in a new file is one unit; one that did not is left out."""
    whole = [json.dumps(row) + "\n" for row in session_rows(1, 4)]
    (tmp_path / "day1.jsonl").write_text("".join(whole[:6]))
    with (tmp_path / "day1.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in session_rows(2, 2))
    first = run("sweep", tmp_path / "day*.jsonl", "--out", tmp_path / "first")
    (tmp_path / "day2.jsonl").write_text("".join(whole[6:]))
    write_rows(tmp_path / "day3.jsonl", 3)

    second = run("sweep", tmp_path / "day*.jsonl", "--since", tmp_path / "first",
                 "--out", tmp_path / "second")  # fmt: skip

    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert set(labels(tmp_path / "first")) == {"s-1", "s-2"}
    found = labels(tmp_path / "second")
    assert set(found) == {"s-1", "s-3"}
    assert len(found["s-1"]["trace_ids"]) == 4


def test_a_file_that_was_changed_is_new(tmp_path: Path) -> None:
    """An export replaces its last part; files that only lie elsewhere are not new."""
    place = tmp_path / "export"
    place.mkdir()
    write_rows(place / "a.jsonl", 1, 2)
    write_rows(place / "b.jsonl", 3)
    run("sweep", place, "--out", tmp_path / "first")
    write_rows(place / "b.jsonl", 3, 4)
    place.rename(tmp_path / "moved")

    done = run("sweep", tmp_path / "moved", "--since", tmp_path / "first", "--out", tmp_path / "b")
    again = run("sweep", tmp_path / "moved", "--since", tmp_path / "b", "--out", tmp_path / "c")

    assert done.returncode == 0, done.stderr
    assert set(labels(tmp_path / "b")) == {"s-3", "s-4"}
    assert "0 units" in again.stdout


def test_since_nothing_is_refused(tmp_path: Path) -> None:
    """A script that found no earlier sweep is not to look as if it had."""
    done = run("sweep", write_rows(tmp_path / "a.jsonl", 1), "--since", "", "--out", tmp_path / "o")

    assert done.returncode == 2
    assert "--since names no directory" in done.stderr


def test_an_interrupted_sweep_goes_on_with_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was classified is not classified again, and the tables are those of a whole sweep."""
    source = tmp_path / "spans.jsonl"
    source.write_text("\n".join(lines(12, turns=2)) + "\n")
    monkeypatch.setattr("session_classify.sweeping.grouping._BUCKET", 20)
    run("sweep", source, "--out", tmp_path / "whole")
    from session_classify.sweeping import engine

    once, done = engine.classify_bucket, []

    def interrupted(*words: Any, **options: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(words)
        return once(*words, **options)

    monkeypatch.setattr(engine, "classify_bucket", interrupted)
    words = ("sweep", source, "--out", tmp_path / "out")
    assert run(*words).returncode == 130
    plain = run(*words)
    other = run(*words, "--sample", 3, "--resume")
    monkeypatch.setattr(
        engine, "classify_bucket", lambda *w, **o: (done.append(w), once(*w, **o))[1]
    )
    resumed = run(*words, "--resume")

    assert (plain.returncode, "add --resume" in plain.stderr) == (2, True)
    assert (other.returncode, "other sources or options" in other.stderr) == (2, True)
    assert resumed.returncode == 0, resumed.stderr
    assert len(done) == len(set(done)), "a part was classified twice"
    assert labels(tmp_path / "out") == labels(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "errors.parquet", "findings.parquet", "labels.parquet", "summary.md", "sweep.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--engine", "spark"), 2, "expected local, ray or ray:ADDRESS"),
        (("--engine", "ray:127.0.0.1:9"), 5, "no Ray cluster answers at 127.0.0.1:9"),
        (("--by", "env"), 2, "add --sample N"),
        (("--since", "nowhere"), 2, "nowhere holds no sweep"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """In one line, and nothing is written."""
    source = write_rows(tmp_path / "spans.jsonl", 1)

    done = run("sweep", source, "--out", tmp_path / "out", *words)

    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_interval_of_strata_holds_the_true_rate() -> None:
    """In 93 to 98 % of 1,000 populations of which all doubtful and some other units are judged."""
    chance = random.Random(0)
    inside, off = 0, 0.0
    for _ in range(1_000):
        doubtful = [chance.random() < 0.3 for _ in range(400)]
        others = [chance.random() < 0.95 for _ in range(1_600)]
        true = (sum(doubtful) + sum(others)) / 2_000
        asked, control = chance.sample(doubtful, 150), chance.sample(others, 150)
        found = stratified([Stratum(400, 150, sum(asked)), Stratum(1_600, 150, sum(control))])
        inside += found.interval.low <= true <= found.interval.high
        off += found.rate - true

    assert 930 <= inside <= 980
    assert abs(off / 1_000) < 0.003, "the estimator is unbiased"
