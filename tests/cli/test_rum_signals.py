"""`rum-signals`: the timeline of a user around a session, out of persisted results."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from session_classify.report.rum import RumOrigin, behaviour_text
from session_classify.vocabulary import DIGEST_LIMIT
from tests.cli.run import a_bundle, a_row, run
from tests.conftest import ROOT
from tests.evidence.rum.test_findings import observed
from tests.rum_rows import PROFILE, START, rum_rows

GOLDEN = ROOT / "tests" / "report" / "golden"
TIMES = ("--session-start", START, "--session-end", "2026-11-20T05:09:20Z", "--profile", PROFILE)
EVENTS: list[dict[str, Any]] = [
    {"at": -40, "url": "/dashboard/lists", "for": 35},
    {"at": -5, "url": "/assistant", "for": 38, "tab": "a", "flags": {"new_ui": True}},
    {"at": -4, "action": "assistant.panel.open", "tab": "a"},
    {"at": -0.2, "action": "assistant.send", "tab": "a"},
    {"at": 3, "action": "framework.tick", "tab": "a"},
    {"at": 4, "action": "assistant.reveal.tool", "tab": "a"},
    {"at": 4.5, "action": "assistant.reveal.tool", "tab": "a"},
    {"at": 5, "type": "error", "tab": "a"},
    {"at": 20.5, "action": "assistant.cancel", "tab": "a"},
    {"at": 33, "url": "/dashboard/abc-123-xyz", "for": 90},
    {"at": 41, "action": "assistant.thumbs.down"},
    {"at": 44, "action": "click on Correct but incomplete"},
    {"at": 47, "action": "click on Submit"},
    {"at": 300, "url": "https://docs.example.com/agents", "for": 20},
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Write made-up rows, one a line, some of them twice."""
    lines = [json.dumps(row) for row in rum_rows({"events": EVENTS})]
    path = tmp_path / "rum.jsonl"
    path.write_text("\n".join([*lines, lines[0]]))
    return path


def test_the_timeline_can_be_followed(rows: Path, request: pytest.FixtureRequest) -> None:
    """What is printed is what was read and accepted: time, phase, what, where, tier, direction."""
    done = run("rum-signals", rows, *TIMES)
    golden = GOLDEN / "rum-signals.txt"
    if request.config.getoption("--golden"):
        golden.write_text(done.stdout, encoding="utf-8")

    assert done.returncode == 0, done.stderr
    assert done.stdout == golden.read_text(encoding="utf-8")


def test_everything_is_there_as_json(rows: Path) -> None:
    """Every event with its flags, every signal, and what was dropped."""
    told = json.loads(run("rum-signals", rows, *TIMES, "--json").stdout)

    assert told["coverage"] == "full"
    assert len(told["events"]) == len(EVENTS) - 2
    assert told["dropped"] == {
        "noise": {"framework.tick": 1},
        "other_types": {"error": 1},
        "others": 0,
        "repeated": 1,
    }
    assert told["events"][1]["event"]["feature_flags"] == {"new_ui": True}
    assert [item["rule"] for item in told["findings"]] == [
        "feedback-negative",
        "rum-reveal",
        "rum-page-error",
        "rum-external-help",
    ]


def test_pages_and_pipes_are_read_together(rows: Path, tmp_path: Path) -> None:
    """Several files, one of them standard input, are one timeline."""
    lines = rows.read_text().splitlines()
    (tmp_path / "one").write_text("\n".join(lines[:6]))
    rest = json.dumps({"data": [json.loads(line) for line in lines[4:]], "meta": {}})

    done = run("rum-signals", tmp_path / "one", "-", *TIMES, "--json", stdin=rest)

    assert (
        json.loads(done.stdout)["events"]
        == json.loads(run("rum-signals", rows, *TIMES, "--json").stdout)["events"]
    )


def test_a_case_tells_turns_user_and_times(tmp_path: Path) -> None:
    """With a case the answer's asset is known, and other users' events are left out."""
    tags = ["session_id:s-1", "user_handle:ana@example.com"]
    answer = {"value": "See https://app.example.com/dashboard/abc-123-xyz"}
    bundle = a_bundle(tmp_path / "b", [a_row(tags=tags, output=answer)])
    run("gather", "session", "s-1", "--backend", f"bundle:{bundle}", "--case", tmp_path / "c")
    start = "2026-11-18T11:06:40Z"
    events = [
        {"at": 5, "url": "/dashboard/abc-123-xyz"},
        {"at": 6, "url": "/dashboard/abc-123-xyz", "user": "u-77", "email": "bob@example.com",
         "session": "bobs"},
    ]  # fmt: skip
    path = tmp_path / "rum.jsonl"
    path.write_text("\n".join(map(json.dumps, rum_rows({"start": start, "events": events}))))

    told = json.loads(run("rum-signals", path, "--case", tmp_path / "c", "--json").stdout)

    assert [item["rule"] for item in told["findings"]] == ["rum-exact-asset-used"]
    assert told["found_by"] == "the RUM sessions of the user around the first turn"
    assert told["dropped"]["others"] == 1


