"""A simulated conversation of an agent client: its calls, its transcript, and its hook."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datadog_standin.recording import read_recording
from datadog_standin.router import Router, clock
from datadog_standin.tools import SERVED
from tests.conftest import ROOT

ID = "0a7c5e2e-9c1f-4f0e-8a8c-3f1d2b4c5d6e"
"""The client's id of the conversation."""
TAG = "skill:llm-obs-session-classify[ab12cd34] — made up"
Call = tuple[str, dict[str, Any]]


def search(session_id: str) -> Call:
    """Return the call that the skill names first."""
    arguments = {"tags": {"session_id": session_id}, "root_spans_only": True, "limit": 500}
    window = {"from": "now-90d", "to": "now", "telemetry": {"intent": TAG}}
    return "search_llmobs_spans", {**arguments, **window}


def listed(text: str) -> list[Call]:
    """Return the calls that a text names, each on a line of its own."""
    found = []
    for line in text.splitlines():
        tool, _, arguments = line.removeprefix("- ").partition(" ")
        if tool in SERVED and arguments.startswith("{"):
            found.append((tool, json.loads(arguments)))
    return found


@dataclass
class Conversation:
    """A client in an empty home that talks to a stand-in of Datadog."""

    home: Path
    router: Router
    made: list[Call] = field(default_factory=list)

    @classmethod
    def on(cls, bundle: Path, home: Path) -> "Conversation":
        """Return a conversation about a bundle, whose newest row is a minute old."""
        recording = read_recording([bundle])
        return cls(home, Router(recording, lag=clock() - recording.newest - 60_000))

    @property
    def variables(self) -> dict[str, str]:
        """The environment of the client's tools and hooks."""
        return {"HOME": str(self.home), "CLAUDE_CODE_SESSION_ID": ID, "XDG_STATE_HOME": ""}

    @property
    def transcript(self) -> Path:
        """The client's own record of the conversation."""
        return self.home / ".claude" / "projects" / "-a-project" / f"{ID}.jsonl"

    @property
    def captures(self) -> Path:
        """Where the hook stores results."""
        return self.home / ".local" / "state" / "session-classify" / "captures"

    def answer(self, call: Call) -> list[dict[str, str]]:
        """Return the blocks with which the stand-in answers a call."""
        tool, arguments = call
        self.made.append(call)
        body = {key: value for key, value in arguments.items() if key != "telemetry"}
        answered = self.router.made(SERVED[tool].answer, body)
        return [{"type": "text", "text": text} for text in SERVED[tool].blocks(answered)]

    def event(self, call: Call, response: Any = None) -> dict[str, Any]:
        """Return what the client gives to its hook after a call."""
        response = self.answer(call) if response is None else response
        return {
            "session_id": ID,
            "transcript_path": str(self.transcript),
            "hook_event_name": "PostToolUse",
            "tool_name": f"mcp__datadog-llmo-mcp__{call[0]}",
            "tool_input": call[1],
            "tool_response": response,
            "tool_use_id": f"toolu_{len(self.made):04}",
        }

    def captured(self, call: Call, response: Any = None) -> str:
        """Make a call, or take its response, and return what the hook puts in its place."""
        return replaced(self.hooked(json.dumps(self.event(call, response))))

    def captured_at_once(self, calls: list[Call]) -> list[str]:
        """Make calls side by side and return what the hook puts in place of each result."""
        events = [json.dumps(self.event(call)) for call in calls]
        with ThreadPoolExecutor(8) as pool:
            return [replaced(done) for done in pool.map(self.hooked, events)]

    def hooked(self, event: str, *python: str) -> "subprocess.CompletedProcess[str]":
        """Run the hook as the client does."""
        return subprocess.run(
            [*(python or (sys.executable,)), str(ROOT / "hooks" / "capture.py")],
            input=event,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, **self.variables},
            check=True,
        )

    def recorded(self, calls: list[Call], saved: Path | None = None) -> None:
        """Make calls without a hook: they and their results stand in the transcript alone.

        With `saved`, a large result lies in a file there, and a note names it.
        """
        uses, results = [], []
        for call in calls:
            content: Any = self.answer(call)
            use = f"toolu_{len(self.made):04}"
            if saved:
                saved.mkdir(parents=True, exist_ok=True)
                path = saved / f"mcp-datadog-{call[0]}-{len(self.made)}.txt"
                path.write_text(content[-1]["text"])
                content = (
                    f"Error: result (99,001 characters across 1 line) exceeds maximum allowed "
                    f"tokens. Output has been saved to {path}.\nFormat: Plain text"
                )
            name = f"mcp__datadog__{call[0]}"
            uses.append({"type": "tool_use", "id": use, "name": name, "input": call[1]})
            results.append({"type": "tool_result", "tool_use_id": use, "content": content})
        self.transcript.parent.mkdir(parents=True, exist_ok=True)
        with self.transcript.open("a") as file:
            for role, blocks in (("assistant", uses), ("user", results)):
                row = {"type": role, "message": {"role": role, "content": blocks}}
                file.write(json.dumps(row) + "\n")


def replaced(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the text that a hook's output puts in place of a result; empty without output."""
    assert done.stderr == ""
    if not done.stdout:
        return ""
    output = json.loads(done.stdout)["hookSpecificOutput"]
    assert output["hookEventName"] == "PostToolUse"
    assert len(output) == 2
    added: str = output.get("additionalContext", "")
    return added or str(output["updatedMCPToolOutput"][0]["text"])
