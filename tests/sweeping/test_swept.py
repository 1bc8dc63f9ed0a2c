"""A sweep as a run: its report, its page, the change since another one, and agreement."""

import json
import re
import sys
from pathlib import Path

import pytest

from session_classify.sweeping import engine
from session_classify.sweeping.plan import Plan, Record, write_record
from tests.cli.run import run
from tests.sweeping.test_choosing import labels, write_rows
from tests.sweeping.test_judging import JUDGE

pytestmark = pytest.mark.slow
pytest.importorskip("daft", reason="the extra `sweep` is not installed; `make sweep` does it")


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sweep thirty sessions twice; the second time their tools never fail."""
    folder = tmp_path_factory.mktemp("nights")
    write_rows(folder / "a.jsonl", *range(30))
    write_rows(folder / "b.jsonl", *range(30), status="ok", output={"value": '{"ok": true}'})
    for name in ("a", "b"):
        run("sweep", folder / f"{name}.jsonl", "--out", folder / name)
    return folder


def test_the_report_is_what_was_printed(nights: Path) -> None:
    """The summary of the sweep; with --jsonl its labels, as those of a run."""
    told = run("report", nights / "a")
    rows = run("report", nights / "a", "--jsonl").stdout.splitlines()

    assert told.stdout == (nights / "a" / "summary.md").read_text()
    found = {row["id"]: row["verdict"] for row in map(json.loads, rows)}
    assert found == {name: row["verdict"] for name, row in labels(nights / "a").items()}


def test_two_nights_are_compared(nights: Path) -> None:
    """Rates with intervals of the difference, and the units whose verdict changed."""
    changed = [
        name
        for name, row in labels(nights / "a").items()
        if row["verdict"] != labels(nights / "b")[name]["verdict"]
    ]

    told = run("report", nights / "b", "--against", nights / "a")

    assert told.returncode == 0, told.stderr
    assert changed
    assert f"30 units in both runs: {len(changed)} changed" in told.stdout
    assert all(f"- {name}: " in told.stdout for name in changed)


def test_a_sample_by_strata_is_weighted(nights: Path) -> None:
    """The rate beside the other sweep is that of the whole, not of the units drawn."""
    write_rows(nights / "c.jsonl", *range(100, 130), tags=["env:prod"])
    write_rows(nights / "d.jsonl", 130, 131, tags=["env:test"], status="error")
    words = ("sweep", nights / "c.jsonl", nights / "d.jsonl", "--sample", 2, "--by", "env")
    summary = run(*words, "--out", nights / "strata").stdout

    told = run("report", nights / "strata", "--against", nights / "a").stdout

    (line,) = [line for line in summary.splitlines() if line.startswith("| yes |")]
    rate = float(line.split("|")[3].strip(" %"))
    drawn = [row["verdict"] for row in labels(nights / "strata").values()]
    assert round(rate) != round(100 * drawn.count("yes") / len(drawn))
    (line,) = [
        line for line in told.splitlines() if line.startswith("| yes |") and "points" in line
    ]
    assert line.split("|")[3].strip() == f"{rate:.0f}%"


def test_a_sweep_has_a_page(nights: Path) -> None:
    """With the sweep before; of a sample by strata it says what its shares are of."""
    html = nights / "page.html"

    done = run("report", nights / "b", "--against", nights / "a", "--html", html)

    assert done.returncode == 0, done.stderr
    page = html.read_text()
    assert "Sweep of exported rows" in page
    assert "another app" not in page
    assert "drawn by strata" not in page


def test_verdicts_of_a_sweep_are_held_against_labels(nights: Path) -> None:
    """`agree` reads the tables as it reads a run."""
    found = labels(nights / "a")
    rows = [{"id": name, "verdict": row["verdict"]} for name, row in found.items()]
    (nights / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    told = run("agree", nights / "a", nights / "labels.jsonl").stdout

    assert "- right: 100 % (30 of 30" in told


def test_a_page_of_too_many_units_is_refused(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is told with what to do instead; here it is lowered."""
    monkeypatch.setattr("session_classify.cli.runs.pages._MOST", 29)

    done = run("report", nights / "a", "--html", nights / "none.html")

    assert done.returncode == 2
    assert "a page of 30 units is too large to read" in done.stderr