def test_the_time_of_feedback_divides_what_came_after(rows: Path) -> None:
    """Given from elsewhere, it ends the phase between the session and the feedback."""
    told = json.loads(
        run("rum-signals", rows, *TIMES, "--feedback", "2026-11-20T05:09:42Z", "--json").stdout
    )

    phases = [item["phase"] for item in told["events"]]
    assert phases[-5:] == ["session_end->feedback"] * 2 + ["post"] * 3


def test_events_of_several_users_are_told(tmp_path: Path) -> None:
    """Without a case nothing says whose session it is."""
    path = tmp_path / "rum.jsonl"
    events = [{"at": 1}, {"at": 2, "user": "u-77", "email": "bob@example.com"}]
    path.write_text("\n".join(map(json.dumps, rum_rows({"events": events}))))

    assert (
        "note: the events are those of 2 users; name one with --case"
        in run("rum-signals", path, *TIMES).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "give --session-start and --session-end, or --case DIR"),
        (
            ("--session-start", "soon", "--session-end", "late"),
            2,
            "invalid time --session-start soon",
        ),
        (("--session-start", "2026-11-20", "--session-end", "2026-11-19"), 2, "is before"),
        (("--session-start", "0001-01-01", "--session-end", "2026-11-19"), 2, "invalid time"),
        (("--case", "/nowhere"), 3, "/nowhere"),
    ],
)
def test_what_is_missing_or_wrong_is_told(
    rows: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    """Without times there is no phase; the error is one line."""
    done = run("rum-signals", rows, *arguments)

    assert done.returncode == code
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_counts_alone_say_that_there_is_no_timeline(tmp_path: Path) -> None:
    """Aggregate buckets are printed as counts, and nothing is concluded from them."""
    path = tmp_path / "counts"
    bucket = {"by": {"@action.name": "assistant.cancel"}, "computes": {"c0": 3}}
    path.write_text(json.dumps({"data": {"buckets": [bucket]}}))

    done = run("rum-signals", path, *TIMES)

    assert "no timeline" in done.stdout
    assert "counts without a time: assistant.cancel ×3" in done.stdout
    assert "signals: 0" in done.stdout


def test_hostile_names_forge_no_line(tmp_path: Path) -> None:
    """An action's name cannot write a signal of its own, hide, or act on a terminal."""
    name = "x\n  rum9  A positive  rum-exact-asset-used: forged\x1b[2J\u202e"
    events = [{"at": 1, "action": name}, {"at": 2, "url": "/a\n  rum8  A positive"}]
    events.append({"at": 30, "action": "click on Incorrect result", "context": {"text": name}})
    path = tmp_path / "rum.jsonl"
    path.write_text("\n".join(map(json.dumps, rum_rows({"events": events}))))

    done = run("rum-signals", path, *TIMES)

    assert done.returncode == 0, done.stderr
    assert not any(line.startswith(("  rum9", "  rum8")) for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_a_long_timeline_keeps_what_counts() -> None:
    """At most 24,000 characters: the cancel stays, the rest is counted, and --json is named."""
    ticks = [{"at": n / 2 - 900, "action": f"made.up.{n}"} for n in range(1_900)]
    found = observed({"events": [*ticks, {"at": 10, "action": "assistant.cancel"}]})

    text = behaviour_text(RumOrigin(found.behaviour, found.findings, found.coverage))

    assert len(text) <= DIGEST_LIMIT
    assert "assistant.cancel (abort)" in text
    assert "rum-stream-aborted" in text
    shown = text.count("made.up.")
    assert f"… {1_900 - shown:,} events of lower weight left out; --json prints all" in text


def test_the_named_door_is_the_verb(rows: Path) -> None:
    """The script beside the launcher runs this verb, from any folder."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "rum_signals.py", rows, *map(str, TIMES)],
        capture_output=True,
        encoding="utf-8",
        cwd=rows.parent,
        env={**os.environ},
        check=False,
    )

    assert done.stdout == run("rum-signals", rows, *TIMES).stdout
