"""Every fault at every call: a whole case, one that says what it lacks, or an exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any

import msgspec
import pytest

from datadog_standin.faults import Fault, Kind, Plan
from datadog_standin.recording import read_recording
from datadog_standin.router import clock
from datadog_standin.server import serving
from session_classify.backends.caller import Caller
from session_classify.backends.live import Live
from session_classify.backends.pup import Pup
from session_classify.errors import ClassifyError
from session_classify.gathering.gather import gather
from session_classify.model import Session
from session_classify.vocabulary import Unit
from tests.backends import standin_pup
from tests.backends.conftest import DEMO, KEYS, Server
from tests.backends.test_live import SESSION_ID, Environment, around, gathered, log, session
from tests.cli.run import run
from tests.conftest import every
from tests.processes import ends
from tests.wire.session.test_from_answers import differences

KINDS = "401 403 404 429 500 slow cut truncated empty-page masked".split()
MATRIX = pytest.mark.parametrize("kind", every(KINDS, kept=("429",)))
"""Each kind at each call of a run, which takes hundreds of runs."""
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


class AtOnce(Event):
    """Ends a wait before a call is repeated at once; otherwise as what it stands for."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002
        """Tell at once whether the run was ended."""
        return self.is_set()


Run = Callable[[Path, tuple[Fault, ...]], Live]
"""Gathers the demo's session into a case, through a server with these faults."""


def gathered_here(caller: Caller, case: Path) -> Live:
    """Gather the demo's session in this process: many runs would wait for many interpreters."""
    place = Live(caller, case.with_name(f".{case.name}.answers"), lambda _: None)
    made = False
    try:
        gather(place, Unit.SESSION, SESSION_ID, case)
        made = True
    finally:
        place.done(made=made)
    return place


def matrix(kind: str, folder: Path, run: Run) -> None:
    """Let a fault hit every call of a plan, one a run, and hold each case against the whole one.

    What happened around a session is not needed: no fault there ends a run, and a row that did not
    come is never a new reason to move a verdict.
    """
    whole_live = run(folder / "whole", ())
    whole, found = session(folder / "whole"), around(folder / "whole")
    raw = sorted(path.name for path in (folder / "whole" / "raw").iterdir())
    optional = sum(name.startswith(("analyze_rum", "search_audit")) for name in raw) + 1
    needed = whole_live.meter.calls - optional
    assert needed > 5
    assert optional > 4

    def one(number: int) -> None:
        case, code = folder / f"case {number}", 0
        try:
            run(case, (Fault(Kind(kind), call=number, ms=20),))
        except ClassifyError as error:
            code = error.exit_code
        assert code in (ENDINGS[kind] if number <= needed else {0}), (number, code)
        if code:
            assert not (case / "case.json").exists()
            return
        assert is_whole(session(case), whole) or told(case), number
        if number > needed:
            assert is_whole(session(case), whole), number
            assert around(case) == found or around(case)[1:] != found[1:], number
            heavy = [
                {f["rule"] for f in late if f["tier"] in "A explicit"}
                for late in (around(case)[0], found[0])
            ]
            assert heavy[0] <= heavy[1], number

    for number in range(1, whole_live.meter.calls + 1):
        one(number)


@dataclass(frozen=True, slots=True)
class PupHere(Pup):
    """`pup` in this process: a matrix of faults would wait for thousands of interpreters."""

    def _ran(self, words: tuple[str, ...]) -> tuple[int, bytes, bytes]:
        out, err = StringIO(), StringIO()
        code = standin_pup.main([*words], {"PUP_MOCK_SERVER": self.program}, out, err)
        return code, out.getvalue().encode(), err.getvalue().encode()


@MATRIX
def test_a_fault_at_any_call_of_pup_costs_no_truth(tmp_path: Path, kind: str) -> None:
    """No traceback, no hang, no wrong content: what a case lacks, it says."""
    recording = read_recording([DEMO])

    def run_pup(case: Path, faults: tuple[Fault, ...]) -> Live:
        lag = clock() - recording.newest - 60_000
        with serving(recording, plan=Plan(faults), lag=lag) as server:
            return gathered_here(PupHere(server.url, "datadoghq.com", _closed=AtOnce()), case)

    matrix(kind, tmp_path, run_pup)


@MATRIX
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


@pytest.mark.matrix
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


SERVER = f"'{sys.executable}' -m session_classify serve --demo --latency 120000 --verbose"
UNDER_WAY = {
    "a call of pup": "",
    "a call of the API": "",
    "a call of an MCP server": f'exec {SERVER} 2> "$0.calls"',
    "the start of an MCP server": f"exec {SERVER}",
    "the start of no MCP server": "exec sleep 120",
}
"""What somebody interrupts, and how a server for it is started."""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("what", every(UNDER_WAY, kept=["a call of pup"]))
def test_whoever_interrupts_does_not_wait_for_calls(
    pup: Environment, tmp_path: Path, what: str
) -> None:
    """Ctrl-C ends the run and what it started, long before an answer would come."""
    start = tmp_path / "start"
    pid, calls = Path(f"{start}.pid"), Path(f"{start}.calls")
    start.write_text(f'echo $$ > "$0.pid"; {UNDER_WAY[what]}')
    with serving(read_recording([DEMO]), latency=120_000) as server:

        def is_under_way() -> bool:
            if what == "a call of an MCP server":
                return calls.exists() and calls.stat().st_size > 0
            return bool(server.router.plan.calls) or (pid.exists() and pid.stat().st_size > 0)

        backends = {"a call of pup": "pup", "a call of the API": f"api:{server.url}"}
        backend = backends.get(what, f"mcp:sh '{start}'")
        arguments = ["gather", "session", SESSION_ID, "--backend", backend, "--case"]
        with subprocess.Popen(
            [sys.executable, "-m", "session_classify", *arguments, tmp_path / "c"],
            env={**os.environ, **KEYS, **pup(server.url)},
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            try:
                while not is_under_way():
                    assert running.poll() is None
                    time.sleep(0.01)
                # Python loses a signal that arrives between its last check and a wait for a lock.
                time.sleep(1)
                running.send_signal(signal.SIGINT)
                _, said = running.communicate(timeout=60)
            finally:
                running.kill()

    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert not (tmp_path / "c").exists()
    assert not pid.exists() or ends(pid.read_text().strip())
