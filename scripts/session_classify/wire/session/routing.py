"""Calls by which one agent of an app hands the conversation to another one of the same app."""

from collections.abc import Iterator

from msgspec.structs import replace

from session_classify.jsontext import parsed
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue, ToolCall, Turn
from session_classify.vocabulary import ToolKind
from session_classify.wire.trace.trees import WORK_KINDS, Tree

_HANDS_ON = frozenset(
    "transfer handoff handover hand delegate escalate route switch forward".split()
)
"""Words of the names of such tools (references/sources/spans.md#handoffs-between-agents)."""
_PEOPLE = frozenset("human humans person people operator staff colleague representative".split())
_WORD = lazy_pattern(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+")


def with_routing(turn: Turn, tree: Tree) -> Turn:
    """Return the turn with its handoffs between agents marked as calls that change nothing.

    The name of such a call, an argument or its result names an agent that has a span in the turn's
    tree. A call that names a person, or an agent without a span, is left as it is.
    """
    agents = {_plain(_words(s.name)) for s in tree.spans if s.kind not in WORK_KINDS} - {""}
    if not agents:
        return turn
    iterations = tuple(
        replace(
            iteration,
            tool_calls=tuple(
                replace(call, kind=ToolKind.READ) if _names_one(call, agents) else call
                for call in iteration.tool_calls
            ),
        )
        for iteration in turn.iterations
    )
    return turn if iterations == turn.iterations else replace(turn, iterations=iterations)


def _names_one(call: ToolCall, agents: set[str]) -> bool:
    words = _words(call.name)
    if not _HANDS_ON.intersection(words) or _PEOPLE.intersection(words):
        return False
    to = words[len(words) - words[::-1].index("to") :] if "to" in words else []
    named = [to, *map(_words, _texts(call.arguments)), *map(_words, _texts(parsed(call.result)))]
    return any(_plain(one) in agents for one in named)


def _texts(value: JsonValue) -> Iterator[str]:
    """Yield a text, or the texts directly in an object or a list."""
    inner = value.values() if isinstance(value, dict) else value
    for item in inner if isinstance(inner, list) or isinstance(value, dict) else [value]:
        if isinstance(item, str) and len(item) <= 200:
            yield item


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name.replace("_", " "))]


def _plain(words: list[str]) -> str:
    """Return a name to compare: `Refund Agent`, `refund_agent` and `refund` are one agent."""
    return "".join(words[:-1] if len(words) > 1 and words[-1] == "agent" else words)
