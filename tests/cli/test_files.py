"""Cases out of results that a client wrote to disk, by the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import a_bundle, a_row, run
from tests.situations import load, situation


def written(folder: Path, name: str) -> list[Path]:
    """Write the answers of a situation as a client does, under names that tell nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for n, answer in enumerate(load(situation(f"answers-{name}") / "situation.yaml")["answers"]):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        paths.append(folder / f"toolu_{n:02}.txt")
        paths[-1].write_text(json.dumps([{"type": "text", "text": text}], indent=2))
    return paths


@pytest.fixture
def results(tmp_path: Path) -> list[Path]:
    """Return the files of a made-up session of two turns, in a folder with a blank in its name."""
    return written(tmp_path / "tool results", "loops-in-any-order")


def gather(*arguments: object, **more: Any) -> Any:
    return run("gather", *arguments, **more)


def test_results_are_named_as_people_name_them(results: list[Path], tmp_path: Path) -> None:
    """A folder, a pattern, several paths after the id: all are the same session."""
    folder = results[0].parent
    ways: list[tuple[object, ...]] = [
        ("session", "s-1", "--backend", f"files:{folder}"),
        ("session", "s-1", "--backend", f"files:{folder}/toolu_*.txt"),
        ("session", "s-1", "--backend", f"files:{results[0]}", *results[1:]),
        ("session", "s-1", *results, "--backend", "files:"),
    ]
    sessions = []
    for number, way in enumerate(ways):
        done = gather(*way, "--case", tmp_path / f"case{number}")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        sessions.append((tmp_path / f"case{number}" / "session.json").read_text())

    assert sessions == [sessions[0]] * len(ways)
    assert "cancel_order" in sessions[0]


def test_one_result_may_come_by_a_pipe(results: list[Path], tmp_path: Path) -> None:
    """`-` is standard input beside the files."""
    done = gather(
        *(
            "session",
            "s-1",
            results[1],
            results[2],
            "--backend",
            "files:-",
            "--case",
            tmp_path / "c",
        ),
        stdin=results[0].read_text(),
    )

    assert done.returncode == 0, done.stderr
    session = json.loads((tmp_path / "c" / "session.json").read_text())
    assert {turn["content_source"] for turn in session["turns"]} == {"agent_loop"}


def test_a_case_of_files_is_judged_like_any_other(results: list[Path], tmp_path: Path) -> None:
    """Digest, show, check and report work on it; the raw answers stay with it, as received."""
    case = tmp_path / "case"
    gather("session", "s-1", "--backend", f"files:{results[0].parent}", "--case", case)

    judged = ("verdict", case, "--verdict", "yes", "--reason", "Both orders were cancelled.")
    refused = run(*judged, "--cite", "tool9")
    shown = run("show", case, "tool1")
    done = run(*judged, "--cite", "tool1")
    again = run("report", case)

    assert (refused.returncode, shown.returncode, done.returncode) == (6, 0, 0)
    assert "cancelled" in shown.stdout
    assert again.stdout == done.stdout
    kept = sorted(path.read_bytes() for path in (case / "raw").iterdir())
    assert kept == sorted(path.read_bytes() for path in results)


def test_what_is_missing_is_named_with_its_call(results: list[Path], tmp_path: Path) -> None:
    """Whoever has a search alone is told the loops to fetch, as MCP calls and as commands."""
    search = next(path for path in results if "next_cursor" in path.read_text())

    done = gather("session", "s-1", "--backend", f"files:{search}", "--case", tmp_path / "c")
    found = json.loads((tmp_path / "c" / "case.json").read_bytes())["coverage"]["next_calls"]

    assert done.returncode == 0, done.stderr
    assert len(found) == 2
    for call in found:
        assert call.startswith('get_llmobs_agent_loop(trace_id="t')
        assert 'from="now-90d", to="now"' in call
        assert "or pup llm-obs spans get-agent-loop --trace-id t" in call
        assert f"- {call}" in done.stdout
    assert "its content was not fetched" in done.stdout


def test_adding_the_answers_completes_the_case(results: list[Path], tmp_path: Path) -> None:
    """Gathered again with more files, the same case holds more, and nothing is missing."""
    case = tmp_path / "c"
    search = next(path for path in results if "next_cursor" in path.read_text())
    gather("session", "s-1", "--backend", f"files:{search}", "--case", case)

    done = gather("session", "s-1", "--backend", f"files:{search.parent}", "--case", case)

    assert done.returncode == 0, done.stderr
    assert "Missing, and can still be fetched" not in done.stdout


@pytest.mark.parametrize(
    ("name", "unit", "code", "error"),
    [
        ("expired", ("session", "s-1"), 1, "llmobs_content_expired"),
        ("masked-and-no-structure", ("session", "s-1"), 1, "llmobs_content_masked"),
        ("another-session", ("session", "s-2"), 3, "llmobs_not_found"),
        ("loops-in-any-order", ("trace", "t9"), 3, "llmobs_not_found"),
    ],
)
def test_terminal_errors_are_json_and_an_exit_code(
    tmp_path: Path, name: str, unit: tuple[str, str], code: int, error: str
) -> None:
    """The seeds' errors stand as an object on stdout, one line on stderr, and leave no case."""
    folder = written(tmp_path / "in", name)[0].parent

    done = gather(*unit, "--backend", f"files:{folder}", "--case", tmp_path / "c")

    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    told = json.loads(done.stdout)
    assert (told["mode"], told["id"], told["error"]) == (f"{unit[0]}_id", unit[1], error)
    assert not (tmp_path / "c").exists()


def test_files_that_are_no_answers_are_left_out_and_told(
    results: list[Path], tmp_path: Path
) -> None:
    """A client keeps the output of other tools in the same folder."""
    (results[0].parent / "bash.txt").write_text("total 8\ndrwxr-xr-x 2 me me 4096 .\n")

    done = gather(
        "session", "s-1", "--backend", f"files:{results[0].parent}", "--case", tmp_path / "c"
    )

    assert done.returncode == 0, done.stderr
    assert (
        "bash.txt (bare text) is text without JSON or a table (2 lines) and left out" in done.stdout
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("s-1", "--backend", "files:"), "expected files:PATH"),
        (("s-1", "--backend", "files:nowhere"), "nowhere does not exist; expected persisted"),
    ],
)
def test_wrong_calls_are_usage_errors(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    """Exit 2, and one line that says what was expected."""
    done = gather("session", *arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert told in done.stderr


def test_a_trace_of_embeddings_is_not_judged(tmp_path: Path) -> None:
    """Exit 1 with the code that names the app's type."""
    bundle = a_bundle(tmp_path / "b", [a_row(span_kind="embedding", trace_id="t1")])

    done = run("classify", "trace", "t1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c")

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "unclassifiable_app_type"
