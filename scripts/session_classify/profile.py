"""App profiles: what the tools of one app do, as data that a team can write for its own app."""

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from session_classify.errors import UsageError
from session_classify.model import Iteration, JsonValue, Session, ToolCall, Turn
from session_classify.resources import resource
from session_classify.vocabulary import ToolKind

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when the value at a JSONPath of the arguments is one of a list, in any case."""

    path: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToolRule:
    """The kind of the tools whose name matches a pattern, in any case, under a condition."""

    name: str
    kind: ToolKind
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of an app; `read` and `write` are verbs for the tools that no rule names."""

    app: str
    ml_apps: tuple[str, ...]
    tools: tuple[ToolRule, ...]
    read: frozenset[str]
    write: frozenset[str]
    nouns: frozenset[str]
    """Write verbs that are nouns as well: `order_status` orders nothing."""
    about: frozenset[str]
    """Last words of names that ask about such a noun."""


class _ConditionFile(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    values: list[str] = msgspec.field(name="in")


class _ToolFile(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    kind: ToolKind
    when: _ConditionFile | None = None


class _VerbsFile(msgspec.Struct, forbid_unknown_fields=True):
    read: list[str]
    write: list[str]
    nouns: list[str] = []
    about: list[str] = []


class _ProfileFile(msgspec.Struct, forbid_unknown_fields=True):
    app: str
    ml_apps: list[str] = []
    tools: list[_ToolFile] = []
    verbs: _VerbsFile | None = None


def load_profile(path: Path) -> Profile:
    """Read a profile file.

    One without verbs of its own uses the generic ones, and the generic tool rules after its own.

    Raises UsageError, naming the field, when the file does not hold a profile.
    """
    import yaml  # 13 ms that only the verbs with a profile pay

    try:
        # The C loader reads a profile in a tenth of the time; it is missing where libyaml is.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        data = msgspec.convert(yaml.load(path.read_bytes(), loader), _ProfileFile)  # noqa: S506
    except OSError as error:
        raise UsageError(f"cannot read profile {path}: {error.strerror}") from error
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"{path} is not an app profile: {first}; see references/apps/") from error
    rules = tuple(_rule(tool) for tool in data.tools)
    verbs = data.verbs
    if verbs is None:
        # Rules of its own come first; the generic ones know handovers by their names.
        generic = generic_profile()
        return replace(
            generic, app=data.app, ml_apps=tuple(data.ml_apps), tools=rules + generic.tools
        )
    words = [frozenset(words) for words in (verbs.read, verbs.write, verbs.nouns, verbs.about)]
    return Profile(data.app, tuple(data.ml_apps), rules, *words)


@cache
def generic_profile() -> Profile:
    """Return the profile of an app that nobody described."""
    return load_profile(resource("references", "apps", "generic.yaml"))


def choose_profile(ml_app: str, path: Path | None = None) -> Profile:
    """Return the profile at `path`, else the shipped one that names the app, else the generic."""
    if path is not None:
        return load_profile(path)
    for file in sorted(resource("references", "apps").glob("*.yaml")):
        profile = load_profile(file)
        if any(fnmatchcase(ml_app, pattern) for pattern in profile.ml_apps):
            return profile
    return generic_profile()


def tool_kind(profile: Profile, name: str, arguments: JsonValue) -> ToolKind:
    """Return what a call does: by the first rule that fits, else by the verbs in its name."""
    for rule in profile.tools:
        if fnmatchcase(name.lower(), rule.name.lower()) and _holds(rule.when, arguments):
            return rule.kind
    return _kind_by_verbs(profile, name)


def with_kinds(session: Session, profile: Profile) -> Session:
    """Return the session with every tool call's kind filled in; a retrieval's is known before."""

    def known(call: ToolCall) -> ToolCall:
        if call.kind is not ToolKind.UNKNOWN:
            return call
        return replace(call, kind=tool_kind(profile, call.name, call.arguments))

    def in_iteration(iteration: Iteration) -> Iteration:
        return replace(iteration, tool_calls=tuple(known(call) for call in iteration.tool_calls))

    def in_turn(turn: Turn) -> Turn:
        return replace(turn, iterations=tuple(in_iteration(i) for i in turn.iterations))

    return replace(session, turns=tuple(in_turn(turn) for turn in session.turns))


def _rule(tool: _ToolFile) -> ToolRule:
    """Make a rule; raises UsageError for a path that is no JSONPath, before any data is read."""
    if tool.when is not None:
        from jsonpath_ng import exceptions

        try:
            _parsed_path(tool.when.path)
        except exceptions.JSONPathError as error:
            problem = " ".join(str(error).split())
            raise UsageError(
                f"{tool.when.path!r} of {tool.name} is no JSONPath: {problem}"
            ) from error
    when = Condition(tool.when.path, tuple(tool.when.values)) if tool.when else None
    return ToolRule(tool.name, tool.kind, when)


@cache
def _parsed_path(path: str) -> "JSONPath":
    from jsonpath_ng.parser import parse  # 18 ms that only a profile with conditions pays

    return parse(path)


def _holds(when: Condition | None, arguments: JsonValue) -> bool:
    if when is None:
        return True
    allowed = {value.casefold() for value in when.values}
    return any(str(m.value).casefold() in allowed for m in _parsed_path(when.path).find(arguments))


def name_words(name: str) -> list[str]:
    """Split a tool's name in snake, kebab, dotted or camel case into lower-case words."""
    return re.findall(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+", name.replace("_", " "))


def _kind_by_verbs(profile: Profile, name: str) -> ToolKind:
    words = [word.lower() for word in name_words(name)]
    verbs = [(i, word) for i, word in enumerate(words) if word in profile.read | profile.write]
    if not verbs:
        return ToolKind.UNKNOWN
    place, first = verbs[0]
    if first in profile.nouns and words[-1] in profile.read | profile.about and len(words) > 1:
        return ToolKind.READ
    joined = [word for i, word in verbs if i == place or words[i - 1] in ("and", "or")]
    return ToolKind.WRITE if any(word in profile.write for word in joined) else ToolKind.READ
