"""Count the names of RUM actions in answers of any shape."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from session_classify.errors import UnusableInputError
from session_classify.jsontext import UNREADABLE
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.reasons import described
from session_classify.wire.answers.shapes import Shape

_COLUMNS = frozenset({"@action.name", "action.name", "@evt.name"})
"""Names of the action-name column or facet (`references/sources/rum.md#rum-tables`)."""


class _Target(msgspec.Struct):
    name: str | None = None


class _Action(msgspec.Struct):
    name: str | None = None
    target: _Target | None = None


class _Event(msgspec.Struct):
    action: _Action | None = None


class _Outer(msgspec.Struct):
    attributes: _Event | None = None


class _Row(msgspec.Struct):
    attributes: _Outer
    id: str | int | None = None


class _Bucket(msgspec.Struct):
    by: dict[str, str | int | float | bool | None] = {}
    computes: dict[str, int | float | list[dict[str, int | float | str | None]] | None] = {}


class _Buckets(msgspec.Struct):
    buckets: list[_Bucket] | None = None
    data: "_Buckets | None" = None


def action_names(payloads: Iterable[Payload]) -> Counter[str]:
    """Return how often each action was sent, by name, in all the answers together.

    Supported are tables of `analyze_rum_events` with a column `@action.name`, answers of the RUM
    events search, and counts by `@action.name`. An event that is on several pages counts once.
    Raises UnusableInputError for anything else. Source: `references/sources/rum.md#rum-events` and
    the two sections after it.
    """
    names: Counter[str] = Counter()
    seen: set[str] = set()
    for opened in payloads:
        payload, shape, rows = recognized(opened)
        if not payload.is_json:
            for name, count in _of_table(payload, seen):
                names[name] += count
        elif shape is Shape.RUM:
            names.update(_of_events(payload, rows, seen))
        elif shape is Shape.RUM_COUNTS:
            names.update(_of_counts(payload))
        elif shape is not Shape.EMPTY:
            raise UnusableInputError(
                f"{payload.name} holds: {described(payload, shape)}; expected RUM events, "
                "a table or counts of actions"
            )
    return Counter({name: count for name, count in names.items() if name.strip()})


def _of_events(payload: Payload, rows: list[bytes], seen: set[str]) -> Iterator[str]:
    for number, row in enumerate(rows, start=1):
        try:
            event = msgspec.json.decode(row, type=_Row)
        except UNREADABLE as error:
            raise UnusableInputError(
                f"{payload.name}, event {number}: {error}; expected a row of the RUM events search"
            ) from error
        inner = event.attributes.attributes
        action = inner.action if inner else None
        if action is None or (event.id is not None and str(event.id) in seen):
            continue
        if event.id is not None:
            seen.add(str(event.id))
        yield action.name or (action.target.name if action.target else "") or ""


def _of_counts(payload: Payload) -> dict[str, int]:
    try:
        answer = msgspec.json.decode(payload.data, type=_Buckets)
    except UNREADABLE as error:
        raise UnusableInputError(
            f"{payload.name}: {error}; expected buckets of the RUM aggregate"
        ) from error
    buckets = answer.buckets if answer.data is None else answer.data.buckets
    counts: Counter[str] = Counter()
    for bucket in buckets or ():
        facet = next((name for name in bucket.by if name in _COLUMNS), None)
        if facet is None:
            raise UnusableInputError(
                f"{payload.name} counts by {', '.join(bucket.by) or 'nothing'}; expected counts "
                "by @action.name"
            )
        counts[str(bucket.by[facet] or "")] += _total(bucket)
    return counts


def _total(bucket: _Bucket) -> int:
    """Return the first count of a bucket, or the sum of its time series."""
    for count in bucket.computes.values():
        if isinstance(count, int | float):
            return int(count)
        if count is not None:
            values = [point.get("value") for point in count]
            return sum(int(value) for value in values if isinstance(value, int | float))
    return 1


def _of_table(payload: Payload, seen: set[str]) -> Iterator[tuple[str, int]]:
    """Yield the names in a table and how often each row counts.

    Lines around the table have other columns, and every page repeats the header.
    """
    head: list[str] = []
    found = False
    for line in payload.data.decode("utf-8", "replace").splitlines():
        cells = [cell.strip().strip('"') for cell in line.split("\t")]
        if _COLUMNS & set(cells):
            head, found = cells, True
        elif len(cells) == len(head) and line.strip():
            if "timestamp" in head and line in seen:
                continue
            seen.add(line)
            row = dict(zip(head, cells, strict=True))
            count = next((row[cell] for cell in head if cell.lower().startswith("count")), "1")
            name = next(row[cell] for cell in head if cell in _COLUMNS)
            yield name, int(count) if count.isdecimal() else 1
        else:
            head = []
    if not found:
        raise UnusableInputError(
            f"{payload.name} has no column @action.name; expected a table of analyze_rum_events "
            "that selects it"
        )
