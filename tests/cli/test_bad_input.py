"""Bad input is a clear message or a correct result, never a traceback."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import a_bundle, a_row, run

GOOD = a_row()
DEEP: dict[str, Any] = {}
for _ in range(200):
    DEEP = {"a": DEEP}


def a_tool(result: str) -> dict[str, Any]:
    return a_row(span_kind="tool", name="pay_bill", output={"value": result})


@pytest.mark.parametrize(
    ("rows", "code", "told"),
    [
        pytest.param([], 1, "spans.jsonl is empty", id="empty-file"),
        pytest.param([b"", b"  "], 1, "spans.jsonl is empty", id="blank-lines"),
        pytest.param([b"hello"], 1, "spans.jsonl:1: not JSON", id="not-json"),
        pytest.param([b"\x00\x00\x00"], 1, "spans.jsonl:1: not JSON", id="nul-bytes"),
        pytest.param([{"a": 1}], 1, "JSON, but not a span row", id="json-of-another-shape"),
        pytest.param([{"data": [GOOD]}], 1, "a whole search answer", id="a-whole-page"),
        pytest.param([b"[" * 100_000], 1, "spans.jsonl:1:", id="nested-too-deeply"),
        pytest.param([a_row(start_ns="soon")], 1, "spans.jsonl:1:", id="no-time"),
        pytest.param(
            [a_row(start_ns=10**40)], 1, "spans.jsonl:1:", id="a-time-beyond-the-calendar"
        ),
        pytest.param([a_row(start_ns=1e300)], 1, "spans.jsonl:1:", id="an-endless-time"),
        pytest.param([a_row(tags=["session_id:s-2"])], 3, "there is s-2", id="another-session"),
        pytest.param([a_row(tags=None)], 3, "none of them names a session", id="no-session"),
    ],
)
def test_unusable_data_is_told_in_one_line(
    tmp_path: Path, rows: list[Any], code: int, told: str
) -> None:
    """Exit 1 or 3, one line on stderr with file and reason, and no case left behind."""
    bundle = a_bundle(tmp_path / "bundle", rows)

    done = run(
        "gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c"
    )

    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert told in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        pytest.param([GOOD, b'{"id": "x'], "1 of 2 rows could not be read", id="one-bad-line"),
        pytest.param(
            [a_row(input={"value": "a" * 200_000 + "END"})], "characters left out", id="a-long-text"
        ),
        pytest.param([a_row(output={"value": "zero \x00 end"})], r"zero \x00 end", id="nul"),
        pytest.param([a_row(input={"value": "cut \ud83d"})], r"cut \ud83d", id="half-surrogate"),
        pytest.param([a_row(parent_id="gone")], "has no root span", id="no-root"),
        pytest.param(
            [GOOD, a_row("x", trace_id="t-r", parent_id="gone")], "no root above x", id="orphan"
        ),
        pytest.param([a_row(input=None, output="plain")], "plain", id="a-bare-output"),
        pytest.param([a_row(metadata=None, metrics=None, name=None)], "Hello", id="nulls"),
        pytest.param([a_row(duration=-1, status="error")], "status error", id="an-open-span"),
        pytest.param([b"\xef\xbb\xbf" + json.dumps(GOOD).encode()], "Hello", id="byte-order-mark"),
        pytest.param([a_row(output={"value": "[" * 900 + "]" * 900})], "[[[[", id="deep-text"),
        pytest.param([a_row(metadata=DEEP)], "Hello", id="deep-metadata"),
        pytest.param([a_tool('{"total": 1' + "0" * 400 + "}")], "pay_bill", id="a-huge-number"),
        pytest.param([a_tool('{"a":' * 900 + "1" + "}" * 900)], "pay_bill", id="a-deep-result"),
        pytest.param([a_row(evaluation={"e": {"value": 1, "tags": 5}})], "e: 1", id="odd-tags"),
        pytest.param([a_row(trace_id="7" * 5_000)], "Hello", id="an-endless-trace-id"),
        pytest.param([a_row(input={"value": "\n" * 40_000 + "Hi"})], "Hi", id="many-line-feeds"),
    ],
)
def test_odd_data_is_read_all_the_same(tmp_path: Path, rows: list[Any], shown: str) -> None:
    """What can be read is in the digest, and what cannot is told there."""
    bundle = a_bundle(tmp_path / "bundle", rows)

    done = run(
        "gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c"
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout
    assert len(done.stdout) <= 24_000


@pytest.mark.matrix
def test_200_turns_and_a_20_mb_result(tmp_path: Path) -> None:
    """A huge session is shown within the limit, and its case holds everything."""
    huge = json.dumps([{"id": f"row-{n}", "text": "x" * 180} for n in range(100_000)])
    rows = [
        a_row(f"r{n}", start_ns=1_795_000_000 + n, input={"value": f"Q{n}"}) for n in range(200)
    ]
    tool = a_row(
        "x1", trace_id="t-r3", parent_id="r3", span_kind="tool", name="list_rows",
        start_ns=1_795_000_003, output={"value": huge},
    )  # fmt: skip
    bundle = a_bundle(tmp_path / "bundle", [*rows, tool])

    done = run(
        "gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c"
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) <= 24_000
    assert all(f"Q{n}\n" in done.stdout or f'"Q{n}"' in done.stdout for n in range(200))
    assert "100,0" in done.stdout
    session = json.loads((tmp_path / "c" / "session.json").read_bytes())
    assert session["turns"][3]["iterations"][0]["tool_calls"][0]["result"] == huge


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param([], 2, "Provide a session id", id="no-id"),
        pytest.param(["shop-bot"], 2, "looks like neither", id="neither-session-nor-trace"),
        pytest.param(["session"], 2, "the id is missing after session", id="unit-alone"),
        pytest.param(
            ["session", "s-1", "--backend", "carrier"], 2, "unknown backend", id="unknown"
        ),
        pytest.param(
            ["session", "s-1", "--backend", "bundle:/none"], 2, "does not exist", id="no-bundle"
        ),
    ],
)
def test_a_call_that_means_nothing_says_what_to_do(
    arguments: list[str], code: int, told: str
) -> None:
    """Usage errors are one line that names what was expected."""
    done = run("gather", *arguments)

    assert done.returncode == code
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_terminal_errors_are_json_on_stdout_too() -> None:
    """Pipelines read the error's code from stdout."""
    done = run("classify")

    assert json.loads(done.stdout)["error"] == "missing_input"


