"""`make bench`: what `gather` costs beside reading the same lines with `json.loads`.

Whole processes, by the clock and by the system's account of peak memory, in turn, medians. Both
sides are net of the same command on a one-turn bundle in the same round, so start-up cancels out.
The bundles are made up: sessions as a tool-calling app records them, where each model call repeats
the conversation.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from session_classify.population.grouping import units_of
from session_classify.population.sampling import shuffled
from session_classify.wire.trace.spans import read_spans

TURNS = (1, 10, 100)
RUNS = 31
GOAL = 4.0
RULES = "# Rules\n\n" + "".join(
    f"- Rule {n}: do what is asked and nothing else.\n" for n in range(120)
)

CLICK = "import click\n@click.group()\ndef cli(): ...\n@cli.command()\ndef a(): ...\ncli()"
OUR_LOOP = """
import sys
from session_classify.wire.trace.agent_loop import read_loop
from session_classify.wire.answers.envelope import open_envelope
loop = read_loop(open_envelope(open(sys.argv[1], "rb").read(), sys.argv[1]))
count = sum(len(item.tool_calls) for item in loop.turn.iterations)
"""
PLAIN_LOOP = """
import json, sys
loop = json.loads(json.load(open(sys.argv[1]))[0]["text"])
count = sum(len(item["tool_calls"]) for item in loop["iterations"])
"""
LOADS = "import json, sys; rows = [json.loads(line) for line in open(sys.argv[1], 'rb')]"


def rows(turns: int) -> list[dict[str, Any]]:
    """Return a session's spans: a turn asks, the model calls a tool, then answers."""
    history: list[dict[str, Any]] = [{"role": "system", "content": RULES}]
    made = []
    for n in range(turns):
        trace, at = f"trace{n}", 1_795_000_000_000_000_000 + n * 20_000_000_000
        asked = f"Please change order A-{n} for me. " + "It matters a lot. " * 10
        call = {"name": "update_order", "arguments": {"id": f"A-{n}"}, "tool_id": f"c{n}"}
        record = json.dumps(
            {"id": f"A-{n}", "items": [{"sku": f"S-{i}", "n": i} for i in range(30)]}
        )
        history.append({"role": "user", "content": asked})
        first = [{"role": "assistant", "content": "", "tool_calls": [call]}]
        made.append(
            _row(trace, "root", "undefined", "agent", at, {"value": asked}, {"value": "Done."})
        )
        made.append(_model(trace, "one", at + 1, history, first))
        made.append(_row(trace, "tool", "root", "tool", at + 2, {"value": "{}"}, {"value": record}))
        result = {"name": "update_order", "result": record, "tool_id": f"c{n}"}
        history += [*first, {"role": "user", "content": "", "tool_results": [result]}]
        answer = [{"role": "assistant", "content": "Done. " * 40}]
        made.append(_model(trace, "two", at + 3, history, answer))
        history += answer
    return made


def _model(trace: str, name: str, at: int, asked: list[Any], answer: list[Any]) -> dict[str, Any]:
    return _row(trace, name, "root", "llm", at, {"messages": list(asked)}, {"messages": answer})


def _row(
    trace: str, name: str, parent: str, kind: str, at: int, asked: Any, answer: Any
) -> dict[str, Any]:
    parent = parent if parent == "undefined" else f"{trace}-{parent}"
    return {
        "id": f"{trace}-{name}",
        "type": "span",
        "attributes": {
            "span_id": f"{trace}-{name}",
            "trace_id": trace,
            "parent_id": parent,
            "name": "update_order" if kind == "tool" else name,
            "span_kind": kind,
            "status": "ok",
            "start_ns": at,
            "duration": 10**9,
            "ml_app": "bench",
            "tags": ["session_id:bench"],
            "input": asked,
            "output": answer,
        },
    }


def measure(command: list[str]) -> tuple[float, float]:
    """Return the seconds that a process took by the clock, and its peak MiB.

    The system's own account of processor time comes in steps of some milliseconds on many
    machines, too coarse for the difference between one turn and ten.
    """
    start = time.perf_counter()
    pid = os.spawnv(os.P_NOWAIT, command[0], command)  # noqa: S606  wait4 tells its memory
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"bench: {' '.join(command)} ended with status {status}")
    return seconds, usage.ru_maxrss / 1024


