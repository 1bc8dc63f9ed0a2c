"""The first profile of an app: every action and tool that was seen, not understood yet."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from session_classify.profiles.kinds import tool_kind
from session_classify.profiles.patterns import as_pattern, fits
from session_classify.profiles.profile import ActionRule, Profile
from session_classify.vocabulary import ToolKind


@dataclass(frozen=True, slots=True)
class SeenAction:
    """An action that sessions of the app sent."""

    name: str
    """As a pattern that matches the name alone."""
    count: int
    fallback: ActionRule | None = None
    """What the generic profile says of the name, and a rule of its own would overrule."""


@dataclass(frozen=True, slots=True)
class SeenTool:
    """A tool that the agent called, and what the verbs in its name let guess."""

    name: str
    """As a pattern that matches the name alone."""
    count: int
    kind: ToolKind


@dataclass(frozen=True, slots=True)
class Starter:
    """What a first profile is written from, most frequent names first."""

    app: str
    ml_app: str
    """As a pattern that matches the app's name alone."""
    actions: tuple[SeenAction, ...]
    tools: tuple[SeenTool, ...]


def starter(
    app: str, actions: Mapping[str, int], tools: Mapping[str, int], generic: Profile
) -> Starter:
    """Return the first profile of an app from names and their counts.

    Spellings that differ in case alone are one name, as rules match in any case.
    """
    return Starter(
        app,
        as_pattern(app),
        tuple(
            SeenAction(as_pattern(name), count, _fallback(name, generic))
            for name, count in _merged(actions)
        ),
        tuple(
            SeenTool(as_pattern(name), count, tool_kind(generic, name, {}))
            for name, count in _merged(tools)
        ),
    )


def _fallback(name: str, generic: Profile) -> ActionRule | None:
    rules = (rule for rule in generic.actions if fits(name, rule.name))
    return next(rules, None)


def _merged(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return names and counts, most frequent first; the most frequent spelling stands for all."""
    totals: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if name.strip():
            spelled.setdefault(name.lower(), name)
            totals[name.lower()] += count
    order = sorted(totals, key=lambda name: (-totals[name], name))
    return [(spelled[name], totals[name]) for name in order]
