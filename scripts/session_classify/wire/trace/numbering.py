"""Number turns and tool calls through a session."""

from msgspec.structs import replace

from session_classify.model import Turn


def renumbered(turn: Turn, number: int, before: int) -> Turn:
    """Return the turn as the session's `number`-th, after `before` earlier calls."""
    iterations = []
    for iteration in turn.iterations:
        calls = tuple(
            replace(call, id=f"tool{before + place}")
            for place, call in enumerate(iteration.tool_calls, start=1)
        )
        before += len(calls)
        iterations.append(replace(iteration, tool_calls=calls))
    return replace(turn, number=number, iterations=tuple(iterations))