def test_a_case_of_another_unit_or_a_folder_of_files_is_left_alone(tmp_path: Path) -> None:
    """Gathering never deletes what it did not make."""
    bundle = a_bundle(tmp_path / "bundle", [GOOD, a_row("o", tags=["session_id:s-2"])])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("keep")
    where = ("--backend", f"bundle:{bundle}", "--case")

    assert run("gather", "session", "s-1", *where, tmp_path / "c").returncode == 0
    other = run("gather", "session", "s-2", *where, tmp_path / "c")
    mine = run("gather", "session", "s-1", *where, tmp_path / "mine")
    again = run("gather", "session", "s-1", *where, tmp_path / "c")

    assert (other.returncode, mine.returncode, again.returncode) == (2, 2, 0)
    assert "holds the case of session s-1" in other.stderr
    assert (tmp_path / "mine" / "notes").read_text() == "keep"


def test_gathering_again_keeps_what_was_read_and_judged(tmp_path: Path) -> None:
    """The same data keeps its verdict and shown turns, other data puts the verdict aside."""
    bundle = a_bundle(tmp_path / "bundle", [GOOD])
    case = tmp_path / "c"
    gather = ("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", case)
    run(*gather)
    (case / "notes.txt").write_text("mine")
    judged = run("verdict", case, "--verdict", "yes", "--reason", "It was answered.").stdout

    assert run(*gather).returncode == 0
    assert run("report", case).stdout == judged
    assert (case / "notes.txt").read_text() == "mine"

    a_bundle(tmp_path / "bundle", [GOOD, a_row("more")])
    assert run(*gather).returncode == 0
    assert run("report", case).returncode == 3
    assert (case / "verdict.before.json").is_file()


def test_a_verdict_of_another_version_is_put_aside(tmp_path: Path) -> None:
    """A verdict that this version cannot read never keeps a session from being judged anew."""
    bundle = a_bundle(tmp_path / "bundle", [GOOD])
    case = tmp_path / "c"
    where = ("session", "s-1", "--backend", f"bundle:{bundle}", "--case", case)
    run("gather", *where)
    (case / "verdict.json").write_text('{"verdict": "no", "judged_by": "agent"}')

    told = run("report", case)
    done = run("classify", *where)

    assert (told.returncode, done.returncode) == (1, 0)
    assert "verdict.json is damaged" in told.stderr
    assert "gather the case again" in told.stderr
    assert json.loads((case / "verdict.before.json").read_text())["judged_by"] == "agent"
    assert run("report", case).returncode == 0


def test_facts_do_not_overrule_a_reader(tmp_path: Path) -> None:
    """`classify` leaves a case alone that somebody judged."""
    bundle = a_bundle(tmp_path / "bundle", [GOOD])
    where = ("session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c")
    run("gather", *where)
    run("verdict", tmp_path / "c", "--verdict", "yes", "--reason", "It was answered.")

    done = run("classify", *where)

    assert done.returncode == 2
    assert "holds a verdict judged by agent" in done.stderr


def test_a_case_can_be_the_folder_one_is_in(tmp_path: Path) -> None:
    """`--case .` works, twice."""
    bundle = a_bundle(tmp_path / "bundle", [GOOD])
    (tmp_path / "here").mkdir()
    gather = ("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", ".")

    codes = [run(*gather, cwd=tmp_path / "here").returncode for _ in range(2)]

    assert codes == [0, 0]
    assert (tmp_path / "here" / "session.json").is_file()


@pytest.mark.matrix
def test_several_gathers_at_once_leave_one_whole_case(tmp_path: Path) -> None:
    """Agents run commands side by side; none of them fails for it."""
    import subprocess
    import sys

    bundle = a_bundle(tmp_path / "bundle", [GOOD])
    command = [sys.executable, "-m", "session_classify", "gather", "session", "s-1"]
    command += ["--backend", f"bundle:{bundle}", "--case", str(tmp_path / "c"), "--out", os.devnull]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(6)]

    assert [process.communicate()[1] and process.returncode for process in started] == [0] * 6
    assert run("show", tmp_path / "c").returncode == 0
    assert not list(tmp_path.glob("**/.gather-*"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["verdict"], "Missing argument 'CASE'. Usage: "),
        (["verdict", "a", "b"], "Got unexpected extra argument (b). Usage: "),
        (["verdict", "a", "--verdict", "NO"], "'NO' is not one of 'yes', 'partial', 'no'. Usage: "),
        (["doctor", "--nope"], "No such option '--nope'. Usage: "),
        (["nope"], "There are gather, show, verdict, "),
        (["audience", "users", "nope\n"], "There are event-query, facet, query. Usage: "),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(words: list[str], told: str) -> None:
    """With what is wrong, how the command is written, and where to read more."""
    done = run(*words)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("session-classify: ")
    assert done.stderr.endswith("; --help explains it\n")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