def make(folder: Path) -> None:
    """Write the bundles below `folder`."""
    for turns in TURNS:
        (folder / str(turns)).mkdir()
        with (folder / str(turns) / "spans.jsonl").open("w") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows(turns))


def main() -> None:
    """Print a row for each size: net time and memory of both sides, and their ratios."""
    if len(sys.argv) > 1:
        make(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: a child's peak memory starts from its parent's.
        measure([sys.executable, __file__, folder])
        commands = {}
        for turns in TURNS:
            bundle = f"{folder}/{turns}"
            gather = [sys.executable, "-m", "session_classify", "gather", "session", "bench"]
            gather += ["--backend", f"bundle:{bundle}", "--case", f"{folder}/case{turns}"]
            commands[turns, "gather"] = [*gather, "--out", f"{folder}/digest"]
            commands[turns, "loads"] = [sys.executable, "-c", LOADS, f"{bundle}/spans.jsonl"]
        null = os.open(os.devnull, os.O_WRONLY)
        shown = os.dup(1)
        os.dup2(null, 2)
        _report(Path(folder), commands)
        sys.stdout = os.fdopen(shown, "w")
        os.dup2(null, 1)  # of the children; what is printed goes to the copy
        _report_loops(Path(folder))
        _report_redaction()
        _report_behaviour()
        _report_population()
        _report_live(Path(folder))
        _report_start(Path(folder))


def _report(folder: Path, commands: dict[tuple[int, str], list[str]]) -> None:
    found: dict[tuple[int, str], list[tuple[float, float]]] = {key: [] for key in commands}
    for run in range(RUNS + 1):
        # In another order each time: who runs after the largest finds the caches cold.
        for key, command in random.Random(run).sample(list(commands.items()), len(commands)):
            sample = measure(command)
            if run:  # the first round warms caches and compiles modules
                found[key].append(sample)
    print(f"medians of {RUNS} rounds, net of one turn; goal: ratio at most {GOAL:g}, not growing")
    print("turns  MB     gather ms  loads ms  ratio  gather MiB  loads MiB  ratio")
    for turns in TURNS[1:]:
        size = (folder / str(turns) / "spans.jsonl").stat().st_size / 1e6
        cells = [f"{turns:5}", f"{size:5.2f}"]
        for place, unit in ((0, 1_000.0), (1, 1.0)):
            gather, loads = (_net(found, turns, side, place) * unit for side in ("gather", "loads"))
            ratio = gather / loads if loads else 0.0
            cells += [f"{gather:9.1f}", f"{loads:8.1f}", f"{ratio:5.2f}"]
        print("  ".join(cells))


def write_loop(path: Path, megabytes: float) -> None:
    """Write a persisted agent loop: JSON in JSON, emoji, a timeline that repeats everything."""
    result = json.dumps(
        {"rows": [{"id": f"A-{i}", "text": 'say "hi" \U0001f600'} for i in range(400)]}
    )
    one = [{"name": "list_rows", "arguments": {"page": 1}, "result": result}]
    count = max(1, int(megabytes * 1e6 / (len(json.dumps(json.dumps(result))) * 2.2)))
    iterations = [
        {"iteration": n, "status": "ok", "content": "I look \U0001f440 at it.", "tool_calls": one}
        for n in range(1, count + 1)
    ]
    timeline = [
        {"role": "assistant", "iteration": n, "tool_calls": one} for n in range(1, count + 1)
    ]
    text = json.dumps({"iterations": iterations, "timeline": timeline}, ensure_ascii=False)
    blocks = [{"type": "text", "text": text}]
    path.write_text(json.dumps(blocks, indent=2, ensure_ascii=False), encoding="utf-8")


def _report_loops(folder: Path) -> None:
    """Print what reading a persisted loop costs beside the plain way, net of start-up."""
    sizes = (0.02, 10.0, 100.0)
    for size in sizes:
        write = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import bench; "
        write += f"from pathlib import Path; bench.write_loop(Path('{folder}/{size}.json'), {size})"
        measure([sys.executable, "-c", write])
    commands = {
        (size, side): [sys.executable, "-c", code, f"{folder}/{size}.json"]
        for size in sizes
        for side, code in (("ours", OUR_LOOP), ("plain", PLAIN_LOOP))
    }
    found: dict[tuple[float, str], list[tuple[float, float]]] = {key: [] for key in commands}
    for run in range(8):
        for key, command in random.Random(run).sample(list(commands.items()), len(commands)):
            sample = measure(command)
            if run:
                found[key].append(sample)
    print("\nreading a persisted agent loop; goal: at most 0.7 of the time, 0.75 of the memory")
    for size in sizes[1:]:
        megabytes = Path(f"{folder}/{size}.json").stat().st_size / 1e6
        cells = [f"{megabytes:6.1f} MB"]
        for place, name in ((0, "time"), (1, "memory")):
            ours, plain = (
                statistics.median(
                    more[place] - one[place]
                    for more, one in zip(found[size, side], found[sizes[0], side], strict=True)
                )
                for side in ("ours", "plain")
            )
            cells.append(f"{name} {ours / plain:4.2f}")
        print("  ".join(cells))


@contextmanager
def _served(folder: Path, latency: int, *options: str) -> Iterator[str]:
    """Serve the 20 turns in a process of their own and yield the address."""
    command = [sys.executable, "-m", "session_classify", "serve", f"{folder}/20", "--replay"]
    command += ["--latency", str(latency), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield (server.stdout.readline() if server.stdout else "").split()[-1]
        server.terminate()


def _report_live(folder: Path) -> None:
    """Print how many latencies a gathering of 20 turns waits for, by each live backend."""
    (folder / "20").mkdir()
    with (folder / "20" / "spans.jsonl").open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows(20))
    standin = Path(__file__).parent / "backends" / "standin_pup.py"
    program = folder / "pup"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{standin}" "$@"\n')
    program.chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    os.environ |= {"DD_API_KEY": "made-up", "DD_APP_KEY": "made-up"}
    calls = {"api": 1, "pup": 22, "mcp": 22}
    goals = {name: 6.0 if name == "api" else 6.5 for name in calls}
    seconds: dict[tuple[str, int], list[float]] = {}
    for latency in (0, 50):
        with _served(folder, latency) as url, _served(folder, latency, "--mcp", "http") as mcp:
            os.environ["PUP_MOCK_SERVER"] = url
            for run in range(6):
                for name, backend in (("api", f"api:{url}"), ("pup", "pup"), ("mcp", f"mcp:{mcp}")):
                    gather = [sys.executable, "-m", "session_classify", "gather", "session"]
                    gather += ["bench", "--backend", backend, "--case", f"{folder}/live-{name}"]
                    took, _ = measure([*gather, "--out", f"{folder}/digest"])
                    if run:
                        seconds.setdefault((name, latency), []).append(took)
    print("\n20 turns with 50 ms a call: latencies of added time")
    for name, goal in goals.items():
        slow, quick = (statistics.median(seconds[name, latency]) for latency in (50, 0))
        print(
            f"{(slow - quick) / 0.05:5.1f}  {name} ({calls[name]} calls for the session itself; "
            f"goal: at most {goal:.1f})"
        )


HARD = {
    "eyJ": "eyJ" * 100_000,
    "sk-": "T3BlbkFJ sk-" + "a" * 300_000,
    "://": "://" + "a:" * 150_000,
    "JSON after a link": '{"link":"https://x.example"' + ',"t":1' * 50_000 + "}",
    "BEGIN": "-----BEGIN PRIVATE KEY-----" * 11_000,
    "a long key": "-----BEGIN PRIVATE KEY-----\n" + ("A" * 64 + "\n") * 4_600,
    "aws": "aws" * 100_000,
    "xoxb": "xoxb-" + "1-" * 150_000,
}


def _report_redaction() -> None:
    """Print what looking for secrets costs in texts that are made to be hard to search."""
    from session_classify.redaction import without_secrets

    def seconds(text: str) -> float:
        start = time.perf_counter()
        without_secrets(text)
        return time.perf_counter() - start

    seconds("AKIA" + "A" * 16)
    print("\nsecrets in 300 KB, as a multiple of a quarter of it; goal: at most 8")
    for name, text in HARD.items():
        whole, part = (min(seconds(t) for _ in range(3)) for t in (text, text[: len(text) // 4]))
        print(f"{whole / part:5.2f}  {name} ({whole * 1000:.0f} ms)")


def rum_lines(count: int) -> bytes:
    """Return made-up RUM rows of an hour around a session, one a line: views and actions."""
    names = ("command.open", "chat-submit", "perf.scroll", "panel.close", "panel.open", "reveal")
    lines = []
    for n in range(count):
        event: dict[str, Any] = {
            "type": "action",
            "session": {"id": "browser"},
            "view": {"id": f"v{n // 8}", "url": f"https://app.example.com/dashboard/{n % 50}"},
            "usr": {"id": "u-42", "email": "ana@example.com"},
            "action": {"type": "custom", "name": names[n % len(names)]},
            "context": {"tracking": {"status": "ok", "n": n}},
        }
        if n % 8 == 0:
            event |= {"type": "view", "view": {**event["view"], "time_spent": 5 * 10**9}}
        at = 1_795_150_000_000 + n * 3_600_000 // count
        attributes = {"timestamp": at, "attributes": event}
        lines.append(json.dumps({"id": f"r{n}", "type": "rum", "attributes": attributes}))
    return "\n".join(lines).encode()


def _report_behaviour() -> None:
    """Print what reading and bucketing RUM rows costs a row, with ten times as many rows."""
    import tracemalloc
    from datetime import UTC, datetime, timedelta

    from session_classify.evidence.rum.findings import observe
    from session_classify.model import Session, SpanRef, Turn
    from session_classify.profiles.profile import Profile
    from session_classify.vocabulary import ContentSource, Unit
    from session_classify.wire.rum.events import read_rum
    from session_classify.wire.rum.pages import joined

    start = datetime.fromtimestamp(1_795_151_000, UTC)
    turns = tuple(
        Turn(
            n,
            f"t{n}",
            SpanRef("r"),
            start + timedelta(minutes=n),
            start + timedelta(minutes=n, seconds=30),
            "Make a dashboard",
            "See https://app.example.com/dashboard/7",
            ContentSource.MESSAGES,
        )
        for n in range(1, 11)
    )
    session = Session("s", Unit.SESSION, "bench", turns)

    def work(data: bytes) -> None:
        observe(session, joined(read_rum(data, "rum.jsonl")), Profile("bench"), everyone=True)

    def seconds(data: bytes) -> float:
        begun = time.perf_counter()
        work(data)
        return time.perf_counter() - begun

    def peak(data: bytes) -> int:
        tracemalloc.start()
        work(data)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    sizes = (2_000, 20_000)
    lines = {count: rum_lines(count) for count in sizes}
    rounds = [[seconds(lines[count]) / count for count in sizes] for _ in range(21)]
    few, many = (min(column) for column in zip(*rounds, strict=True))
    memory = [peak(lines[count]) / count for count in sizes]
    print("\nRUM rows, a row of 20,000 as a multiple of one of 2,000; goal: at most 1.3")
    print(f"{many / few:5.2f}  time ({many * 1e6:.1f} µs a row)")
    print(f"{memory[1] / memory[0]:5.2f}  memory ({memory[1]:,.0f} bytes a row)")


def _report_population() -> None:
    """Print what grouping and sampling an app costs, beside reading its rows as JSON."""
    print("\nan app, as a multiple of json.loads of its rows; goal: 3, the same for both sizes")
    for sessions in (2_000, 10_000):
        rows = [
            {
                "attributes": {
                    "span_id": f"r{number}",
                    "trace_id": f"{number:032x}",
                    "parent_id": "undefined",
                    "name": "turn",
                    "span_kind": "agent",
                    "start_ns": 1_700_000_000_000_000_000 + number,
                    "duration": 1_000,
                    "ml_app": "made-up",
                    "tags": [
                        f"session_id:made-up-{number // 2}",
                        *(f"key{place}:value {place}" for place in range(8)),
                        "service:web",
                    ],
                    "input": {"value": "What is slow? " * 14},
                    "output": {"value": "Nothing that I see. " * 10},
                    "metrics": {"input_tokens": 900, "output_tokens": 80},
                }
            }
            for number in range(2 * sessions)
        ]
        lines = [json.dumps(row).encode() for row in rows]
        spans = read_spans(lines, "made up").spans
        ratios = []
        for _ in range(5):
            start = time.perf_counter()
            for line in lines:
                json.loads(line)
            between = time.perf_counter()
            shuffled(units_of(spans, "made-up").services, 0)
            ratios.append((time.perf_counter() - between) / (between - start))
        print(f"{statistics.median(ratios):5.2f}  {sessions:,} sessions")


def _daily(script: str, folder: Path) -> dict[str, list[str]]:
    """Return the commands that an agent runs in a session, and the capture hook, on the demo."""
    case, loop = str(folder / "case"), folder / "loop.json"
    subprocess.run([script, "demo", "--case", case], check=True, capture_output=True)
    write_loop(loop, 0.01)
    words = ["--verdict", "no", "--reason", "It was blocked.", "--failure", "hallucination"]
    event = {
        "session_id": "bench",
        "tool_name": "mcp__datadog__get_llmobs_agent_loop",
        "tool_input": {"telemetry": {"intent": "skill:llm-obs-session-classify[ab12cd34] — x"}},
        "tool_response": [{"type": "text", "text": "{}"}],
        "tool_use_id": "toolu_1",
    }
    (folder / "event.json").write_text(json.dumps(event))
    hook = str(Path(__file__).parents[1] / "hooks" / "capture.py")
    piped = ["/bin/sh", "-c", f'"{sys.executable}" "{hook}" < "{folder / "event.json"}"']
    return {
        "show CASE": [script, "show", case],
        "show CASE ID": [script, "show", case, "write1"],
        "verdict": [script, "verdict", case, *words, "--cite", "write1", "--confirm", "claim1"],
        "extract-loop": [script, "extract-loop", str(loop)],
        "report --verbose": [script, "report", case, "--verbose"],
        "capture hook, one result": piped,
    }


def _report_start(folder: Path) -> None:
    """Print what starting costs, beside an empty Python and the smallest click program."""
    script = str(Path(sys.executable).with_name("session-classify"))
    # Without site-packages: it goes on in the private environment, which the first round makes.
    bare = [os.path.realpath(sys.executable), "-S"]
    run_py = str(Path(__file__).parents[1] / "scripts" / "run.py")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "run.py --help, this Python": [sys.executable, run_py, "--help"],
        "run.py --help, private environment": [*bare, run_py, "--help"],
        "smallest click program": [sys.executable, "-c", CLICK, "--help"],
        "session-classify --help": [script, "--help"],
        "session-classify show --help": [script, "show", "--help"],
        **_daily(script, folder),
    }
    samples: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(RUNS + 1):
        for name, command in random.Random(run).sample(list(commands.items()), len(commands)):
            seconds, _ = measure(command)
            if run:
                samples[name].append(seconds)
    base = statistics.median(samples["python -c pass"])
    print("\nstart-up, as a multiple of `python -c pass`; goal: --help 3.8, commands 8, report 12")
    for name, seconds in samples.items():
        print(f"{statistics.median(seconds) / base:5.2f}  {name}")


def _net(
    found: dict[tuple[int, str], list[tuple[float, float]]], turns: int, side: str, place: int
) -> float:
    """Return the median of the rounds' differences to one turn: a drifting machine cancels out."""
    pairs = zip(found[turns, side], found[1, side], strict=True)
    return max(statistics.median(more[place] - one[place] for more, one in pairs), 0.0)


if __name__ == "__main__":
    main()
