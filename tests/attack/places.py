"""Every place of a document where text of others can stand: values, keys, tags, inner JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Step = str | int
INSIDE = "<json>"
"""A step into JSON that travels as a string."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text is planted: steps through the document, and how it is planted there."""

    path: tuple[Step, ...]
    how: str
    """`value` replaces it, `rest` what follows a tag's colon, `key` adds a field beside others."""

    def kind(self, document: Any) -> str:
        """Return the place without positions: equal places of rows of one sort are one kind."""
        words = [_sort(_get(document, self.path[:n]), step) for n, step in enumerate(self.path)]
        return f"{'.'.join(words).replace('.[', '[')} ({self.how})"


def _sort(around: Any, step: Step) -> str:
    """Name a step; a position is named by what says which sort of thing stands there."""
    if isinstance(step, str):
        return step
    thing: Any = around[step]
    for name in ("attributes", "attributes"):
        thing = thing.get(name, thing) if isinstance(thing, dict) else thing
    named = thing if isinstance(thing, dict) else {}
    return f"[{named.get('span_kind') or named.get('action_type') or named.get('role') or ''}]"


def places(document: Any, path: tuple[Step, ...] = ()) -> Iterator[Place]:
    """Yield every place of a JSON value where text can stand."""
    if isinstance(document, dict):
        yield Place(path, "key")
        for key, value in document.items():
            yield from places(value, (*path, key))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from places(value, (*path, number))
    elif isinstance(document, str):
        yield Place(path, "value")
        if len(path) > 1 and path[-2] == "tags" and ":" in document:
            yield Place((*path, document.partition(":")[0]), "rest")
        yield from places(_inner(document), (*path, INSIDE))


def planted(document: Any, place: Place, text: str) -> Any:
    """Return a copy of a document with the text at a place.

    Of an id that ties parts together every place is replaced, so that they stay together.
    """
    if place.how == "rest":
        *path, name = place.path
        return _set(document, tuple(path), f"{name}:{text}")
    old = _get(document, place.path)
    if place.how == "key":
        return _set(document, place.path, {**old, text: next(iter(old.values()), 1)})
    if place.path[-1] in TIES:
        return _renamed(document, old, text)
    return _set(document, place.path, text)


TIES = frozenset({"span_id", "trace_id", "parent_id", "tool_id"})
"""Keys whose values tie rows and messages together."""


def appended(document: Any, place: Place, text: str) -> Any:
    """Return a copy of a document with the text behind the value at a place.

    JSON that travels as a string stays JSON, so nothing is put behind it.
    """
    old = _get(document, place.path)
    return document if _inner(old) is not None else _set(document, place.path, old + text)


def _inner(text: str) -> Any:
    """Return the object or list that a text holds as JSON; None for any other text."""
    try:
        return json.loads(text) if text[:1] in ("{", "[") else None
    except ValueError:
        return None


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, old, new) for item in value]
    return new if value == old else value


def _get(document: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        document = json.loads(document) if step == INSIDE else document[step]
    return document


def _set(document: Any, path: tuple[Step, ...], value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if step == INSIDE:
        return json.dumps(_set(json.loads(document), tuple(rest), value))
    copy = document.copy()
    copy[step] = _set(document[step], tuple(rest), value)
    return copy
