"""Every command on results takes them in wrappers, and a case keeps nothing else of a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import a_bundle, a_row, run
from tests.wire.answers.wrap import ENCODED, PRINTED, WRAPPED

EVERY = {**ENCODED, **WRAPPED, **PRINTED}
TIMES = ("--session-start", "2026-11-20T05:00:00Z", "--session-end", "2026-11-20T05:09:00Z")
LOOP = {"iterations": [{"iteration": 1, "content": "Made up.", "tool_calls": []}]}
RUM = {
    "data": [
        {
            "id": "r1",
            "type": "rum",
            "attributes": {
                "timestamp": "2026-11-20T05:10:00Z",
                "attributes": {"type": "action", "action": {"name": "made_up"}},
            },
        }
    ]
}
AUDIT = {
    "data": [
        {
            "id": "a1",
            "type": "audit",
            "attributes": {
                "timestamp": "2026-11-20T05:10:00Z",
                "attributes": {"asset": {"id": "abc", "type": "dashboard"}, "action": "modified"},
            },
        }
    ]
}
COMMANDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "extract-loop": (LOOP, ()),
    "drill-down": (LOOP, ()),
    "rum-signals": (RUM, TIMES),
    "audit-phases": (AUDIT, TIMES),
}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_its_result_in_any_wrapper(command: str, name: str, tmp_path: Path) -> None:
    """What it prints is what it prints for the result as it is, but for the envelope's name."""
    answer, options = COMMANDS[command]
    path = tmp_path / "result"
    found = []
    for data in (json.dumps(answer).encode(), EVERY[name](json.dumps(answer).encode())):
        path.write_bytes(data)
        done = run(command, path, *options, "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        for item in told if isinstance(told, list) else ():
            item.pop("envelope", None)
        found.append(told)

    assert found[0] == found[1]


def transcript(*results: tuple[str, dict[str, Any], Any]) -> str:
    """Return a client's transcript, made up: calls with their results."""
    rows: list[Any] = [{"type": "user", "message": {"role": "user", "content": "my diary"}}]
    for number, (name, asked, result) in enumerate(results):
        call = {"type": "tool_use", "id": f"t{number}", "name": name, "input": asked}
        answer = {"type": "tool_result", "tool_use_id": f"t{number}", "content": result}
        rows.append({"type": "assistant", "message": {"role": "assistant", "content": [call]}})
        rows.append({"type": "user", "message": {"role": "user", "content": [answer]}})
    return "\n".join(map(json.dumps, rows))


def test_each_command_takes_its_own_results_out_of_a_transcript(tmp_path: Path) -> None:
    """A loop, RUM events and audit rows lie beside each other and beside other tools' results."""
    path = tmp_path / "session.jsonl"
    path.write_text(
        transcript(
            ("Bash", {"command": "cat notes"}, "private"),
            ("mcp__dd__get_llmobs_agent_loop", {"trace_id": "t"}, json.dumps(LOOP)),
            ("mcp__dd__analyze_rum_events", {}, json.dumps(RUM)),
            ("Bash", {"command": "pup audit-logs search --from 1d"}, json.dumps(AUDIT)),
        )
    )

    for command, (answer, options) in COMMANDS.items():
        alone = tmp_path / "alone"
        alone.write_text(json.dumps(answer))
        whole, part = (run(command, one, *options) for one in (alone, path))
        assert (whole.returncode, part.returncode) == (0, 0), part.stderr
        assert len(part.stdout.splitlines()) == len(whole.stdout.splitlines())


def test_a_case_keeps_the_answers_of_a_transcript_alone(tmp_path: Path) -> None:
    """The rest of a conversation is nobody's business who reads the case."""
    spans = [json.loads(line) for line in _spans(tmp_path)]
    path = tmp_path / "session.jsonl"
    path.write_text(
        transcript(
            ("Read", {"file_path": "/home/me/.netrc"}, "secret diary"),
            ("mcp__dd__search_llm_obs_spans", {}, json.dumps({"data": spans})),
        )
    )

    done = run(
        *("gather", "session", "s-1", "--backend", f"files:{path}", "--case", tmp_path / "c")
    )

    assert done.returncode == 0, done.stderr
    (kept,) = (tmp_path / "c" / "raw").iterdir()
    assert b"diary" not in kept.read_bytes()
    assert b"Hello there" in kept.read_bytes()


def _spans(folder: Path) -> list[str]:
    row = a_row(tags=["session_id:s-1"], input={"value": "Hello there"}, output={"value": "Hi"})
    bundle = a_bundle(folder / "b", [row])
    return (bundle / "spans.jsonl").read_text().splitlines()
