"""What is known of one app: its tools, actions and assets, as a team can write it down."""

from typing import Annotated

import msgspec

from session_classify.vocabulary import (
    ActionCategory,
    ActionCondition,
    Direction,
    Seen,
    Tier,
    ToolKind,
)

NamePattern = Annotated[str, msgspec.Meta(max_length=1_000)]
"""A pattern of names: `*`, `?` and `[a-z]`, in any case."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a profile that is written in the file as it is used; an unknown key is refused."""


class Condition(_Written, frozen=True):
    """Holds when the value at a JSONPath of the arguments is one of a list, in any case."""

    path: str
    values: tuple[str, ...] = msgspec.field(name="in")


class ToolRule(_Written, frozen=True):
    """The kind of the tools whose name matches a pattern, in any case, under a condition."""

    name: NamePattern
    kind: ToolKind
    when: Condition | None = None
    source: str = ""
    """Where the name comes from, such as `seed 002, drill-down`."""


class ActionRule(_Written, frozen=True):
    """What a RUM action means whose name matches a pattern, in any case; the first rule counts."""

    name: NamePattern
    category: ActionCategory
    tier: Tier
    direction: Direction
    when: ActionCondition = ActionCondition.ALWAYS
    note: str = ""
    """What it means, and what its absence does not mean."""
    source: str = ""
    seen: Seen = Seen.LITERAL


class AssetRule(_Written, frozen=True):
    """How one type of asset is named: in arguments, in results, in URLs, in paths of the API."""

    type: str
    """As audit rows name it, such as `dashboard`."""
    arguments: tuple[str, ...] = ()
    """JSONPaths to an id in the arguments of any tool's call, or in the record that it returned."""
    tools: tuple[NamePattern, ...] = ()
    """Patterns of the tools that are about such assets, in any case, such as `*dashboard`."""
    record: tuple[str, ...] = ()
    """JSONPaths to its own id in the arguments and the record of a call of those tools."""
    tags: tuple[str, ...] = ()
    """Span tags whose value is an id, such as `dashboard_id`."""
    urls: tuple[str, ...] = ()
    """Paths of pages with `{id}` in them, such as `/dashboard/{id}`."""
    http: tuple[str, ...] = ()
    """Paths of the API with `{id}` in them, such as `/api/v1/dashboard/{id}`."""
    create: tuple[str, ...] = ()
    """Paths of the API that make a new one, such as `/api/v1/dashboard`."""
    id: str = r"[\w-]+"
    """Regular expression of a whole id: letters, sets, groups, alternatives and repeats."""
    items: tuple[str, ...] = ()
    """Keys of the lists that it consists of, such as `widgets`; fewer of them is less of it."""
    values: tuple[str, ...] = ()
    """Fields whose change overrides what it does, such as a monitor's `query`."""
    wording: tuple[str, ...] = ()
    """Fields whose change is cosmetic, such as `message` and `tags`."""
    source: str = ""


class Verbs(_Written, frozen=True):
    """What names tell of the tools that no rule names."""

    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()
    nouns: frozenset[str] = frozenset()
    """Write verbs that are nouns as well: `order_status` orders nothing."""
    about: frozenset[str] = frozenset()
    """Last words of names that ask about such a noun."""


class Profile(_Written, frozen=True):
    """What is known of an app."""

    app: str
    ml_apps: tuple[NamePattern, ...] = ()
    tools: tuple[ToolRule, ...] = ()
    verbs: Verbs = Verbs()
    assistant: tuple[NamePattern, ...] = ()
    """Patterns of the actions that the app's own interface sends, with or without a rule.

    They tell where an action comes from and what a query at its row limit is narrowed to (seed 001,
    Step 4, Query 2); they give no action a meaning.
    """
    actions: tuple[ActionRule, ...] = ()
    """The first that matches counts; an action without a rule is ambiguous (seed 002, Step 4)."""
    assets: tuple[AssetRule, ...] = ()
    asks: tuple[str, ...] = ()
    """Paths of the API to which a POST asks the assistant, so that a later one asks it again."""
    cases: tuple[str, ...] = ()
    """Paths of the API to which a POST opens a support case."""
    noise: tuple[NamePattern, ...] = ()
    """Patterns of actions that a framework sends by itself: dropped and counted."""
    help: tuple[NamePattern, ...] = ()
    """Patterns of the hosts of documentation, support and community."""
