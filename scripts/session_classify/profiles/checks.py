"""Check a profile for duplicate and unreachable rules, and for unsupported weights."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from session_classify.profiles.assets import rule_problems
from session_classify.profiles.patterns import Relation, literal, relation
from session_classify.profiles.profile import ActionRule, AssetRule, Profile, ToolRule
from session_classify.vocabulary import ActionCategory, ActionCondition, Direction, Seen, Tier

_FEEDBACK = {
    ActionCategory.FEEDBACK_POSITIVE: {Direction.POSITIVE},
    ActionCategory.FEEDBACK_NEGATIVE: {Direction.NEGATIVE},
    ActionCategory.FEEDBACK_REASON: set(Direction),
    ActionCategory.FEEDBACK_DETAILS: set(Direction),
    ActionCategory.FEEDBACK_SUBMIT: set(Direction),
}
"""Categories of explicit feedback, with their possible directions."""


class Problem(msgspec.Struct, frozen=True):
    """One problem of a profile."""

    rule: str
    """The rule's place: `actions, click on Submit`."""
    what: str
    fix: str


def problems(profile: Profile, shipped: Iterable[Profile] = ()) -> tuple[Problem, ...]:
    """Return the problems of a profile as it is in its file, without the generic rules.

    `shipped` are the profiles of the package, without the checked one.
    """
    return (
        *_apps(profile, tuple(shipped)),
        *_tools(profile.tools),
        *_order(profile.actions),
        *(problem for rule in profile.actions for problem in _action(rule)),
        *_final_closes(profile.actions),
        *_lists(profile),
        *_drops(profile),
        *_assets(profile.assets),
    )


def _apps(profile: Profile, shipped: tuple[Profile, ...]) -> Iterator[Problem]:
    if not profile.app.strip():
        yield Problem("app", "the profile has no name", "write the name of the app")
    for other in shipped:
        if other.app.lower() == profile.app.lower():
            yield Problem(
                f"app, {profile.app}", "a shipped profile has this name", "choose another name"
            )
        for mine in profile.ml_apps:
            if any(relation(mine, theirs) is not Relation.APART for theirs in other.ml_apps):
                yield Problem(
                    f"ml_apps, {mine}",
                    f"the shipped profile {other.app} claims this app",
                    "leave it out, and choose this profile with --profile",
                )


def _meetings(names: Sequence[str]) -> Iterator[tuple[int, int, Relation]]:
    """Yield the indices of two rules, the earlier one first, that may conflict.

    Two plain names conflict only if they are equal, so that a profile with thousands of them is
    checked quickly. A plain name before a pattern is an exception from it.
    """
    named: defaultdict[str, list[int]] = defaultdict(list)
    wide: list[int] = []
    for place, name in enumerate(names):
        plain = literal(name)
        before = wide if plain is None else [*named[plain], *wide]
        for earlier in before:
            yield earlier, place, relation(names[earlier], name)
        (wide if plain is None else named[plain]).append(place)


def _tools(rules: Sequence[ToolRule]) -> Iterator[Problem]:
    """Yield conflicts of tool rules; rules with different conditions do not conflict."""
    for first, second, how in _meetings([rule.name for rule in rules]):
        earlier, later = rules[first], rules[second]
        if earlier.when is not None and earlier.when != later.when:
            continue
        where = f"tools, {later.name}"
        if how in {Relation.SAME, Relation.AROUND}:
            yield _unreached(where, earlier.name)
        elif how is Relation.CROSSING and earlier.kind is not later.kind:
            yield _crossing(where, earlier.name, "has another kind")


def _order(rules: Sequence[ActionRule]) -> Iterator[Problem]:
    """Yield conflicts of action rules; a specific rule before a general one is correct."""
    for first, second, how in _meetings([rule.name for rule in rules]):
        earlier, later = rules[first], rules[second]
        where = f"actions, {later.name}"
        if earlier.where and earlier.where != later.where:
            continue  # the payload tells the two apart
        if how is Relation.SAME:
            yield Problem(where, "the name is written twice", "drop one of the two rules")
        elif how is Relation.AROUND:
            yield _unreached(where, earlier.name)
        elif how is Relation.CROSSING and _meaning(earlier) != _meaning(later):
            yield _crossing(where, earlier.name, "means something else")


def _meaning(rule: ActionRule) -> tuple[str, ...]:
    return (rule.category, rule.tier, rule.direction, rule.when)


def _unreached(where: str, earlier: str) -> Problem:
    return Problem(
        where,
        f"it is never reached: {earlier} stands before it and matches all its names",
        f"put it before {earlier}, or drop one of the two",
    )


