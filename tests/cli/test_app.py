"""Runs over an app: `gather app`, `classify app`, and `report` of the run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import a_bundle, a_row, run

HEADER = re.compile(
    r"# Session Classification Summary\n\n"
    r"\*\*App:\*\* `(?P<app>[^`]+)`  \|  \*\*Timeframe:\*\* (?P<window>.+?)  \|  "
    r"\*\*Granularity:\*\* (?P<unit>session|trace)  \|  \*\*Sampled:\*\* (?P<sampled>\d+)\n"
    r"\*\*Root span kind:\*\* (?P<kind>.+?)  \|  \*\*Content source:\*\* (?P<source>\w+)\n"
)
ROW = re.compile(
    r"\| \[(\S{8})\.\.\.(\S{8})\]\((\S+query=(?:session|trace)_id:(\S+))\) \| (session|trace) "
    r"\| (yes|partial|no) \| ([^|]+) \| ([^|]+) \| (agent_loop|messages|io|structural) \|"
)


def rows_of(number: int, session: str = "", **root: Any) -> list[dict[str, Any]]:
    """Return a made-up turn: an agent that answers by a model call."""
    tags = [f"session_id:{session}"] if session else []
    tags += root.pop("tags", [])
    top, trace = f"r{number}", f"{number:032x}"
    asked = {"messages": [{"role": "user", "content": "Hi"}]}
    answer = {"messages": [{"role": "assistant", "content": "Hello."}]}
    return [
        a_row(top, trace_id=trace, tags=tags, **root),
        a_row(
            f"m{number}", trace_id=trace, parent_id=top, span_kind="llm", tags=tags,
            input=asked, output=answer, ml_app=root.get("ml_app", "app"),
        ),
    ]  # fmt: skip


def uuid(number: int) -> str:
    """Return a made-up session id."""
    return f"0c5e0000-0000-4000-a000-{number:012d}"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return 12 sessions of the app `app`, two turns each, and one of another app."""
    rows = []
    for number in range(12):
        rows += rows_of(2 * number, uuid(number), ml_app="app", tags=["service:web"])
        rows += rows_of(2 * number + 1, uuid(number), ml_app="app", tags=["service:web"])
    rows += rows_of(99, uuid(99), ml_app="other")
    return a_bundle(tmp_path / "b", rows)


def classified(bundle: Path, folder: Path, *words: object, app: str = "app", **env: str) -> Any:
    where = () if "--backend" in words else ("--backend", f"bundle:{bundle}")
    return run("classify", "app", app, *where, "--run", folder, *words, **env)


def test_the_summary_is_what_other_skills_parse(bundle: Path, tmp_path: Path) -> None:
    """Sentinel first, the seed's header and columns; the link holds the whole id."""
    done = classified(bundle, tmp_path / "run", "--sample", 5)

    assert done.returncode == 0, done.stderr
    head = HEADER.match(done.stdout)
    assert head is not None, done.stdout[:400]
    told = head.groupdict()
    assert (told["app"], told["unit"], told["sampled"], told["kind"]) == (
        "app", "session", "5", "agent",
    )  # fmt: skip
    rows = ROW.findall(done.stdout)
    assert len(rows) == 5
    for first, last, _, whole, unit, *_ in rows:
        assert (whole[:8], whole[-8:], unit) == (first, last, "session")
    assert len({row[3] for row in rows}) == 5
    assert "12 units in the window" in done.stdout
    assert "2 rows of other apps were dropped" in done.stdout
    assert done.stderr.count("verdict: ") == 5


def test_a_sample_is_the_same_with_the_same_seed(bundle: Path, tmp_path: Path) -> None:
    """And a larger one holds it; another seed gives another one."""
    ids = []
    for name, words in (("a", ()), ("b", ()), ("c", ("--seed", 7)), ("d", ("--sample", 8))):
        classified(bundle, tmp_path / name, "--sample", 4, *words)
        ids.append(json.loads((tmp_path / name / "run.json").read_bytes())["units"])

    assert ids[0] == ids[1] == ids[3][:4]
    assert ids[0] != ids[2]
    assert len(ids[3]) == 8


def test_a_run_that_was_interrupted_goes_on(bundle: Path, tmp_path: Path) -> None:
    """What has a verdict is not classified again, and the sample stays."""
    classified(bundle, tmp_path / "run", "--sample", 6)
    labels = (tmp_path / "run" / "labels.jsonl").read_text().splitlines()
    units = json.loads((tmp_path / "run" / "run.json").read_bytes())["units"]
    lost = json.loads(labels[0])["id"]
    (tmp_path / "run" / "labels.jsonl").write_text("\n".join(labels[1:]) + "\n")
    (case,) = [path for path in (tmp_path / "run" / "cases").iterdir() if lost in path.name]
    (case / "verdict.json").unlink()

    done = classified(bundle, tmp_path / "run", "--sample", 6)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("verdict: ") == 1
    assert lost in done.stderr
    assert [row[3] for row in ROW.findall(done.stdout)] != []
    assert json.loads((tmp_path / "run" / "run.json").read_bytes())["units"] == units


