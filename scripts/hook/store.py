"""The folder of a run: one file for each captured result, and one plan for each unit."""

from __future__ import annotations

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hook.event import Event

LOG = "capture.log"
_ENDED = 30
"""Seconds after which the client has ended a hook (`hooks/hooks.json`)."""


def captures_folder() -> str:
    """Return the folder of all captured results; `places.captures_folder` is the same one."""
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
        return os.path.join(base, "session-classify", "session-classify", "captures")
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        home = os.path.expanduser("~")
        if not os.path.isabs(home) or home == "/":
            raise OSError("HOME names no folder to store results in")
        mac = os.path.join(home, "Library", "Application Support")
        is_mac = os.uname().sysname == "Darwin"
        base = mac if is_mac else os.path.join(home, ".local", "state")
    return os.path.join(base, "session-classify", "captures")


class Run:
    """The captured results of one run in one conversation."""

    def __init__(self, event: Event) -> None:
        self.folder = os.path.join(captures_folder(), event.conversation, event.invocation)

    def keep(self, event: Event) -> None:
        """Store a result in a file of its own."""
        os.makedirs(self.folder, exist_ok=True)
        self._write(f"{event.key}-{event.use}.jsonl", event.row + "\n")

    def stored(self) -> dict[str, int]:
        """Return how many results are stored, by the key of their call."""
        found: dict[str, int] = {}
        for name in os.listdir(self.folder):
            if name.endswith(".jsonl"):
                key = name.partition("-")[0]
                found[key] = found.get(key, 0) + 1
        return found

    def left(self, plan: dict[str, Any]) -> list[str]:
        """Return the keys of a plan's calls that got no result since it was made."""
        stored = self.stored()
        return [key for key in plan["calls"] if stored.get(key, 0) <= plan["stored"].get(key, 0)]

    def plans(self) -> list[dict[str, Any]]:
        """Return the plans of all units."""
        found: list[dict[str, Any]] = []
        if not os.path.isdir(self.folder):
            return found
        for name in os.listdir(self.folder):
            if name.startswith("plan-"):
                with open(os.path.join(self.folder, name), encoding="utf-8") as file:
                    found.append(json.load(file))
        return found

    def plan(self, unit: tuple[str, str], calls: dict[str, str], stored: dict[str, int]) -> None:
        """Store which calls a unit waits for, their texts by their keys, and what there was."""
        kept = {"unit": unit, "calls": calls, "stored": stored}
        self._write(f"plan-{'-'.join(unit)}.json".replace("/", "_"), json.dumps(kept))

    def claim(self, name: str) -> bool:
        """Return whether this process is the first to claim a name.

        A claim of longer ago than a client waits for a hook is one of a process that was killed.
        """
        path = os.path.join(self.folder, name)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if time.time() - os.path.getmtime(path) < _ENDED:
                return False
            os.utime(path)
        return True

    def give_back(self, name: str) -> None:
        """Let another process claim a name."""
        if name:
            os.unlink(os.path.join(self.folder, name))

    def _write(self, name: str, text: str) -> None:
        path = os.path.join(self.folder, name)
        draft = f"{path}.{os.getpid()}.part"
        try:
            with open(draft, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(draft, path)
        except OSError:
            if os.path.exists(draft):
                os.unlink(draft)
            raise
