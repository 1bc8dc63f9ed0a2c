"""Whether a join attribute is fit for a connection: set for most rows, and unique."""

from collections.abc import Callable
from typing import Any

import msgspec

from session_classify.audience.export import rows_of
from session_classify.audience.operations import FACETS, QUERIES, Request, read

_MOST = 0.8
"""From this share of rows on, an attribute is set for most."""
_VALUES = 1_000
"""Values that are looked at; the API lists the most frequent ones first."""
Ask = Callable[[Request], dict[str, Any]]
"""Returns the attributes of an answer."""


class Join(msgspec.Struct, frozen=True):
    """What the API tells of an attribute."""

    entity: str
    attribute: str
    total: int
    """All rows."""
    have: int
    """Rows in which it is set."""
    repeated: dict[str, int]
    """Values that several rows have, with how many."""
    is_whole: bool
    """Whether every value was looked at."""

    @property
    def share(self) -> float:
        """The share of rows in which it is set."""
        return self.have / self.total if self.total else 0.0

    @property
    def problems(self) -> tuple[str, ...]:
        """Why a connection should not join on it; none where nothing speaks against it."""
        found = []
        if self.share < _MOST:
            found.append(
                f"{self.attribute} is set for {self.share:.0%} of {self.entity}: the others get "
                "no fields"
            )
        if self.repeated:
            rows = sum(self.repeated.values())
            found.append(
                f"{self.attribute} is not unique: {rows:,} {self.entity} share "
                f"{len(self.repeated):,} values, and get the same fields"
            )
        return tuple(found)


def look(entity: str, attribute: str, ask: Ask) -> Join:
    """Return what the API tells of an attribute, by three reads."""

    def count(query: str) -> int:
        return rows_of(ask(read(QUERIES[entity], {"query": query, "limit": 1}))).total

    total, have = count("*"), count(f"{attribute}:*")
    facet = {"facet_id": attribute, "limit": _VALUES, "search": {"query": "*"}}
    values = (ask(read(FACETS[entity], facet)).get("result") or {}).get("values") or []
    counts = {str(one.get("value")): int(one.get("count") or 0) for one in values}
    repeated = {value: number for value, number in counts.items() if number > 1 and value}
    return Join(entity, attribute, total, have, repeated, sum(counts.values()) >= have)


def lines_of(join: Join) -> list[str]:
    """Return a finding in lines, the conclusion first."""
    if join.problems:
        head = f"{join.attribute} is a poor join attribute of {join.entity}"
    elif join.is_whole:
        head = f"{join.attribute} is a good join attribute of {join.entity}"
    else:
        head = f"nothing speaks against {join.attribute} as a join attribute of {join.entity}"
    looked = "every value" if join.is_whole else f"the {_VALUES:,} most frequent values"
    return [
        head,
        f"  set for {join.have:,} of {join.total:,} ({join.share:.0%})",
        f"  unique: {'no' if join.repeated else 'yes'} ({looked} looked at)",
        *(f"  - {problem}" for problem in join.problems),
        *(f"  - {value} has {number:,}" for value, number in list(join.repeated.items())[:5]),
    ]
