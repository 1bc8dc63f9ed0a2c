"""Store a result, and answer with what the run still needs.

A failure changes nothing for the agent: it keeps the original result, and the log gets one line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from hashlib import blake2b

from hook.event import Event, read_event
from hook.store import LOG, Run, captures_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LIMIT = 20
"""Seconds for finding the next calls; the client waits for the hook."""
_LAST = "When there is nothing more to fetch, go on with the skill's gather command."


def capture() -> None:
    """Read the event on stdin, and print the text that the agent reads instead of the result."""
    try:
        event = read_event(sys.stdin.buffer.read().decode("utf-8"))
        if event is None:
            return
        run = Run(event)
        if event.is_search_at_large and not _planned(run, event):
            return  # the agent looks for units, such as those of an app
        run.keep(event)
        text = f"session-classify stored this result. {_next(run, event)}"
        block = {"type": "text", "text": text}
        output = {"hookEventName": "PostToolUse", "updatedMCPToolOutput": [block]}
        sys.stdout.write(json.dumps({"hookSpecificOutput": output}))
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  the agent keeps the original result
        _log(f"{type(error).__name__}: {error}")


def _next(run: Run, event: Event) -> str:
    unit = event.unit
    plans = _planned(run, event)
    if plans:
        kind, name = plans[0]["unit"]
        unit = (kind, name)
        left = plans[0]["calls"].keys() - run.answered()
        if left:
            made = len(plans[0]["calls"]) - len(left)
            return f"{made} of the {len(plans[0]['calls'])} calls of this batch are answered."
        if not run.claim(f"done-{_digest(sorted(plans[0]['calls']))}"):
            return "The reply to another call of this batch names what comes next."
    if unit is None:
        return _LAST
    calls = _missing(run, unit)
    if calls is None:
        return _LAST
    run.plan(unit, calls)
    if not calls:
        named = " ".join(unit)
        return f"Nothing of {named} is missing. Next: gather {named} --backend client"
    listed = "\n".join(calls.values())
    return f"Make these {len(calls)} calls now, side by side, exactly as written:\n{listed}"


def _planned(run: Run, event: Event) -> list[dict[str, Any]]:
    """Return the plans that ask for a call."""
    return [plan for plan in run.plans() if event.key in plan["calls"]]


def _missing(run: Run, unit: tuple[str, str]) -> dict[str, str] | None:
    """Return the calls that a unit still needs, by key; None where nothing here can tell."""
    import subprocess

    from launcher.start import ready_command

    command = ready_command("capture", run.folder, *unit)
    if command is None:
        return None  # the gather command sets up what is missing
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT, check=False
    )
    if done.returncode:
        _log(done.stderr.decode("utf-8", "replace"))
        return None
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _digest(keys: list[str]) -> str:
    return blake2b("".join(keys).encode(), digest_size=8).hexdigest()


def _log(text: str) -> None:
    """Add one line to the log; without a place for it, the text is lost."""
    line = f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {' '.join(text.split())[:500]}\n"
    try:
        os.makedirs(captures_folder(), mode=0o700, exist_ok=True)
        with open(os.path.join(captures_folder(), LOG), "a", encoding="utf-8") as file:
            file.write(line)
    except OSError:
        pass