def test_a_damaged_table_is_told(nights: Path, tmp_path: Path) -> None:
    """One line, and no verdict out of half a table."""
    for name in ("sweep.json", "labels.parquet"):
        (tmp_path / name).write_bytes((nights / "a" / name).read_bytes()[:300])
    (tmp_path / "sweep.json").write_bytes((nights / "a" / "sweep.json").read_bytes())

    done = run("report", tmp_path)

    assert done.returncode == 1
    assert "labels.parquet cannot be read" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sweep forty sessions by the rules, by a judge, and by a judge in part."""
    folder = tmp_path_factory.mktemp("judged")
    source = write_rows(folder / "a.jsonl", *range(40))
    (folder / "judge.py").write_text(JUDGE)
    judge = ("--judge", f"'{sys.executable}' '{folder / 'judge.py'}'")
    words = {
        "whole": (),
        "part": ("--max-calls", 20),
        "two": ("--two-stage", "--control", 5),
        "narrow": ("--two-stage", "--max-calls", 6),
    }
    for name, more in words.items():
        done = run("sweep", source, "--out", folder / name, *judge, *more)
        assert done.returncode == 0, done.stderr
    return folder


def test_what_nobody_judged_is_no_change(judged: Path) -> None:
    """Units that a limit left to the rules are held against no verdict of the judge."""
    told = run("report", judged / "part", "--against", judged / "whole").stdout

    assert "10 units in both runs: 0 changed" in told
    assert "10 of 40 units sampled" not in told.partition("Beside")[0]
    for line in [line for line in told.splitlines() if "points" in line]:
        assert line.rstrip("| ").endswith(("too small a sample to tell", "no difference"))


@pytest.mark.parametrize("name", ["part", "two", "narrow"])
def test_page_comparison_and_summary_give_one_rate(judged: Path, name: str) -> None:
    """The estimate for all units, not the share of the units in the table."""
    summary = (judged / name / "summary.md").read_text()
    (line,) = [line for line in summary.splitlines() if line.startswith("| yes |")]
    rate = float(line.split("|")[3].strip(" %"))

    compared = run("report", judged / name, "--against", judged / "whole").stdout
    run("report", judged / name, "--html", judged / f"{name}.html")

    (line,) = [line for line in compared.splitlines() if "| yes |" in line and "points" in line]
    assert line.split("|")[3].strip() == f"{rate:.0f}%"
    page = (judged / f"{name}.html").read_text()
    assert re.search(rf"<h2[^>]*>{rate:.0f}\s*% of the sessions satisfied", page)


def test_shares_are_of_what_is_known(judged: Path) -> None:
    """A part of which no unit was judged leaves the sum at one."""
    summary = (judged / "narrow" / "summary.md").read_text()
    lines = [
        line for line in summary.splitlines() if line.startswith(("| yes", "| part", "| no |"))
    ]

    assert sum(float(line.split("|")[3].strip(" %")) for line in lines[:3]) == pytest.approx(100)


def test_a_sweep_that_was_killed_at_its_end_goes_on(tmp_path: Path) -> None:
    """Tables without a summary are of a sweep that has not ended."""
    source = write_rows(tmp_path / "b.jsonl", *range(5))
    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("session_classify.sweeping.engine.write_record", _killed_at_the_end)
        with pytest.raises(KeyboardInterrupt):
            engine.sweep(Plan((str(source),)), out, "local", print)
    assert (out / "labels.parquet").exists()

    refused = run("sweep", source, "--out", out)
    done = run("sweep", source, "--out", out, "--resume")

    assert (refused.returncode, done.returncode) == (2, 0)
    assert "has not ended; add --resume" in refused.stderr
    assert not (out / ".sweep").exists()


def _killed_at_the_end(path: Path, record: Record) -> None:
    if path.name == "sweep.json":
        raise KeyboardInterrupt
    write_record(path, record)


def test_a_night_without_anything_new_is_told(nights: Path) -> None:
    """No share of nothing is compared, and no failure is called gone."""
    words = ("sweep", nights / "a.jsonl", "--since", nights / "a")
    run(*words, "--out", nights / "nothing")

    told = run("report", nights / "nothing", "--against", nights / "a").stdout
    page = run("report", nights / "nothing", "--html", nights / "nothing.html")

    assert told.count("nothing to compare") == 3
    assert "gone" not in told
    assert page.returncode == 0
    assert "No session has a verdict yet" in (nights / "nothing.html").read_text()