def test_a_verdict_that_an_agent_records_is_in_the_report(bundle: Path, tmp_path: Path) -> None:
    """`gather app` names what lacks one, `verdict` records it, `report` counts it."""
    folder = tmp_path / "run"
    plan = run(
        "gather", "app", "app", "--backend", f"bundle:{bundle}", "--run", folder, "--sample", 2
    )
    cases = sorted((folder / "cases").iterdir())
    before = run("report", folder)
    words = (
        "--verdict",
        "partial",
        "--reason",
        "Half.",
        "--failure",
        "incomplete_answer=half",
        "--cite",
        "turn1",
    )
    named = folder / cases[0].name.removeprefix("session-")  # as the unit of the run
    judged = run("verdict", named, *words)
    after = run("report", folder)
    lines = run("report", folder, "--jsonl")

    assert plan.returncode == 0, plan.stderr
    assert all(str(case) in plan.stdout for case in cases)
    assert before.stdout.count("not classified yet") == 2
    assert judged.returncode == 0, judged.stderr
    assert after.stdout.count("not classified yet") == 1
    (label,) = map(json.loads, lines.stdout.splitlines())
    assert (label["verdict"], label["judged_by"]) == ("partial", "agent")
    assert label["id"] in cases[0].name


def test_a_recorded_verdict_is_submitted_without_a_report_between(
    bundle: Path, tmp_path: Path
) -> None:
    """`verdict` keeps the label of a case in its run, also where another one stood."""
    folder = tmp_path / "run"
    classified(bundle, folder, "--sample", 2)
    units = json.loads((folder / "run.json").read_bytes())["units"]
    run("show", folder / units[0])
    words = ("--verdict", "no", "--reason", "No.", "--failure", "other=x", "--cite", "turn1")
    judged = run("verdict", folder / units[0], *words)
    done = run("submit", folder)

    assert judged.returncode == 0, judged.stderr
    assert done.returncode == 0, done.stderr
    assert "the label says" not in done.stderr
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    assert {one["id"]: one["verdict"] for one in labels}[units[0]] == "no"


def test_units_that_fail_are_rows_of_errors(tmp_path: Path) -> None:
    """They are told and counted beside the others, and cost no other unit its verdict."""
    rows = []
    for number in range(4):
        kept = rows_of(number, uuid(number), ml_app="app")
        if number % 2:
            kept = [a_row(f"r{number}", trace_id=f"{number:032x}", span_kind="embedding",
                          ml_app="app", tags=[f"session_id:{uuid(number)}"])]  # fmt: skip
        rows += kept
    done = classified(a_bundle(tmp_path / "b", rows), tmp_path / "run")

    assert done.returncode == 0, done.stderr
    assert len(ROW.findall(done.stdout)) == 2
    lost = done.stdout.partition("## Without a verdict")[2]
    assert all(uuid(number) in lost for number in (1, 3))
    assert "**Root span kind:** mixed: agent 2, embedding 2" in done.stdout


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    """Return six turns without a session, two on each of three tickets."""
    rows = []
    for number in range(6):
        tags = [f"ticket.id:T-{number // 2}", f"call_id:c-{number}", "env:prod", "user_id:u-1"]
        rows += rows_of(number, ml_app="app", tags=tags)
    return a_bundle(tmp_path / "tickets", rows)


def test_without_sessions_an_id_that_spans_share_makes_the_units(
    tickets: Path, tmp_path: Path
) -> None:
    """It is found by its values, whatever its name; a unit has all traces with its value."""
    done = classified(tickets, tmp_path / "run")
    labels = run("report", tmp_path / "run", "--jsonl").stdout.splitlines()

    assert "**Granularity:** session  |  **Sampled:** 3" in done.stdout
    assert "0 of 6 traces name a session" in done.stdout
    assert (
        "6 of 6 traces have the tag ticket.id, which puts them together: 3 sessions" in done.stdout
    )
    found = {row["id"]: row["trace_ids"] for row in map(json.loads, labels)}
    assert found == {f"ticket.id=T-{n}": [f"{2 * n:032x}", f"{2 * n + 1:032x}"] for n in range(3)}
    for traces in found.values():
        assert f"query=trace_id:{traces[0]})" in done.stdout, "other skills need a trace id"


