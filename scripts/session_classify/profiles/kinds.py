"""The kind of a tool call: by the rules of a profile, else by the verbs in its name."""

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from session_classify.model import Iteration, JsonValue, Session, ToolCall, Turn
from session_classify.profiles.patterns import fits
from session_classify.profiles.profile import Condition, Profile
from session_classify.vocabulary import ToolKind

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath


def tool_kind(profile: Profile, name: str, arguments: JsonValue) -> ToolKind:
    """Return the kind of a call: by the first matching rule, else by the verbs in its name."""
    for rule in profile.tools:
        if fits(name, rule.name) and _holds(rule.when, arguments):
            return rule.kind
    return _kind_by_verbs(profile, name)


def with_kinds(session: Session, profile: Profile) -> Session:
    """Return the session with the kind of every tool call; a retrieval's is already set."""

    def known(call: ToolCall) -> ToolCall:
        if call.kind is not ToolKind.UNKNOWN:
            return call
        return replace(call, kind=tool_kind(profile, call.name, call.arguments))

    def in_iteration(iteration: Iteration) -> Iteration:
        return replace(iteration, tool_calls=tuple(known(call) for call in iteration.tool_calls))

    def in_turn(turn: Turn) -> Turn:
        return replace(turn, iterations=tuple(in_iteration(i) for i in turn.iterations))

    return replace(session, turns=tuple(in_turn(turn) for turn in session.turns))


@cache
def parsed_path(path: str) -> "JSONPath":
    """Return a compiled JSONPath; raises JSONPathError for an invalid one."""
    from jsonpath_ng.parser import parse  # imported here: it takes 18 ms

    return parse(path)


def _holds(when: Condition | None, arguments: JsonValue) -> bool:
    if when is None:
        return True
    allowed = {value.casefold() for value in when.values}
    return any(str(m.value).casefold() in allowed for m in parsed_path(when.path).find(arguments))


def name_words(name: str) -> list[str]:
    """Split a tool's name in snake, kebab, dotted or camel case into lower-case words."""
    return re.findall(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+", name.replace("_", " "))


def _kind_by_verbs(profile: Profile, name: str) -> ToolKind:
    words = [word.lower() for word in name_words(name)]
    verbs = [
        (i, word)
        for i, word in enumerate(words)
        if word in profile.verbs.read | profile.verbs.write
    ]
    if not verbs:
        return ToolKind.UNKNOWN
    place, first = verbs[0]
    if (
        first in profile.verbs.nouns
        and words[-1] in profile.verbs.read | profile.verbs.about
        and len(words) > 1
    ):
        return ToolKind.READ
    joined = [word for i, word in verbs if i == place or words[i - 1] in ("and", "or")]
    return ToolKind.WRITE if any(word in profile.verbs.write for word in joined) else ToolKind.READ
