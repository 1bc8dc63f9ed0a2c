"""Every fault at every call: a whole case, one that says what it lacks, or an exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from session_classify.model import Session
from tests.backends.conftest import DEMO, KEYS, Server
from tests.backends.test_live import SESSION_ID, Environment, gathered, log, session
from tests.cli.run import run
from tests.wire.test_gathered import differences

KINDS = "401 403 404 429 500 slow cut truncated empty-page masked".split()
# What a fault may end in: 0 a case, 1 nothing to read, 3 not found, 4 no access, 5 nobody there.
ENDINGS = {
    "401": {4},
    "403": {4},
    "404": {0, 1, 3},
    "429": {0},
    "500": {0},
    "slow": {0},
    "cut": {0, 1, 3, 5},
    "truncated": {0, 1, 3},
    "empty-page": {0},
    "masked": {0, 1},
}


def plan(folder: Path, *faults: dict[str, Any]) -> Path:
    """Write a fault plan."""
    path = folder / f"faults-{abs(hash(str(faults)))}.json"
    path.write_text(json.dumps(list(faults)))
    return path


def told(case: Path) -> bool:
    """Tell whether a case says that something is missing."""
    coverage = json.loads((case / "case.json").read_bytes())["coverage"]
    findings = json.loads((case / "findings.json").read_bytes())
    gaps = [finding for finding in findings if finding["id"].startswith("gap")]
    notes = [note for note in coverage["notes"] if "evaluations" not in note]
    return bool(coverage["next_calls"] or coverage["unreadable"] or notes or gaps)


def is_whole(found: Session, whole: Session) -> bool:
    """Tell whether nothing that was said or done is missing."""
    said = {"Turn.user_text", "Turn.final_text", "Turn.iterations", "Session.turns"}
    said |= {"Iteration.text", "Iteration.tool_calls", "ToolCall.result", "ToolCall.arguments"}
    return not said & {item[0] for item in differences(whole, found)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_at_any_call_of_pup_costs_no_truth(
    serve: Server, pup: Environment, tmp_path: Path, kind: str
) -> None:
    """No traceback, no hang, no wrong content: what a case lacks, it says."""
    env = pup(serve(DEMO))
    gathered(tmp_path / "whole", "--backend", "pup", **env)
    whole, calls = session(tmp_path / "whole"), len(log(tmp_path))

    def one(number: int) -> tuple[int, int, str]:
        faults = plan(tmp_path, {"fault": kind, "call": number, "ms": 200})
        case = tmp_path / f"case {number}"
        url = serve(DEMO, "--faults", faults)
        done = gathered(case, "--backend", "pup", **{**env, "PUP_MOCK_SERVER": url})
        assert done.returncode in ENDINGS[kind], (number, done.stderr)
        if done.returncode == 0:
            assert is_whole(session(case), whole) or told(case), (number, done.stdout[-2_000:])
        else:
            assert not (case / "case.json").exists()
        return number, done.returncode, done.stderr

    with ThreadPoolExecutor(3) as pool:
        endings = list(pool.map(one, range(1, calls + 1)))

    assert len(endings) == calls > 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_at_the_export_costs_no_truth(serve: Server, tmp_path: Path, kind: str) -> None:
    """The client repeats what can pass; what cannot ends with its own exit code."""
    whole = tmp_path / "whole"
    gathered(whole, "--backend", f"bundle:{DEMO}")
    faults = plan(tmp_path, {"fault": kind, "ms": 200})

    url = serve(DEMO, "--faults", faults)
    done = gathered(tmp_path / "c", "--backend", f"api:{url}", **KEYS)

    assert done.returncode in ENDINGS[kind], done.stderr
    if done.returncode == 0:
        found = session(tmp_path / "c")
        assert found == session(whole) or told(tmp_path / "c"), done.stdout[-2_000:]


def test_an_interrupted_run_goes_on_where_it_stopped(
    serve: Server, pup: Environment, tmp_path: Path
) -> None:
    """What was answered before access was lost is not asked for again."""
    faults = plan(tmp_path, {"fault": "401", "call": 4, "times": 99})
    env = pup(serve(DEMO, "--faults", faults))
    lost = gathered(tmp_path / "c", "--backend", "pup", **env)
    before = log(tmp_path)
    (tmp_path / "pup.log").unlink()

    done = gathered(tmp_path / "c", "--backend", "pup", **{**env, "PUP_MOCK_SERVER": serve(DEMO)})

    assert (lost.returncode, done.returncode) == (4, 0), done.stderr
    assert "pup auth login" in lost.stderr
    assert before[0] not in log(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if "answers" in path.name] == []


def test_a_session_that_is_not_there_is_not_found(
    serve: Server, pup: Environment, tmp_path: Path
) -> None:
    """Exit 3 with the seed's object, by either backend."""
    url = serve(DEMO)
    by_api = gathered(tmp_path / "a", "--backend", f"api:{url}", session_id="no-such", **KEYS)
    by_pup = gathered(tmp_path / "b", "--backend", "pup", session_id="no-such", **pup(url))

    for done in (by_api, by_pup):
        assert done.returncode == 3, done.stderr
        assert json.loads(done.stdout)["error"] == "llmobs_not_found"


def test_a_trace_comes_by_every_way(serve: Server, pup: Environment, tmp_path: Path) -> None:
    """One trace of the session, by rows, export and pup."""
    rows = [
        json.loads(line)["attributes"] for line in (DEMO / "spans.jsonl").read_text().splitlines()
    ]
    trace = rows[0]["trace_id"]
    url = serve(DEMO)
    ways = {
        "rows": (("--backend", f"bundle:{DEMO}"), {}),
        "api": (("--backend", f"api:{url}"), KEYS),
        "pup": (("--backend", "pup"), pup(url)),
    }
    found = {}
    for name, (way, env) in ways.items():
        done = run("gather", "trace", trace, *way, "--case", tmp_path / name, **env)
        assert done.returncode == 0, done.stderr
        data = (tmp_path / name / "session.json").read_bytes()
        found[name] = msgspec.json.decode(data, type=Session)

    assert found["api"] == found["rows"]
    assert is_whole(found["pup"], found["rows"])
    assert SESSION_ID


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.parametrize("backend", ["pup", "mcp", "api"])
def test_whoever_interrupts_does_not_wait_for_calls(
    serve: Server, pup: Environment, tmp_path: Path, backend: str
) -> None:
    """Ctrl-C ends the run and what it started within seconds, whatever is under way."""
    url = serve(DEMO, "--latency", "20000")
    command = f"mcp:'{sys.executable}' -m session_classify serve --demo --latency 20000"
    backends = {"pup": "pup", "api": f"api:{url}", "mcp": command}
    arguments = ["gather", "session", SESSION_ID, "--backend", backends[backend]]
    with subprocess.Popen(
        [sys.executable, "-m", "session_classify", *arguments, "--case", tmp_path / "c"],
        env={**os.environ, **KEYS, **pup(url)},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        time.sleep(2)
        running.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, said = running.communicate(timeout=30)
    took = time.monotonic() - began

    assert (running.returncode, took < 8) == (130, True), said
    assert "Traceback" not in said
    assert not (tmp_path / "c").exists()
