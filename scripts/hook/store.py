"""The folder of a run: one file for each captured result, and one plan for each unit."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hook.event import Event

LOG = "capture.log"


def captures_folder() -> str:
    """Return the folder of all captured results; `places.captures_folder` is the same one."""
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
        return os.path.join(base, "session-classify", "session-classify", "captures")
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        home = os.path.expanduser("~")
        mac = os.path.join(home, "Library", "Application Support")
        is_mac = os.uname().sysname == "Darwin"
        base = mac if is_mac else os.path.join(home, ".local", "state")
    return os.path.join(base, "session-classify", "captures")


class Run:
    """The captured results of one run in one conversation."""

    def __init__(self, event: Event) -> None:
        self.folder = os.path.join(captures_folder(), event.conversation, event.invocation)

    def keep(self, event: Event) -> None:
        """Store a result in a file of its own, readable by this user alone."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self._write(f"{event.key}-{event.use}.jsonl", event.row + "\n")

    def answered(self) -> set[str]:
        """Return the keys of the calls whose results are stored."""
        names = os.listdir(self.folder)
        return {name.partition("-")[0] for name in names if name.endswith(".jsonl")}

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

    def plan(self, unit: tuple[str, str], calls: dict[str, str]) -> None:
        """Store which calls a unit waits for: their texts by their keys."""
        kept = {"unit": unit, "calls": calls}
        self._write(f"plan-{'-'.join(unit)}.json".replace("/", "_"), json.dumps(kept))

    def claim(self, name: str) -> bool:
        """Return whether this process is the first to claim a name."""
        try:
            os.close(os.open(os.path.join(self.folder, name), os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def _write(self, name: str, text: str) -> None:
        path = os.path.join(self.folder, name)
        draft = f"{path}.{os.getpid()}.part"
        with open(
            os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        os.replace(draft, path)
