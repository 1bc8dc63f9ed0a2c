"""Run the command line as people do: a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def run(
    *arguments: object, cwd: Path | None = None, stdin: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run `session-classify` with the arguments and return what it printed and its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "session_classify", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        input=stdin,
        env={**os.environ, **env},
        check=False,
    )


def a_bundle(folder: Path, rows: Iterable[Any], name: str = "spans.jsonl") -> Path:
    """Write a bundle of span rows; a row may be raw bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    (folder / name).write_bytes(b"\n".join(lines))
    return folder


def a_row(span: str = "r", **fields: Any) -> dict[str, Any]:
    """Return a root span's row of session s-1; made up."""
    attributes = {
        "span_id": span,
        "trace_id": f"t-{span}",
        "parent_id": "undefined",
        "span_kind": "agent",
        "start_ns": 1_795_000_000_000_000_000,
        "duration": 10**9,
        "tags": ["session_id:s-1"],
        "input": {"value": "Hi"},
        "output": {"value": "Hello"},
    }
    return {"id": span, "type": "span", "attributes": {**attributes, **fields}}
