"""The first profile of an app: every action and tool seen, without a meaning yet."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from session_classify.profiles.kinds import tool_kind
from session_classify.profiles.patterns import as_pattern, fits
from session_classify.profiles.profile import ActionRule, Profile
from session_classify.vocabulary import ToolKind


class SeenAction(msgspec.Struct, frozen=True):
    """An action that sessions of the app sent."""

    name: str
    """As a pattern that matches exactly the name."""
    count: int
    fallback: ActionRule | None = None
    """The generic rule for the name, which a rule of its own would override."""


class SeenTool(msgspec.Struct, frozen=True):
    """A tool that the agent called, with the kind that the verbs in its name suggest."""

    name: str
    """As a pattern that matches exactly the name."""
    count: int
    kind: ToolKind


class Starter(msgspec.Struct, frozen=True):
    """The content of a first profile, most frequent names first."""

    app: str
    ml_app: str
    """As a pattern that matches exactly the app's name."""
    actions: tuple[SeenAction, ...]
    tools: tuple[SeenTool, ...]


def starter(
    app: str, actions: Mapping[str, int], tools: Mapping[str, int], generic: Profile
) -> Starter:
    """Return the first profile of an app from names and their counts.

    Spellings that differ only in case are one name, as rules ignore case.
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
    """Return names and counts, most frequent first; the most frequent spelling is kept."""
    totals: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if name.strip():
            spelled.setdefault(name.lower(), name)
            totals[name.lower()] += count
    order = sorted(totals, key=lambda name: (-totals[name], name))
    return [(spelled[name], totals[name]) for name in order]
