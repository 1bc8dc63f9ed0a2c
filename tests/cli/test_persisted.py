"""The verbs on persisted results, and their doors."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import run
from tests.conftest import ROOT

LOOP = {
    "iterations": [
        {
            "iteration": 1,
            "content": "",
            "tool_calls": [
                {"name": "call_datadog_api", "arguments": '{"method": "PUT"}', "result": "403"},
                {"name": "upsert_widget", "arguments": {}, "result": "403 PUT not allowlisted"},
            ],
        },
        {"iteration": 2, "content": "Done.", "tool_calls": []},
    ],
    "timeline": None,
}


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Write a made-up loop as a client persists it."""
    path = tmp_path / "a result.txt"
    path.write_text(json.dumps([{"type": "text", "text": json.dumps(LOOP)}]))
    return path


def test_drill_down_uses_the_profile_it_is_given(loop: Path) -> None:
    """What the name does not tell, a profile does."""
    profile = ROOT / "references" / "apps" / "bits-assistant.yaml"

    plain = json.loads(run("drill-down", loop, "--json").stdout)
    known = json.loads(run("drill-down", loop, "--json", "--profile", profile).stdout)

    assert [item["tool"] for item in plain["found"]] == ["upsert_widget"]
    assert [item["tool"] for item in known["found"]] == ["call_datadog_api", "upsert_widget"]


def test_several_loops_are_the_turns_of_one_session(loop: Path) -> None:
    """Named one after the other, their calls are numbered through."""
    done = json.loads(run("drill-down", loop, loop, "--json").stdout)

    assert [(item["turn"], item["calls"]) for item in done["found"]] == [
        (1, ["tool2"]),
        (2, ["tool4"]),
    ]


def test_standard_input_is_a_file_too(loop: Path) -> None:
    """`-` reads what a pipe brings."""
    by_pipe = run("extract-loop", "-", "--json", stdin=loop.read_text())
    by_file = run("extract-loop", loop, "--json")

    piped, filed = json.loads(by_pipe.stdout)[0], json.loads(by_file.stdout)[0]
    assert {**piped, "path": ""} == {**filed, "path": ""}


def test_what_is_not_there_is_told(loop: Path, tmp_path: Path) -> None:
    """A missing file is a usage error, a missing iteration is not found."""
    assert run("extract-loop", tmp_path / "none").returncode == 2
    assert run("extract-loop", loop, "--iteration", 9).returncode == 3
    assert run("extract-loop").returncode == 2


@pytest.mark.parametrize("door", ["extract_loop", "drill_down"])
def test_a_named_door_is_its_verb(door: str, loop: Path) -> None:
    """The scripts beside the launcher run one verb, from any folder."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / f"{door}.py", loop, "--json"],
        capture_output=True,
        encoding="utf-8",
        cwd=loop.parent,
        env={**os.environ},
        check=False,
    )

    assert done.stdout == run(door.replace("_", "-"), loop, "--json").stdout
