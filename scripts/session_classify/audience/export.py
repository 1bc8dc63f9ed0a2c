"""All rows of a query: the API has no pages, so that a larger limit is asked for."""

from collections.abc import Callable
from typing import Any

import msgspec

FIRST = 1_000
"""Rows that an export asks for first; the answer tells how many there are."""
Ask = Callable[[int], dict[str, Any]]
"""Returns the attributes of the answer to a query with this limit."""


class Rows(msgspec.Struct, frozen=True):
    """Rows of users or accounts, and how many match."""

    hits: tuple[dict[str, Any], ...]
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether no matching row is missing."""
        return len(self.hits) >= self.total


def rows_of(attributes: dict[str, Any]) -> Rows:
    """Return the rows of an answer."""
    hits = tuple(attributes.get("hits") or ())
    return Rows(hits, max(int(attributes.get("total") or 0), len(hits)))


def all_rows(ask: Ask, told: Callable[[str], None]) -> Rows:
    """Return all rows, asking again with the total while more of them come.

    The result may lack rows where the API gives no more for one request.
    """
    found = rows_of(ask(FIRST))
    told(f"{len(found.hits):,} of {found.total:,} rows")
    while not found.is_whole:
        more = rows_of(ask(found.total))
        told(f"{len(more.hits):,} of {more.total:,} rows")
        if len(more.hits) <= len(found.hits):
            return more
        found = more
    return found
