"""What a session comes to: everything that planted text must not change."""

import json
from pathlib import Path
from typing import Any

from session_classify.vocabulary import FAILURE_CODES

Outcomes = dict[str, Any]


def outcomes(case: Path) -> Outcomes:
    """Return what a case says of its session, without a word of the trace."""
    session, found = _read(case, "session.json"), _read(case, "findings.json") or []
    # Words to the reader are found by right, and move nothing.
    found = [finding for finding in found if not finding["id"].startswith("addressed")]
    verdict = _read(case, "verdict.json") or {}
    turns = session["turns"] if session else []
    calls = [call for turn in turns for step in turn["iterations"] for call in step["tool_calls"]]
    return {
        "turns": [
            [turn["content_source"], turn["status"] == "error", turn["truncated"], turn["masked"]]
            for turn in turns
        ],
        "kinds": [call["kind"] for call in calls],
        "findings": [
            [f[name] for name in ("id", "tier", "direction", "outcome", "needs_reading", "turn")]
            for f in found
        ],
        "rules": [f["rule"] for f in found if not f["id"].startswith(("eval", "feedback"))],
        "verdict": [verdict.get(name) for name in ("verdict", "trace_verdict", "reconciled")],
        "failures": [
            failure["code"] if failure["code"] in FAILURE_CODES else "unknown"
            for failure in verdict.get("failures", ())
        ],
        "moves": [[m["before"], m["after"], m["rule"]] for m in verdict.get("moves", ())],
        "confidence": verdict.get("confidence"),
    }


def _read(case: Path, name: str) -> Any:
    path = case / name
    return json.loads(path.read_bytes()) if path.is_file() else None
