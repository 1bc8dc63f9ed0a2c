"""Bundles and verdicts for reports, out of the short notation of `situations/report-*`.

All of it is made up: Ana's session begins at 12:00, a turn a minute, each of 20 s.
"""

import json
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from session_classify.backends.bundle import open_bundle
from session_classify.events import Times
from session_classify.evidence.conversation.gaps import rum_coverage
from session_classify.evidence.findings import Evidence
from session_classify.gathering.case import Case
from session_classify.gathering.gather import gather
from session_classify.gathering.protocols import TERMS
from session_classify.profiles.load import load_profile
from session_classify.report.verbose import JudgedCase
from session_classify.verdict.answer import Answer
from session_classify.verdict.confidence import confidence
from session_classify.verdict.finalize import VerdictContext, finalize
from session_classify.verdict.reconcile_rules import load_rules
from session_classify.verdict.rules_only import rules_only
from session_classify.verdicts import Verdict
from session_classify.vocabulary import Protocol, Unit
from tests.cli.run import a_bundle as rows_bundle
from tests.cli.run import run
from tests.evidence.audit_rows import raw_rows
from tests.rum_rows import PROFILE, a_rum_row

BASE = datetime(2026, 11, 1, 12, tzinfo=UTC)
SESSION = "0c5e0000-0000-4000-a000-000000000001"
OTHER = "0c5e0000-0000-4000-a000-000000000002"
TRACE = f"{1:032x}"


def a_bundle(situation: dict[str, Any], folder: Path) -> Path:
    """Write spans, RUM and audit rows of a situation; a kind that it does not name has no file."""
    folder.mkdir(parents=True, exist_ok=True)
    turns = all_turns(situation)
    rows = [row for number, turn in enumerate(turns, 1) for row in _spans(turn, number, situation)]
    for other in situation.get("neighbours", []):
        rows += _spans(other, other["minute"], {**situation, "session": OTHER})
    _write(folder / "spans.jsonl", rows)
    if "rum" in situation:
        start = BASE.isoformat().replace("+00:00", "Z")
        events = [one for event in situation["rum"] for one in _repeated(event)]
        rum = [a_rum_row(event, number, start) for number, event in enumerate(events, 1)]
        _write(folder / "rum.jsonl", rum)
    if "audit" in situation:
        end = BASE + timedelta(seconds=60 * (len(turns) - 1) + 20)
        lines = raw_rows({"rows": situation["audit"]}, Times(BASE, end))
        (folder / "audit.jsonl").write_bytes(b"\n".join(lines))
    if "site" in situation:
        (folder / "bundle.json").write_text(json.dumps({"site": situation["site"]}))
    return folder


