"""Names of attributes in requests, held against the mapping of their entity."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from session_classify.audience.query import Name
from session_classify.errors import UsageError

COUNTED = ("events_count",)
"""Columns that an event query counts itself, so that no mapping has them."""


def known_names(attributes: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the names that queries may use: a custom attribute begins with @ in a query."""
    found = set()
    for one in attributes:
        name = str(one.get("attribute") or "")
        found.add(name)
        if one.get("is_custom"):
            found.add(f"@{name.removeprefix('@')}")
    return frozenset(found - {"", "@"})


def unknown_names(names: Iterable[Name], known: frozenset[str]) -> list[Name]:
    """Return the names that are not in the mapping."""
    return [name for name in names if name.text not in known]


def refusal(unknown: list[Name], known: frozenset[str], entity: str) -> UsageError:
    """Return the error for names that are not in the mapping, each with the nearest ones."""
    told = [
        f"{_placed(name)} is not in the mapping of {entity}{_near(name, known)}" for name in unknown
    ]
    return UsageError(
        f"{'; '.join(told[:5])}; `audience mapping {entity}` lists the names, and --no-check sends "
        "the request as it is"
    )


def _placed(name: Name) -> str:
    at = f" at character {name.at + 1}" if name.at is not None else ""
    return f"{name.kind} {name.text[:80]}{at}"


def _near(name: Name, known: frozenset[str]) -> str:
    plain = {one.removeprefix("@").casefold(): one for one in sorted(known)}
    wanted = name.text.removeprefix("@").casefold()
    near = [plain[one] for one in get_close_matches(wanted, sorted(plain), n=3, cutoff=0.5)]
    return f" (did you mean {' or '.join(near)}?)" if near else ""
