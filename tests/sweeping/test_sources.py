"""Which files a sweep reads: wrappers, folders and patterns, and what it refuses."""

import gzip
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from session_classify.errors import UnusableInputError
from session_classify.sweeping.sources import sources_of
from tests.cli.run import run
from tests.sweeping.sessions import lines
from tests.sweeping.test_choosing import labels

pytestmark = pytest.mark.slow
pytest.importorskip("daft", reason="the extra `sweep` is not installed; `make sweep` does it")
ROWS = list(lines(12, turns=2))
HALF = len(ROWS) // 2


def text(rows: list[str], end: str = "\n") -> bytes:
    return "".join(row + end for row in rows).encode()


def zst(data: bytes) -> bytes:
    """Return data as one zstd frame."""
    import pyarrow

    buffer = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(buffer, "zstd") as packed:
        packed.write(data)
    frame: bytes = buffer.getvalue().to_pybytes()
    return frame


SKIPPED = (0x184D2A53).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"hello"


def written(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


WRAPPED: dict[str, tuple[dict[str, bytes], str]] = {
    "Windows line ends": ({"a.jsonl": text(ROWS, "\r\n")}, "a.jsonl"),
    "byte order mark": ({"a.jsonl": b"\xef\xbb\xbf" + text(ROWS)}, "a.jsonl"),
    "gzip in members": (
        {"a.jsonl.gz": gzip.compress(text(ROWS[:9])) + gzip.compress(text(ROWS[9:]))},
        "a.jsonl.gz",
    ),
    "zstd": ({"a.jsonl.zst": zst(text(ROWS)) + SKIPPED}, "a.jsonl.zst"),
    "folder": ({"in/a.jsonl": text(ROWS[:9]), "in/sub/b.json": text(ROWS[9:])}, "in"),
    "folder with packed files": (
        {"in/a.jsonl.gz": gzip.compress(text(ROWS[:9])), "in/b.jsonl.zst": zst(text(ROWS[9:]))},
        "in",
    ),
    "folder of an export": (
        {
            "in/manifest.json": b'{"app": "shop"}\n',
            "in/spans-2026-11-01T00.jsonl": text(ROWS),
            "in/rum-2026-11-01T00.jsonl": b'{"id": "e1", "attributes": {}}\n',
        },
        "in",
    ),
    "brackets in names": ({"in [1]/a[b].jsonl": text(ROWS)}, "in [1]/a[b].jsonl"),
    "folder with brackets": ({"in [1]/a[b].jsonl": text(ROWS)}, "in [1]"),
    "pattern": ({"in/a.jsonl": text(ROWS[:9]), "in/b.jsonl": text(ROWS[9:])}, "in/?.jsonl"),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_the_same_rows_give_the_same_labels(name: str, tmp_path: Path) -> None:
    """However the files are packed and named, no row is lost and nothing else is read."""
    files, named = WRAPPED[name]
    written(tmp_path, {**files, "plain.jsonl": text(ROWS)})
    run("sweep", tmp_path / "plain.jsonl", "--out", tmp_path / "plain")

    done = run("sweep", named, "--out", tmp_path / "out", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert labels(tmp_path / "out") == labels(tmp_path / "plain")
    assert "Unreadable: 0 lines" in done.stdout


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "frames": (zst(text(ROWS[:9])) + zst(text(ROWS[9:])), "a.jsonl.zst", "several zstd frames"),
    "array": (json.dumps([1, {}]).encode(), "a.json", "jq -c '.[]' splits it"),
    "page": (b'{"data": [\n{"a": 1}]}', "a.json", "no line is a span row"),
    "flat": (b'{"span_id": "1", "trace_id": "2"}', "a.jsonl", "a span without `attributes`"),
    "not text": (text(ROWS) + b'{"a": "\xe9"}\n', "a.jsonl", "a.jsonl, line 73: "),
    "not text, packed": (gzip.compress(text(ROWS) + b"\xff\n"), "a.jsonl.gz", "gz, line 73: "),
    "nothing": (b"\n\n", "a.jsonl", "no row in "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_whole_is_refused(name: str, tmp_path: Path) -> None:
    """One line with what to do; nothing is written, and the engine's own words are not printed."""
    data, file, told = REFUSED[name]
    (tmp_path / file).write_bytes(data)

    done = run("sweep", file, "--out", tmp_path / "out", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out" / "labels.parquet").exists()


def test_a_folder_without_rows_is_refused(tmp_path: Path) -> None:
    """The kinds of files that are looked for are named."""
    (tmp_path / "in").mkdir()
    shutil.copy(__file__, tmp_path / "in")

    done = run("sweep", tmp_path / "in", "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "*.jsonl, *.ndjson, *.json, also .gz or .zst" in done.stderr


CONTENTS: dict[str, Callable[[random.Random], bytes]] = {
    "empty": lambda _: b"",
    "one byte over and over": lambda _: b"a" * 700_000,
    "noise": lambda chance: chance.randbytes(300_000),
    "rows": lambda _: text(ROWS),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_frames_are_counted_whatever_they_hold(name: str, tmp_path: Path) -> None:
    """Raw, repeated and compressed blocks, with and without frames that are to be skipped."""
    frame, path = zst(CONTENTS[name](random.Random(1))), tmp_path / "a.zst"
    for data in (frame, SKIPPED + frame, frame + SKIPPED):
        path.write_bytes(data)
        assert sources_of([str(path)]) == (str(path),)
    path.write_bytes(frame + SKIPPED + frame)
    with pytest.raises(UnusableInputError):
        sources_of([str(path)])


def test_a_file_that_several_names_mean_is_read_once(tmp_path: Path) -> None:
    """A link, a pattern and another way to write it: no row is counted twice."""
    written(tmp_path, {"in/a.jsonl": text(ROWS), "in/b.jsonl": b""})
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "in" / "a.jsonl")
    names = ["in/a.jsonl", "./in/../in/a.jsonl", "link.jsonl", "in/*.jsonl", "in"]

    done = run("sweep", *names, "--max-rows", 6, "--out", tmp_path / "out", cwd=tmp_path)

    assert "12 units, 12 with a verdict" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a.jsonl", "none.jsonl"], "no file at none.jsonl;"),
        (["a.jsonl", "zz*.jsonl"], "no file at zz*.jsonl;"),
        (["-"], "no file at -;"),
        (["a.jsonl", "pipe"], "pipe is no file that can be read twice"),
    ],
)
def test_a_source_that_is_none_is_named(names: list[str], told: str, tmp_path: Path) -> None:
    """Before anything is read or made: a stream would be empty at the second look."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.jsonl").write_bytes(text(ROWS))

    done = run("sweep", *names, "--out", tmp_path / "out", cwd=tmp_path, stdin="x")

    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_sweep_that_cannot_begin_leaves_no_folder(tmp_path: Path) -> None:
    """A nightly script takes the last folder for the last sweep."""
    (tmp_path / "a.jsonl").write_text("nothing\n")

    assert run("sweep", tmp_path / "a.jsonl", "--out", tmp_path / "out").returncode == 1
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the engine says of it."""
    (tmp_path / "a.jsonl").write_bytes(text(ROWS) + b"\xff\n")
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _: SimpleNamespace(total=10**9, used=10**9, free=0)
    )

    done = run("sweep", tmp_path / "a.jsonl", "--out", tmp_path / "out")

    assert done.returncode == 7
    assert "the disk is full" in done.stderr


def test_an_address_that_does_not_answer_is_one(tmp_path: Path) -> None:
    """It is no matter of the rows."""
    done = run("sweep", "http://127.0.0.1:9/a.jsonl", "--out", tmp_path / "out")

    assert done.returncode == 5
    assert "cannot read http://127.0.0.1:9/a.jsonl" in done.stderr


def test_a_tag_that_no_span_has_is_told(tmp_path: Path) -> None:
    """All units are one stratum then."""
    (tmp_path / "a.jsonl").write_bytes(text(ROWS))

    done = run(
        "sweep", tmp_path / "a.jsonl", "--sample", 5, "--by", "made-up", "--out", tmp_path / "out"
    )

    assert done.returncode == 0
    assert "no span has the tag made-up" in done.stderr


def test_a_linked_file_that_was_changed_is_new(tmp_path: Path) -> None:
    """It is known by what it holds, under whatever name it is reached."""
    written(tmp_path, {"spool/cur.jsonl": text(ROWS[:30]), "in/a.jsonl": text(ROWS[30:40])})
    (tmp_path / "in" / "b.jsonl").symlink_to(tmp_path / "in" / "a.jsonl")
    (tmp_path / "in" / "cur.jsonl").symlink_to("../spool/cur.jsonl")
    (tmp_path / "link").symlink_to("in")
    first = run("sweep", "link/*.jsonl", "--out", "first", cwd=tmp_path)
    same = run("sweep", "in", "--since", "first", "--out", "same", cwd=tmp_path)
    written(tmp_path, {"spool/cur.jsonl": text(ROWS)})

    done = run("sweep", "link/*.jsonl", "--since", "first", "--out", "second", cwd=tmp_path)

    assert (first.returncode, done.returncode) == (0, 0), done.stderr
    assert "Sweep: 0 units" in same.stdout
    assert len(labels(tmp_path / "second")) == 12