def all_turns(situation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the turns of a situation; the last one may stand for many."""
    turns = list(situation["turns"])
    return turns + [turns[-1]] * (situation.get("turns_in_all", len(turns)) - len(turns))


def told(situation: dict[str, Any], protocol: Protocol, folder: Path) -> JudgedCase:
    """Gather a situation and judge it as it says, without `answer` by the rules alone."""
    unit = Unit(situation.get("unit", "session"))
    unit_id = TRACE if unit is Unit.TRACE else SESSION
    bundle = open_bundle(a_bundle(situation, folder / "bundle"))
    case, evidence = gather(bundle, unit, unit_id, folder / "case", PROFILE, protocol)
    coverage = case.info.coverage
    if "rum_coverage" in situation:  # what only a backend that answers calls can tell
        coverage = replace(coverage, rum=rum_coverage(**situation["rum_coverage"]))
    return JudgedCase(
        evidence,
        case.events(),
        coverage,
        load_profile(PROFILE),
        judged(situation, case, evidence),
        TERMS[protocol],
        "session-classify report CASE",
    )


def judged(situation: dict[str, Any], case: Case, evidence: Evidence) -> Verdict:
    """Return the verdict of a situation, which the check has to accept."""
    if "answer" not in situation:
        return rules_only(evidence, load_rules())
    answer = msgspec.convert(situation["answer"], Answer)
    shown = frozenset(turn.number for turn in evidence.session.turns)
    level = confidence(evidence.session, case.info.coverage)
    verdict, refusals = finalize(answer, VerdictContext(evidence, shown, level, load_rules()))
    assert refusals == (), refusals
    return verdict


def _repeated(event: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield an event as often as it says, `every` so many seconds, `#` in its texts a number."""
    for n in range(event.get("times", 1)):
        texts = {k: v.replace("#", str(n)) for k, v in event.items() if isinstance(v, str)}
        yield {**event, **texts, "at": event["at"] + n * event.get("every", 0)}


def _spans(turn: dict[str, Any], number: int, situation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the spans of a turn: root, model, tools, model."""
    calls = turn.get("calls", [])
    tags = {"made_up": "true", "ml_app": "made-up-assistant", **situation.get("tags", {})}
    tags |= {
        "session_id": situation.get("session", SESSION),
        "user_handle": "ana@example.com",
        "usr.id": "u-42",
    }
    asked = {"role": "user", "content": turn.get("message", turn["user"])}
    made = [
        {"name": c["tool"], "arguments": c.get("arguments", {}), "tool_id": f"t{number}-{place}"}
        for place, c in enumerate(calls, 1)
    ]
    answered = {"role": "assistant", "content": turn["answer"]}
    root = _span(
        number, "r", 0, 20, turn.get("root", "assistant"), turn.get("kind", "agent"),
        metadata=turn.get("metadata", {}), evaluation=turn.get("evaluations", {}),
        input={"value": turn["user"]}, output={"value": turn["answer"]},
    )  # fmt: skip
    if situation.get("root_alone"):
        rows = [root]
    else:
        first = {"role": "assistant", "content": "", "tool_calls": made} if made else answered
        stop = {"stop_reason": "tool_use" if calls else "end_turn"}
        rows = [
            root,
            _span(
                number, "m1", 1, 5, "anthropic.request", "llm",
                model_name="made-up-model", metadata=stop,
                input={"messages": [asked]}, output={"messages": [first]},
            ),
            *(
                _span(
                    number, f"x{place}", 6, 1, call["tool"], "tool",
                    status=call.get("status", "ok"),
                    input={"value": json.dumps(call.get("arguments", {}))},
                    output={"value": call.get("result", "")},
                )
                for place, call in enumerate(calls, 1)
            ),
        ]  # fmt: skip
        if calls:
            results = [
                {"name": c["tool"], "result": c.get("result", ""), "tool_id": m["tool_id"]}
                for c, m in zip(calls, made, strict=True)
            ]
            rows.append(
                _span(
                    number, "m2", 8, 10, "anthropic.request", "llm",
                    model_name="made-up-model",
                    metadata={"stop_reason": turn.get("stop", "end_turn")},
                    input={"messages": [asked, first, {"role": "tool", "tool_results": results}]},
                    output={"messages": [answered]},
                )
            )  # fmt: skip
    for row in rows:
        if situation.get("models_without_texts") and row["attributes"]["span_kind"] == "llm":
            row["attributes"].pop("input")
            row["attributes"].pop("output")
        row["attributes"]["tags"] = [f"{key}:{value}" for key, value in tags.items()]
    return rows


def _span(
    number: int, name: str, at: float, seconds: float, called: str, kind: str, **fields: Any
) -> dict[str, Any]:
    start = BASE + timedelta(minutes=number - 1, seconds=at)
    span_id = f"{name}-{number}"
    attributes = {
        "span_id": span_id,
        "trace_id": f"{number:032x}",
        "parent_id": "undefined" if name == "r" else f"r-{number}",
        "name": called,
        "span_kind": kind,
        "status": "ok",
        "start_ns": int(start.timestamp()) * 10**9,
        "duration": int(seconds * 10**9),
        "ml_app": "made-up-assistant",
        "metadata": {},
        "metrics": {},
    }
    return {"id": span_id, "type": "span", "attributes": {**attributes, **fields}}


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def failing(
    situation: dict[str, Any], protocol: str, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Gather a situation on the command line; it ends with an error, and makes no case."""
    folder.mkdir(parents=True)
    if "answers" in situation:
        files = [
            folder / f"answer{number}.json" for number, _ in enumerate(situation["answers"], 1)
        ]
        for file, answer in zip(files, situation["answers"], strict=True):
            file.write_text(json.dumps(answer), encoding="utf-8")
        where = ["--backend", f"files:{folder}"]
    elif "rows" in situation:
        where = ["--backend", f"bundle:{rows_bundle(folder, situation['rows'])}"]
    else:
        where = ["--backend", f"bundle:{a_bundle(situation, folder / 'bundle')}"]
    case = folder / "case"
    named = situation.get("asked", ["session", SESSION])
    place = ("--run" if named[:1] == ["app"] else "--case", case)
    done = run("gather", *named, *where, *place, "--protocol", protocol)
    assert not case.exists()
    return done
