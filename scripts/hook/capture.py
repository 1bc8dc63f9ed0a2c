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
from session_classify.queries.intents import STORED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LIMIT = 20
"""Seconds for finding the next calls; the client waits for the hook."""
_BATCH = 30
"""Most calls that an agent is told at once."""
_SAID = 300
"""Most characters of an error that the agent is told."""
_LAST = "When there is nothing more to fetch, go on with the skill's gather command."


def capture() -> None:
    """Read the event on stdin, and print the text that the agent reads instead of the result.

    An error stays as it is, and the text is added to it.
    """
    os.umask(0o077)  # all that is stored is for this user alone
    try:
        event = read_event(sys.stdin.buffer.read().decode("utf-8"))
        if event is None:
            return
        run = Run(event)
        if event.is_search_at_large and not _planned(run, event):
            return  # the agent looks for units, such as those of an app
        run.keep(event)
        text = _next(run, event)
        output: dict[str, Any] = {"hookEventName": "PostToolUse"}
        if event.is_error:
            output["additionalContext"] = f"session-classify: this result is an error. {text}"
        else:
            output["updatedMCPToolOutput"] = [{"type": "text", "text": f"{STORED} {text}"}]
        sys.stdout.write(json.dumps({"hookSpecificOutput": output}))
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  the agent keeps the original result
        _log(f"{type(error).__name__}: {error}")


def _next(run: Run, event: Event) -> str:
    """Return what the agent is to do next."""
    unit = event.unit
    plans = _planned(run, event)
    if plans:
        plan = plans[0]
        unit = (plan["unit"][0], plan["unit"][1])
        if left := run.left(plan):
            return _progress(plan, left)
        claim = f"done-{_digest(plan)}"
        if not run.claim(claim):
            return "The reply to another call of this batch names what comes next."
        return _batch(run, unit, claim)
    others = [plan for plan in run.plans() if unit is None or plan["unit"] == [*unit]]
    for plan in others:
        if left := run.left(plan):
            return _progress(plan, left)
    if unit is None and len(others) == 1:
        unit = (others[0]["unit"][0], others[0]["unit"][1])
    return _batch(run, unit) if unit else _LAST


def _batch(run: Run, unit: tuple[str, str], claim: str = "") -> str:
    """Plan the next calls for a unit, and return how the agent is told.

    A `claim` is given back where nothing is planned: a repeated call then tries again.
    """
    stored = run.stored()
    calls, problem = _missing(run, unit)
    if problem:
        run.give_back(claim)
        return f"{problem} {_LAST}"
    batch = dict(list(calls.items())[:_BATCH])
    run.plan(unit, batch, stored)
    if not batch:
        named = " ".join(unit)
        return f"Nothing of {named} is missing. Next: gather {named} --backend client"
    rest = f"; {len(calls) - _BATCH} more follow" if len(calls) > _BATCH else ""
    lines = "\n".join(batch.values())
    return f"Make these {len(batch)} calls now, side by side, exactly as written{rest}:\n{lines}"


def _progress(plan: dict[str, Any], left: list[str]) -> str:
    """Return how far a batch is; its calls are not told again, since they may be under way."""
    count = len(plan["calls"])
    return (
        f"{count - len(left)} of the {count} calls of this batch are answered; one that failed is "
        "to be made again."
    )


def _planned(run: Run, event: Event) -> list[dict[str, Any]]:
    """Return the plans that ask for a call."""
    return [plan for plan in run.plans() if event.key in plan["calls"]]


def _missing(run: Run, unit: tuple[str, str]) -> tuple[dict[str, str], str]:
    """Return the calls that a unit still needs, by key, and why they cannot be told, if so."""
    import subprocess

    from launcher.start import ready_command

    command = ready_command("capture", run.folder, *unit)
    if command is None:
        return {}, "What comes next is told once the command has set itself up."
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT, check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        _log(said)
        return {}, f"What is stored so far cannot be read: {said[:_SAID]}."
    found: dict[str, str] = json.loads(done.stdout)
    return found, ""


def _digest(plan: dict[str, Any]) -> str:
    text = json.dumps([sorted(plan["calls"]), plan["stored"]], sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _log(text: str) -> None:
    """Add one line to the log; without a place for it, the text is lost."""
    line = f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {' '.join(text.split())[:500]}\n"
    try:
        os.makedirs(captures_folder(), exist_ok=True)
        with open(os.path.join(captures_folder(), LOG), "a", encoding="utf-8") as file:
            file.write(line)
    except OSError:
        pass
