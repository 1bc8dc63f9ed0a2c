"""The reference of an app: its actions by phase of a session, and its tools."""

from collections.abc import Iterator
from itertools import groupby

import msgspec

from session_classify.profiles.profile import ActionRule, Condition, Profile, ToolRule
from session_classify.vocabulary import ActionCategory, ToolKind

_CHAPTERS = (
    (
        "Opening",
        "The person turns to the assistant.",
        {ActionCategory.OPEN},
    ),
    (
        "Asking",
        "The person writes.",
        {ActionCategory.SEND},
    ),
    (
        "While it answers",
        "The answer is coming, and the person or the browser does something about it.",
        {ActionCategory.ABORT, ActionCategory.RENDER, ActionCategory.CLIENT_TOOL},
    ),
    (
        "Reading",
        "The person looks at what was answered, and at how it came about.",
        {ActionCategory.REVEAL, ActionCategory.LINK},
    ),
    (
        "Acting on proposals",
        "The assistant proposes, and the person decides.",
        {ActionCategory.ACCEPT, ActionCategory.REJECT, ActionCategory.REJECT_ALL},
    ),
    (
        "Feedback",
        "The person's own word about an answer. It stands above the tiers.",
        {
            ActionCategory.FEEDBACK_POSITIVE,
            ActionCategory.FEEDBACK_NEGATIVE,
            ActionCategory.FEEDBACK_REASON,
            ActionCategory.FEEDBACK_DETAILS,
            ActionCategory.FEEDBACK_SUBMIT,
        },
    ),
    (
        "Leaving",
        "The person turns away from the assistant.",
        {ActionCategory.CLOSE},
    ),
    (
        "After",
        "The person works on with what the assistant made.",
        {ActionCategory.ARTIFACT},
    ),
    (
        "Not understood yet",
        "These were seen, and nobody has said yet what they mean.",
        {ActionCategory.OTHER},
    ),
)


class Entry(msgspec.Struct, frozen=True):
    """Actions with the same rule, or with several rules of the same meaning."""

    names: tuple[str, ...]
    rule: ActionRule
    """The common rule; its name is that of the first."""
    is_generic: bool
    """The rule comes from the generic profile."""


class Chapter(msgspec.Struct, frozen=True):
    """One phase of a session."""

    title: str
    about: str
    entries: tuple[Entry, ...]


class Tools(msgspec.Struct, frozen=True):
    """Tools of one kind, under one condition."""

    kind: ToolKind
    when: Condition | None
    is_rest: bool
    """Under a condition, listed in an earlier group, they are of another kind."""
    names: tuple[str, ...]
    sources: tuple[str, ...]


def chapters(profile: Profile, own: Profile) -> tuple[Chapter, ...]:
    """Return the phases of a session for which the profile has actions, in order.

    `own` is the profile as its file has it, without the generic rules.
    """
    found = []
    for title, about, categories in _CHAPTERS:
        rules = [rule for rule in profile.actions if rule.category in categories]
        if rules:
            found.append(Chapter(title, about, tuple(_entries(rules, own))))
    return tuple(found)


def unnamed(profile: Profile) -> tuple[ActionCategory, ...]:
    """Return the categories without any rule in the profile."""
    named = {rule.category for rule in profile.actions} | {ActionCategory.OTHER}
    return tuple(category for category in ActionCategory if category not in named)


def tools(profile: Profile) -> tuple[Tools, ...]:
    """Return the tools with rules in the profile, by kind and condition, in file order."""
    groups: dict[tuple[ToolKind, Condition | None, bool], list[ToolRule]] = {}
    conditional: set[str] = set()
    for rule in profile.tools:
        is_rest = rule.when is None and rule.name in conditional
        groups.setdefault((rule.kind, rule.when, is_rest), []).append(rule)
        if rule.when is not None:
            conditional.add(rule.name)
    return tuple(
        Tools(
            *group,
            tuple(rule.name for rule in rules),
            tuple(dict.fromkeys(rule.source for rule in rules if rule.source)),
        )
        for group, rules in groups.items()
    )


def _entries(rules: list[ActionRule], own: Profile) -> Iterator[Entry]:
    """Yield consecutive rules that differ only in the name as one entry."""
    for _, same in groupby(rules, key=lambda rule: msgspec.structs.replace(rule, name="")):
        group = list(same)
        names = tuple(rule.name for rule in group)
        yield Entry(names, group[0], is_generic=group[0] not in own.actions)