def _crossing(where: str, earlier: str, contrast: str) -> Problem:
    return Problem(
        where,
        f"{earlier} stands before it, matches some of its names and {contrast}",
        "narrow one of the two patterns",
    )


def _action(rule: ActionRule) -> Iterator[Problem]:
    """Yield what is contradictory or unsupported in an action rule."""
    where = f"actions, {rule.name}"
    if rule.tier is Tier.FACT:
        yield Problem(where, "no action is a fact of the trace", "choose another tier")
    if rule.tier is Tier.EXPLICIT and rule.category not in _FEEDBACK:
        yield Problem(
            where,
            f"the explicit tier is for feedback, and its category is {rule.category}",
            "choose a category of feedback, or tier A, B or ambiguous",
        )
    if rule.direction not in _FEEDBACK.get(rule.category, set(Direction)):
        yield Problem(
            where,
            f"{rule.category} cannot be {rule.direction}",
            "correct the category or the direction",
        )
    if rule.tier is Tier.A and rule.when is ActionCondition.ALWAYS:
        yield Problem(
            where,
            "tier A decides on its own, and nothing has to hold beside the name",
            "say with `when` what has to hold, or choose tier B",
        )
    if rule.tier in {Tier.A, Tier.B} and rule.direction is Direction.NEUTRAL:
        yield Problem(
            where,
            f"tier {rule.tier} has no direction",
            "give it a direction, or the tier ambiguous",
        )
    if rule.tier is not Tier.AMBIGUOUS and not rule.source.strip():
        yield Problem(
            where,
            f"tier {rule.tier} without a source",
            "say with `source` which labelled sessions or product knowledge it rests on",
        )
    yield from _spelled(rule)


def _spelled(rule: ActionRule) -> Iterator[Problem]:
    is_literal = literal(rule.name) is not None
    where = f"actions, {rule.name}"
    if not rule.name.strip():
        yield Problem(where, "the name is empty", "write the name, or drop the rule")
    elif rule.seen is Seen.LITERAL and not is_literal:
        yield Problem(
            where,
            "it is said to be seen literally and matches more than one name",
            "say `seen: pattern`, or write `[*]`, `[?]` and `[[]` for the characters themselves",
        )
    elif rule.seen is Seen.PATTERN and is_literal:
        yield Problem(where, "it is a plain name and no pattern", "say `seen: literal`")


def _final_closes(rules: Sequence[ActionRule]) -> Iterator[Problem]:
    """Yield closes that count without a reopen, where no rule could recognize a reopen."""
    if any(rule.category is ActionCategory.OPEN for rule in rules):
        return
    for rule in rules:
        if rule.category is ActionCategory.CLOSE and rule.when is ActionCondition.MID_STREAM:
            yield Problem(
                f"actions, {rule.name}",
                "it counts where no reopen follows, and no rule says what a reopen is called",
                "add a rule with category open, or make it ambiguous",
            )


def _lists(profile: Profile) -> Iterator[Problem]:
    """Yield duplicates and invalid names in lists of names."""
    lists = {
        "ml_apps": profile.ml_apps,
        "assistant": profile.assistant,
        "noise": profile.noise,
        "help": profile.help,
        "assets": tuple(rule.type for rule in profile.assets),
    }
    for key, names in lists.items():
        seen: set[str] = set()
        for name in names:
            if name.lower() in seen:
                yield Problem(f"{key}, {name}", "it is written twice", "drop one of the two")
            if not name.strip():
                yield Problem(key, "a name is empty", "write the name, or drop the line")
            seen.add(name.lower())
    for host in profile.help:
        if "/" in host:
            yield Problem(
                f"help, {host}", "it is not a host", "write the host alone, as in docs.example.com"
            )


def _drops(profile: Profile) -> Iterator[Problem]:
    """Yield action rules that never see an action, because a noise pattern drops it first."""
    for rule in profile.actions:
        for noise in profile.noise:
            if relation(rule.name, noise) in {Relation.SAME, Relation.WITHIN}:
                yield Problem(
                    f"actions, {rule.name}",
                    f"noise {noise} drops it before the rule is looked at",
                    "drop the rule, or narrow the noise",
                )
                break


def _assets(rules: Sequence[AssetRule]) -> Iterator[Problem]:
    """Yield patterns of ids and paths that match nothing."""
    for rule in rules:
        for problem, fix in rule_problems(rule):
            yield Problem(f"assets, {rule.type}", problem, fix)
