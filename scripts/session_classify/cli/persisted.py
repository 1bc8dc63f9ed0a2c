"""What the verbs on persisted results share: reading them from files or standard input."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from session_classify.errors import UsageError
from session_classify.model import Session, Turn
from session_classify.vocabulary import Unit
from session_classify.wire.agent_loop import Loop, read_loop
from session_classify.wire.envelope import open_envelope


def read_loops(paths: tuple[str, ...]) -> Iterator[Loop]:
    """Yield the agent loop of each file, in the order they were named; `-` is standard input."""
    for path in paths:
        try:
            data = sys.stdin.buffer.read() if path == "-" else Path(path).expanduser().read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
        yield read_loop(open_envelope(data, path))


def session_of(loops: list[Loop]) -> Session:
    """Return the session whose turns the loops are, in their order; calls are numbered through."""
    turns: list[Turn] = []
    count = 0
    for loop in loops:
        if loop.turn is None:
            continue
        iterations = []
        for iteration in loop.turn.iterations:
            calls = tuple(
                replace(call, id=f"tool{count + place}")
                for place, call in enumerate(iteration.tool_calls, start=1)
            )
            count += len(calls)
            iterations.append(replace(iteration, tool_calls=calls))
        number = len(turns) + 1
        turns.append(replace(loop.turn, number=number, iterations=tuple(iterations)))
    policies = dict.fromkeys(policy for loop in loops for policy in loop.policies)
    return Session("", Unit.SESSION, "", tuple(turns), policies=tuple(policies))
