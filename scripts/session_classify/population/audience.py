"""The users and accounts of an app's units, by the ids on their spans."""

from collections import defaultdict
from collections.abc import Mapping

from session_classify.model import Identity
from session_classify.population.grouping import Units
from session_classify.wire.session.from_rows import first_tags, identity_of
from session_classify.wire.trace.spans import Span

_PERSONAL = ("user_id", "user_email", "user_name")
"""Attributes that tell one person from another: nothing is counted by them."""
_VALUES = 50
"""Most values of an attribute by which a run can be split."""
_LONGEST = 200
"""Most characters of a value."""


def people_of(units: Units) -> dict[str, Identity]:
    """Return whose each unit is, by the tags of its spans, roots first."""
    return {
        unit: identity_of(first_tags(sorted(spans, key=_roots_first)))
        for unit, spans in units.members.items()
    }


def _roots_first(span: Span) -> tuple[bool, int]:
    return bool(span.parent_id), span.start


def facets_of(rows: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, str]]:
    """Return the attributes of units by which a run can be split, as texts.

    What tells persons apart, has many values, or is no plain value is left out.
    """
    values: dict[str, set[str]] = defaultdict(set)
    texts: dict[str, dict[str, str]] = {}
    for unit, row in rows.items():
        texts[unit] = {
            name: str(value)[:_LONGEST]
            for name, value in row.items()
            if name not in _PERSONAL and isinstance(value, str | int | float) and value != ""
        }
        for name, text in texts[unit].items():
            values[name].add(text)
    return {
        unit: {name: text for name, text in own.items() if len(values[name]) <= _VALUES}
        for unit, own in texts.items()
    }
