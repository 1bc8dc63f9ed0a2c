"""Compare two states of an asset: items, values, wording, and other fields."""

from collections.abc import Iterator

import msgspec

from session_classify.evidence.conversation.records import FieldChange, changes, record_id
from session_classify.evidence.results.text import short
from session_classify.jsontext import compact_json
from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue
from session_classify.profiles.profile import AssetRule

_PARTS = lazy_pattern(r"[.\[\]]+")
_BOOKKEEPING = frozenset(
    """modified modified_at modified_by created created_at created_by updated_at updated_by version
    author author_handle author_name author_info creator last_modified last_modified_at url
    overall_state overall_state_modified matching_downtimes etag""".split()
)
"""Fields that a server sets by itself, such as who saved last and when."""
_PLACE = ("id", "layout")


class Item(msgspec.Struct, frozen=True):
    """One item of an asset: a widget, a cell."""

    key: str
    """Its id, or the item itself as JSON where it has none."""
    container: str
    """Key of the item that contains it; empty at the top level."""
    content: JsonValue
    """The item without its id, its layout and its nested items."""
    layout: JsonValue
    label: str
    has_id: bool


class AssetDiff(msgspec.Struct, frozen=True):
    """The differences between two states of an asset."""

    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    """The changed items, in their state before."""
    moved: tuple[Item, ...] = ()
    values: tuple[FieldChange, ...] = ()
    """Fields whose change overrides what the asset does."""
    wording: tuple[FieldChange, ...] = ()
    """Fields whose change is cosmetic."""
    other: tuple[FieldChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing differs except bookkeeping fields."""
        return not (self.moved or self.wording or self.is_of_substance)

    @property
    def is_of_substance(self) -> bool:
        """The change is more than wording and layout."""
        return bool(self.added or self.removed or self.changed or self.values or self.other)

    @property
    def fields(self) -> frozenset[str]:
        """Names of the changed values and other fields, without their path."""
        return frozenset(part for c in (*self.values, *self.other) for part in _parts(c.path))

    def __str__(self) -> str:
        """Describe the difference in one line."""
        differences = [
            f"{len(items)} {word} ({', '.join(item.label for item in items[:3])}"
            + (", …)" if len(items) > 3 else ")")
            for word in ("added", "removed", "changed", "moved")
            if (items := getattr(self, word))
        ]
        for word, fields in (("", self.values), ("wording ", self.wording), ("", self.other)):
            if fields:
                more = f" and {len(fields) - 3} more fields" if len(fields) > 3 else ""
                differences.append(
                    word + ", ".join(_field_change(change) for change in fields[:3]) + more
                )
        return "; ".join(differences) or "nothing that a person sees"


def diff_states(before: JsonValue, after: JsonValue, rule: AssetRule | None) -> AssetDiff | None:
    """Return how two states differ; None where one of them is not recorded.

    `rule` names the lists that hold items, and the meaning of fields. Without it, every list of
    objects is a list of items, and all fields have equal weight. Source:
    `references/sources/audit.md#audit-signals`.
    """
    if not isinstance(before, dict) or not isinstance(after, dict) or not before or not after:
        return None
    names = frozenset(rule.items) if rule else _lists(before) | _lists(after)
    fields = [
        change
        for change in changes(_without(before, names), _without(after, names), nulls=True)
        if not _BOOKKEEPING & set(_parts(change.path))
    ]
    values = [c for c in fields if rule and set(rule.values) & set(_parts(c.path))]
    wording = [c for c in fields if rule and set(rule.wording) & set(_parts(c.path))]
    old, new = list(items_of(before, names)), list(items_of(after, names))
    pairs = _pairs(old, new)
    gone, come = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
    return AssetDiff(
        added=tuple(item for item in new if id(item) not in come),
        removed=tuple(item for item in old if id(item) not in gone),
        changed=tuple(one for one, other in pairs if one.content != other.content),
        moved=tuple(_moved(pairs, old, new)),
        values=tuple(values),
        wording=tuple(c for c in wording if c not in values),
        other=tuple(c for c in fields if c not in values and c not in wording),
    )


def items_of(state: JsonValue, names: frozenset[str], container: str = "") -> Iterator[Item]:
    """Yield the items of a state in order, each before its nested items."""
    if not isinstance(state, dict):
        return
    for name, value in state.items():
        if name in names and isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    item = _item(entry, names, container)
                    yield item
                    yield from items_of(entry, names, item.key)
        elif isinstance(value, dict):
            yield from items_of(value, names, container)


def _item(entry: dict[str, JsonValue], names: frozenset[str], container: str) -> Item:
    content = _without({k: v for k, v in entry.items() if k not in _PLACE}, names)
    own = str(entry["id"]) if isinstance(entry.get("id"), str | int) else ""
    inner = entry.get("definition") or entry.get("attributes") or entry
    named = inner if isinstance(inner, dict) else entry
    name = next((named[k] for k in ("title", "name", "text", "type") if named.get(k)), "")
    label = short(f"{name} {own}") or short(record_id(entry)) or "item"
    key = own or compact_json(content)
    return Item(key, container, content, entry.get("layout"), label, bool(own))


def _without(state: JsonValue, names: frozenset[str]) -> JsonValue:
    """Return a state without its lists of items."""
    if not isinstance(state, dict):
        return state
    return {
        key: _without(value, names)
        for key, value in state.items()
        if not (key in names and isinstance(value, list))
    }


def _lists(state: dict[str, JsonValue]) -> frozenset[str]:
    """Return the names of a state's lists of objects, on the first two levels."""
    found = set()
    for inside in (state, *(value for value in state.values() if isinstance(value, dict))):
        for key, value in inside.items():
            if isinstance(value, list) and value and all(isinstance(i, dict) for i in value):
                found.add(key)
    return frozenset(found)


def _pairs(old: list[Item], new: list[Item]) -> list[tuple[Item, Item]]:
    """Match items by id, then by content, then by position where they have no id."""
    pairs: list[tuple[Item, Item]] = []
    for same in (_by_id, _by_content, _by_place):
        taken = {id(item) for pair in pairs for item in pair}
        waiting: dict[object, list[Item]] = {}
        for place, item in enumerate(new):
            if id(item) not in taken and (key := same(item, place)):
                waiting.setdefault(key, []).append(item)
        for place, item in enumerate(old):
            if id(item) not in taken and (found := waiting.get(same(item, place))):
                pairs.append((item, found.pop(0)))
    return pairs


def _by_id(item: Item, _: int) -> object:
    return item.key if item.has_id else None


def _by_content(item: Item, _: int) -> object:
    return compact_json(item.content) if item.content else None


def _by_place(item: Item, place: int) -> object:
    return None if item.has_id else (item.container, place)


def _moved(pairs: list[tuple[Item, Item]], old: list[Item], new: list[Item]) -> Iterator[Item]:
    """Yield the items that moved: to another container, layout or order."""
    from difflib import SequenceMatcher  # only a diff needs it

    partner = {id(other): one for one, other in pairs}
    kept = {id(one) for one, _ in pairs}
    before = [id(item) for item in old if id(item) in kept]
    after = [id(partner[id(item)]) for item in new if id(item) in partner]
    in_order = {
        before[i]
        for block in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks()
        for i in range(block.a, block.a + block.size)
    }
    containers = {one.key: other.key for one, other in pairs}
    for one, other in pairs:
        elsewhere = containers.get(one.container, one.container) != other.container
        if elsewhere or one.layout != other.layout or id(one) not in in_order:
            yield one


def _parts(path: str) -> list[str]:
    return [part for part in _PARTS.split(path) if part]


def _field_change(change: FieldChange) -> str:
    before, after = (short(compact_json(value)) for value in (change.before, change.after))
    return f"{short(change.path)}: {before} -> {after}"