def test_a_session_by_a_tag_is_gathered_and_judged_by_its_name(
    tickets: Path, tmp_path: Path
) -> None:
    """`gather chatid=VALUE`, and the same name in the run."""
    classified(tickets, tmp_path / "run", "--sample", 1)
    (unit,) = json.loads((tmp_path / "run" / "run.json").read_bytes())["units"]
    words = ("--verdict", "no", "--reason", "No.", "--failure", "wrong_tool_use", "--cite", "turn1")
    shown = run("show", tmp_path / "run" / unit)
    judged = run("verdict", tmp_path / "run" / unit, *words)
    alone = run("gather", unit, "--backend", f"bundle:{tickets}", "--case", tmp_path / "case")
    other = run("gather", "ticket.id=T-9", "--backend", f"bundle:{tickets}")

    assert judged.returncode == 0, shown.stderr + judged.stderr
    assert "2 turns" in alone.stdout
    assert (other.returncode, "there are ticket.id=T-0, ticket.id=T-1" in other.stderr) == (3, True)


def test_what_a_unit_is_can_be_said(tickets: Path, tmp_path: Path) -> None:
    """By trace, or by another tag than the one that would be taken."""
    by_trace = classified(tickets, tmp_path / "a", "--granularity", "trace")
    by_tag = classified(tickets, tmp_path / "b", "--granularity", "call_id")
    absent = classified(tickets, tmp_path / "c", "--granularity", "chatid")

    assert "**Granularity:** trace  |  **Sampled:** 6" in by_trace.stdout
    assert {row[4] for row in ROW.findall(by_trace.stdout)} == {"trace"}
    assert "6 traces have the tag call_id, which puts them together: 6 sessions" in by_tag.stdout
    assert (absent.returncode, "no span of app has the tag chatid" in absent.stderr) == (2, True)


def test_without_any_shared_id_each_trace_is_a_unit(tmp_path: Path) -> None:
    """An id with another value on each trace puts nothing together."""
    rows = [row for n in range(6) for row in rows_of(n, ml_app="app", tags=[f"call_id:c-{n}"])]
    done = classified(a_bundle(tmp_path / "b", rows), tmp_path / "run")

    assert "**Granularity:** trace  |  **Sampled:** 6" in done.stdout


def test_records_of_an_experiment_are_units(tmp_path: Path) -> None:
    """Their own input, output and expected output are what is read."""
    rows = [
        a_row(
            f"r{number}",
            trace_id=f"{number:032x}",
            span_kind="experiment",
            ml_app="app",
            tags=[],
            input={"value": "How much is 2 and 2?"},
            output={"value": "4" if number else "5"},
            expected_output={"value": "4"},
        )
        for number in range(3)
    ]
    done = classified(a_bundle(tmp_path / "b", rows), tmp_path / "run")

    assert "**Root span kind:** experiment  |  **Content source:** io" in done.stdout, done.stdout
    assert len(ROW.findall(done.stdout)) == 3


def test_services_are_counted_apart(tmp_path: Path) -> None:
    """A mixed app is a table by service, with its kinds of root spans."""
    rows = []
    for number in range(6):
        service = "chat" if number < 4 else "batch"
        kind = "agent" if number < 4 else "workflow"
        rows += rows_of(
            number, uuid(number), ml_app="app", span_kind=kind, tags=[f"service:{service}"]
        )
    done = classified(a_bundle(tmp_path / "b", rows), tmp_path / "run")

    assert "| chat | 4 | agent 4 | 4 |" in done.stdout
    assert "| batch | 2 | workflow 2 | 2 |" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--sample", 0), 2, "expected at least 1"),
        (("--sample", 51), 2, "add --yes-large"),
        (("--timeframe", "soon"), 2, "is no window"),
        (("--timeframe", "2026-02-01/2026-01-01"), 2, "ends before it begins"),
        (("--timeframe", "2020-01-01/2020-01-02"), 3, '"error": "no_traces_found"'),
        (("--granularity", "week"), 2, "a tag of the spans whose name ends in id"),
        (("--case", "c"), 2, "use --run DIR"),
    ],
)
def test_what_cannot_be_sampled_is_refused(
    bundle: Path, tmp_path: Path, words: tuple[object, ...], code: int, said: str
) -> None:
    """In one line, before anything is written."""
    done = classified(bundle, tmp_path / "run", *words)

    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert not (tmp_path / "run").exists()


def test_an_app_of_embeddings_is_no_conversation(tmp_path: Path) -> None:
    """The seed's error, and no run."""
    rows = [a_row("r1", span_kind="embedding", ml_app="app")]
    done = classified(a_bundle(tmp_path / "b", rows), tmp_path / "run")

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "unclassifiable_app_type"
    assert not (tmp_path / "run").exists()


