"""Part files: what is written is read again, by the engine of `sweep` too."""

import json
from pathlib import Path

import pytest

from datadog_standin.recording import recorded
from datadog_standin.server import serving
from session_classify.errors import MissingExtraError
from session_classify.exporting import packing
from session_classify.exporting.packing import ENDINGS, Packer, check_format, unpacked
from session_classify.exporting.rows import span_row
from tests.cli.run import run
from tests.sweeping.sessions import session_rows

LINES = [b'{"a": 1}', '{"text": "ä\u2028"}'.encode(), b"{}" * 100_000]


def needs(form: str) -> None:
    if form == "zst":
        pytest.importorskip("pyarrow", reason="the extra `sweep` is not installed")


@pytest.mark.parametrize("form", ENDINGS)
def test_lines_come_back(tmp_path: Path, form: str) -> None:
    """In each format; equal lines make equal files."""
    needs(form)
    files = []
    for _ in range(2):
        packer = Packer(form)
        for line in LINES:
            packer.add(line)
        files.append(packer.finish())
    path = tmp_path / "part"
    path.write_bytes(files[0])

    assert list(unpacked(path, form)) == LINES
    assert files[0] == files[1]


def test_a_row_is_one_line() -> None:
    """A server may print its JSON over several lines."""
    row = span_row(b'{"attributes":\n {"span_id": "1",\r\n "trace_id": 2, "start_ns": 3}}')

    assert row.line == b'{"attributes":{"span_id":"1","trace_id":2,"start_ns":3}}'


def test_zstandard_needs_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The launcher installs it; the other formats need nothing."""
    monkeypatch.setattr(packing, "find_spec", lambda _: None)

    with pytest.raises(MissingExtraError, match="--format gz") as refused:
        check_format("zst")
    assert refused.value.extra == "sweep"
    check_format("gz")
    check_format("jsonl")


@pytest.mark.slow
@pytest.mark.parametrize("form", ENDINGS)
def test_an_export_is_swept(tmp_path: Path, form: str) -> None:
    """Sessions whose turns lie in several parts get one label each, of all their rows."""
    pytest.importorskip("daft", reason="the extra `sweep` is not installed; `make sweep` does it")
    from pyarrow import parquet

    spans = [row for number in range(6) for row in session_rows(number, turns=40)]
    out, swept = tmp_path / "out", tmp_path / "swept"
    with serving(recorded(spans)) as server:
        done = run(
            *("export", "app", "shop", "--from", "2026-11-19T19:00Z", "--to", "2026-11-19T21:00Z"),
            *("--window", "10m", "--format", form, "--backend", f"api:{server.url}", "--out", out),
        )
    assert done.returncode == 0, done.stderr
    assert len(list(out.glob("spans-*"))) == 7

    done = run("sweep", f"{out}/spans-*{ENDINGS[form]}", "--out", swept)

    assert done.returncode == 0, done.stderr
    labels = parquet.read_table(swept / "labels.parquet").to_pylist()
    assert sorted(label["id"] for label in labels) == [f"s-{number}" for number in range(6)]
    assert all(label["error"] == "" for label in labels)
    assert {len(label["trace_ids"]) for label in labels} == {40}
    assert json.loads((out / "manifest.json").read_bytes())["rows"] == {"spans": len(spans)}
