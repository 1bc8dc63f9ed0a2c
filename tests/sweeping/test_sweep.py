"""`sweep` on the embedded engine: its labels, what breaks, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from session_classify.vocabulary import Unit
from tests.cli.run import run
from tests.sweeping.sessions import lines, session_rows

pytestmark = pytest.mark.slow
pytest.importorskip("daft", reason="the extra `sweep` is not installed; `make sweep` does it")


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.read_table(folder / f"{name}.parquet").to_pylist()
    return rows


def test_labels_equal_those_of_one_session_at_a_time(tmp_path: Path) -> None:
    """Sessions whose rows lie scattered over files get the verdict of `classify session`."""
    rows = list(lines(12, turns=4))
    (tmp_path / "a.jsonl").write_text("\n".join(rows[::2]) + "\n")
    (tmp_path / "b.jsonl").write_text("\n".join(rows[1::2]) + "\n")

    done = run("sweep", str(tmp_path / "*.jsonl"), "--out", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    found = {label["id"]: label for label in table(tmp_path / "out", "labels")}
    assert set(found) == {f"s-{number}" for number in range(12)}
    assert len({label["verdict"] for label in found.values()}) > 1
    for number in range(12):
        own = tmp_path / f"{number}.rows"
        own.write_text("".join(json.dumps(row) + "\n" for row in session_rows(number, 4)))
        one = run("classify", Unit.SESSION, f"s-{number}", "--backend", f"bundle:{own}", "--json",
                  "--case", tmp_path / "cases" / str(number))  # fmt: skip
        told, label = json.loads(one.stdout), found[f"s-{number}"]
        for name in ("verdict", "reason", "confidence", "cited"):
            assert label[name] == told[name]
        assert json.loads(label["failures"]) == told["failures"]


def test_what_breaks_is_a_row_of_its_own(tmp_path: Path) -> None:
    """Bad lines, a session above the limit and a pipeline of embeddings end up as errors."""
    alone, embedded = next(session_rows(2)), next(session_rows(3))
    embedded["attributes"] |= {"span_kind": "embedding"}
    rows = [*session_rows(1), alone, embedded]
    source = tmp_path / "spans.jsonl"
    source.write_text("\n".join(["{", *map(json.dumps, rows), '{"attributes": {}}', ""]))

    done = run("sweep", source, "--out", tmp_path / "out", "--max-rows", 20)

    assert done.returncode == 0, done.stderr
    labels = {label["id"]: label for label in table(tmp_path / "out", "labels")}
    assert labels["s-1"]["error"].startswith("30 rows, more than --max-rows 20")
    assert labels["s-2"]["verdict"] is not None
    assert "embedding" in labels["s-3"]["error"]
    errors = table(tmp_path / "out", "errors")
    assert sorted(error["id"] for error in errors) == ["", "", "s-1", "s-3"]
    assert all("spans.jsonl" in error["file"] for error in errors if not error["id"])
    assert "Without a verdict: 2 units. Unreadable: 2 lines." in done.stdout


def test_sessions_of_one_trace_are_told_apart(tmp_path: Path) -> None:
    """Two sessions in one trace are two units; a trace without a session is one by itself."""
    rows = [*session_rows(1, 1), *session_rows(2, 1), *session_rows(3, 1)]
    for index, row in enumerate(rows[3:6]):
        row["attributes"] |= {"trace_id": rows[0]["attributes"]["trace_id"], "span_id": f"9{index}"}
        row["attributes"]["parent_id"] = "90" if index else "undefined"
    del rows[6]["attributes"]["session_id"]
    source = tmp_path / "spans.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))

    run("sweep", source, "--out", tmp_path / "out")

    labels = table(tmp_path / "out", "labels")
    trace = rows[6]["attributes"]["trace_id"]
    assert sorted((one["unit"], one["id"]) for one in labels) == [
        ("session", "s-1"), ("session", "s-2"), ("trace", trace),
    ]  # fmt: skip
    assert all(one["verdict"] for one in labels)


def test_bad_sources_and_targets_are_one_line(tmp_path: Path) -> None:
    """A source that is not there, an empty one, and a directory that holds a sweep are refused."""
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "labels.parquet").write_text("kept")

    missing = run("sweep", tmp_path / "none.jsonl", "--out", tmp_path / "out")
    empty = run("sweep", tmp_path / "empty.jsonl", "--out", tmp_path / "out")
    again = run("sweep", tmp_path / "empty.jsonl", "--out", tmp_path)

    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    binary = run("sweep", tmp_path / "binary.jsonl", "--out", tmp_path / "out")
    assert binary.returncode == 1
    assert "expected UTF-8 text" in binary.stderr
    assert (missing.returncode, empty.returncode, again.returncode) == (2, 1, 2)
    assert all(one.stderr.count("\n") == 1 for one in (missing, empty, again))
    assert (tmp_path / "labels.parquet").read_text() == "kept"