def test_sessions_that_no_span_names_cannot_be_asked_for(tmp_path: Path) -> None:
    """`--granularity session` says what to use."""
    done = classified(
        a_bundle(tmp_path / "b", rows_of(1, ml_app="app")),
        tmp_path / "run",
        "--granularity",
        "session",
    )

    assert done.returncode == 2
    assert "use --granularity trace" in done.stderr


def test_the_folder_of_another_app_is_refused(bundle: Path, tmp_path: Path) -> None:
    """Its run stays as it is."""
    classified(bundle, tmp_path / "run", "--sample", 1)
    before = (tmp_path / "run" / "run.json").read_bytes()

    done = classified(bundle, tmp_path / "run", app="other")

    assert done.returncode == 2
    assert "holds a run of the app 'app'" in done.stderr
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_two_runs_are_compared(bundle: Path, tmp_path: Path) -> None:
    """Rates with the interval of their difference, and the units that flipped."""
    for name in ("a", "b"):
        classified(bundle, tmp_path / name, "--sample", 12)
    case = min((tmp_path / "b" / "cases").iterdir())
    words = (
        "--verdict",
        "no",
        "--reason",
        "Nothing.",
        "--failure",
        "incomplete_answer=all",
        "--cite",
        "turn1",
    )
    run("show", case)
    assert run("verdict", case, *words).returncode == 0

    done = run("report", tmp_path / "b", "--against", tmp_path / "a")

    assert done.returncode == 0, done.stderr
    told = done.stdout.partition("## Beside the run before")[2]
    assert "12 units in both runs: 1 changed, 0 became satisfied, 1 ceased to be" in told
    assert f"{case.name.removeprefix('session-')}: yes → no" in told
    assert "| incomplete_answer | 0 | 1 | new |" in told


def test_more_is_sampled_until_the_interval_is_narrow(bundle: Path, tmp_path: Path) -> None:
    """It ends with the whole population, whose rate has no interval."""
    done = classified(bundle, tmp_path / "run", "--sample", 2, "--until-width", 0.05)

    assert "**Sampled:** 12" in done.stdout
    assert "- yes: 100% to 100%" in done.stdout


def test_a_run_goes_on_until_its_interval_is_narrow(bundle: Path, tmp_path: Path) -> None:
    """What is sampled next is kept in the run; one that was started without says so."""
    words = ("--sample", 2, "--until-width")
    first = classified(bundle, tmp_path / "run", *words, 0.99)
    then = classified(bundle, tmp_path / "run", *words, 0.05)
    classified(bundle, tmp_path / "plain", "--sample", 2)
    plain = classified(bundle, tmp_path / "plain", *words, 0.05)

    assert "**Sampled:** 2" in first.stdout
    assert "**Sampled:** 12" in then.stdout
    assert "**Sampled:** 2" in plain.stdout
    assert "holds no further units; start another" in plain.stderr


def test_real_sessions_under_one_name_are_four_groups(shared_data: Path, tmp_path: Path) -> None:
    """The 20 bundles as services of one app: all of their sessions, and a group for each."""
    rows = []
    for folder in sorted(path for path in (shared_data / "bundles").iterdir() if path.is_dir()):
        for line in (folder / "spans.jsonl").read_text().splitlines():
            row = json.loads(line)
            told = row["attributes"]
            kept = [tag for tag in told["tags"] if not tag.startswith(("service:", "ml_app:"))]
            told["tags"] = [*kept, f"service:{told['ml_app']}"]
            told["ml_app"] = "made-up-app"
            rows.append(row)
    (tmp_path / "spans.jsonl").write_text("\n".join(map(json.dumps, rows)))

    done = classified(tmp_path, tmp_path / "run", app="made-up-app")

    assert len(ROW.findall(done.stdout)) == 20
    made = json.loads((tmp_path / "run" / "run.json").read_bytes())
    assert sorted(group["units"] for group in made["groups"]) == [2, 2, 4, 12]


@pytest.mark.matrix
def test_units_side_by_side_do_not_crash_the_process(bundle: Path, tmp_path: Path) -> None:
    """Threads that decode the first units at once, in the shortest turns of the interpreter."""
    start = "import sys; sys.setswitchinterval(1e-6); from session_classify.cli import main; main()"
    words = ("classify", "app", "app", "--backend", f"bundle:{bundle}", "--jobs", "12")
    for number in range(3):
        done = subprocess.run(
            [sys.executable, "-c", start, *words, "--run", str(tmp_path / f"run{number}")],
            capture_output=True,
            env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "c")},
            check=False,
        )
        assert done.returncode == 0, done.stderr
