"""What is printed of a run over an app, for the golden files of summaries."""

import shutil
from pathlib import Path
from typing import Any

from tests.cli.run import a_bundle, a_row, run
from tests.situations import load

_SECOND = 10**9
_START = 1_795_000_000 * _SECOND


def run_texts(folder: Path, made_in: Path) -> dict[str, str]:
    """Return exit code and output of the last of a situation's runs, and its comparison."""
    situation = load(folder / "situation.yaml")
    bundle = a_bundle(made_in / "bundle", rows_of(situation["turns"]))
    is_compared = situation.get("against", False)
    folders = []
    for number, words in enumerate(situation["runs"]):
        folders.append(made_in / f"run{number if is_compared else ''}")
        done = run(
            *("classify", "app", "shop-bot", "--backend", f"bundle:{bundle}"),
            *("--run", folders[-1], *words),
        )
        if number < situation.get("lost", 0):
            _forget_one(folders[-1])
    if is_compared:
        done = run("report", folders[-1], "--against", folders[0])
    told = "" if done.returncode == 0 else done.stderr
    text = f"exit code {done.returncode}\n{done.stdout}{told}"
    return {f"{folder.name}.md": text.replace(str(made_in), "FOLDER")}


def rows_of(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of all units of a situation; each group says how many, and what they hold."""
    rows, unit, trace = [], 0, 0
    for group in groups:
        for _ in range(group["units"]):
            unit += 1
            for _ in range(group.get("turns", 1)):
                trace += 1
                rows += _turn(group, unit, trace)
    return rows


def _turn(group: dict[str, Any], unit: int, trace: int) -> list[dict[str, Any]]:
    named = group.get("named", "session_id")
    tags = [f"service:{group.get('service', 'web')}"]
    tags += [f"{named}:0c5e0000-0000-4000-a000-{unit:012d}"] if named else []
    question, answer = group.get("question", "Where is it?"), group.get("answer", "On its way.")
    kind, top = group.get("kind", "agent"), f"r{trace}"
    common = {
        "trace_id": f"{trace:032x}",
        "ml_app": "shop-bot",
        "tags": tags,
        "start_ns": _START + 60 * trace * _SECOND,
    }
    sides = {"input": {"value": question}, "output": {"value": answer}}
    expected = {"expected_output": {"value": group["expected"]}} if "expected" in group else {}
    rows = [a_row(top, **common, **sides, **expected, span_kind=kind)]
    if kind == "workflow":
        rows.append(a_row(f"a{trace}", **common, **sides, parent_id=top, span_kind="agent"))
    if kind in ("agent", "workflow"):
        asked = {"messages": [{"role": "user", "content": question}]}
        said = {"messages": [{"role": "assistant", "content": answer}]}
        above = top if kind == "agent" else f"a{trace}"
        rows.append(
            a_row(f"m{trace}", **common, parent_id=above, span_kind="llm", input=asked, output=said)
        )
    return rows


def _forget_one(folder: Path) -> None:
    """Leave a run as an interruption does that lost the case and label of its last unit."""
    labels = folder / "labels.jsonl"
    *kept, _ = labels.read_text(encoding="utf-8").splitlines(keepends=True)
    labels.write_text("".join(kept), encoding="utf-8")
    lost = max((folder / "cases").iterdir())
    shutil.rmtree(lost)
