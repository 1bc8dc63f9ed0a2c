"""A profile: the tools, actions and assets of one app, as a team describes them in YAML."""

from typing import Annotated, Literal

import msgspec

from session_classify.vocabulary import (
    ActionCategory,
    ActionCondition,
    Direction,
    Seen,
    Tier,
    ToolKind,
)

FORM = __file__
"""The module whose structs a parsed profile has."""
NamePattern = Annotated[str, msgspec.Meta(max_length=1_000)]
"""A pattern of names: `*`, `?` and `[a-z]`, ignoring case."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a profile as it is in the file; an unknown key is refused."""


class Condition(_Written, frozen=True):
    """Holds when the value at a JSONPath of the arguments is in a list, ignoring case."""

    path: str
    values: tuple[str, ...] = msgspec.field(name="in")


class ToolRule(_Written, frozen=True):
    """The kind of the tools whose name matches a pattern, under a condition."""

    name: NamePattern
    kind: ToolKind
    when: Condition | None = None
    source: str = ""
    """Where the name comes from, such as `references/sources/rum.md#assistant-actions`."""


class ActionRule(_Written, frozen=True):
    """The meaning of the RUM actions whose name matches a pattern; the first rule counts."""

    name: NamePattern
    category: ActionCategory
    tier: Tier
    direction: Direction
    when: ActionCondition = ActionCondition.ALWAYS
    where: dict[str, tuple[str, ...]] = {}
    """Fields of the action's payload (`context.reason`) and their values, ignoring case: all hold.

    Rules of one name are tried in order, so the one without `where` comes last.
    """
    note: str = ""
    """What it means, and what its absence does not mean."""
    source: str = ""
    seen: Seen = Seen.LITERAL


class AssetRule(_Written, frozen=True):
    """How one type of asset is named in arguments, results, URLs and API paths."""

    type: str
    """As audit rows name it, such as `dashboard`."""
    arguments: tuple[str, ...] = ()
    """JSONPaths to an id in the arguments of any tool call, or in the returned record."""
    tools: tuple[NamePattern, ...] = ()
    """Patterns of the tools for such assets, such as `*dashboard`."""
    record: tuple[str, ...] = ()
    """JSONPaths to its own id in the arguments and the returned record of those tools."""
    tags: tuple[str, ...] = ()
    """Span tags whose value is an id, such as `dashboard_id`."""
    urls: tuple[str, ...] = ()
    """Paths of pages with `{id}` in them, such as `/dashboard/{id}`."""
    http: tuple[str, ...] = ()
    """API paths with `{id}` in them, such as `/api/v1/dashboard/{id}`."""
    create: tuple[str, ...] = ()
    """API paths that create one, such as `/api/v1/dashboard`."""
    id: str = r"[\w-]+"
    """Regular expression of a whole id: letters, sets, groups, alternatives and repeats."""
    items: tuple[str, ...] = ()
    """Keys of the lists of its parts, such as `widgets`; removing items reduces it."""
    values: tuple[str, ...] = ()
    """Fields whose change overrides its effect, such as a monitor's `query`."""
    wording: tuple[str, ...] = ()
    """Fields whose change is cosmetic, such as `message` and `tags`."""
    source: str = ""


class Verbs(_Written, frozen=True):
    """Words in tool names that tell the kind of tools without a rule."""

    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()
    nouns: frozenset[str] = frozenset()
    """Write verbs that are also nouns: `order_status` orders nothing."""
    about: frozenset[str] = frozenset()
    """Last words of names that query such a noun."""


class Effect(_Written, frozen=True):
    """Words by which an answer states an effect, and the verbs of the tools that have it.

    Source: `references/sources/rules.md#claims`.
    """

    says: frozenset[str] = frozenset()
    """Participles, such as `cancelled`."""
    nouns: frozenset[str] = frozenset()
    """Nouns for the same act, such as `cancellation`."""
    tools: frozenset[str] = frozenset()
    """Words in the names of the tools; without any, a noun beside it tells what was done."""
    money: Literal["", "refunded", "charged"] = ""


class Profile(_Written, frozen=True):
    """The description of an app."""

    app: str
    ml_apps: tuple[NamePattern, ...] = ()
    tools: tuple[ToolRule, ...] = ()
    verbs: Verbs = Verbs()
    effects: tuple[Effect, ...] = ()
    """Effects that an answer states in words of the app; the generic ones always apply as well."""
    assistant: tuple[NamePattern, ...] = ()
    """Patterns of the actions that the app's own interface sends, with or without a rule.

    They identify the assistant's actions, and narrow a query that reached its row limit; they give
    no action a meaning.
    """
    actions: tuple[ActionRule, ...] = ()
    """The first match counts; an action without a rule is ambiguous.

    Source: `references/sources/rum.md#action-patterns`.
    """
    assets: tuple[AssetRule, ...] = ()
    asks: tuple[str, ...] = ()
    """API paths to which a POST calls the assistant, so that a later one calls it again."""
    cases: tuple[str, ...] = ()
    """API paths to which a POST opens a support case."""
    noise: tuple[NamePattern, ...] = ()
    """Patterns of actions that a framework sends by itself: dropped and counted."""
    help: tuple[NamePattern, ...] = ()
    """Patterns of the hosts of documentation, support and community pages."""
