"""Counts of RUM events by facet: the call of `pup rum aggregate`.

Source: `references/sources/rum.md#rum-counts`.
"""

from typing import Any

import msgspec

from session_classify.errors import UsageError
from session_classify.lazy import lazy_pattern
from session_classify.queries.call import Call
from session_classify.queries.rum_filters import of_email

_COMPUTE = lazy_pattern(
    r"(count)|(avg|sum|min|max|median|cardinality)\((@?[\w.\-]+)\)"
    r"|percentile\((@?[\w.\-]+),\s*(75|90|95|98|99)\)"
)
_RELATIVE = lazy_pattern(r"(?:now-)?-?(\d+)(s|m|h|d|w)")
_ABSOLUTE = lazy_pattern(r"\d{10,13}|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_RESERVED = ("service", "env", "version", "source")
"""Facets without a leading `@`."""


class CountQuery(msgspec.Struct, frozen=True):
    """The arguments of a count, as a user types them."""

    user_email: str = ""
    query: str = ""
    start: str = "1h"
    end: str = "now"
    compute: str = "count"
    group_by: tuple[str, ...] = ()
    limit: int = 10


def rum_counts(counted: CountQuery) -> Call:
    """Return the call that counts; a user and a query are joined as `@usr.email:E <query>`.

    This is the query that newer pup composes for `--user-email`; older pup lacks that flag. Raises
    UsageError for an invalid compute or time. Source: `references/sources/rum.md#rum-counts`.
    """
    user = of_email(counted.user_email) if counted.user_email else ""
    query = " ".join(filter(None, (user, counted.query.strip()))) or "*"
    start, end = _moment(counted.start, "--from"), _moment(counted.end, "--to")
    for facet in counted.group_by:
        if not facet.startswith("@") and facet not in _RESERVED:
            raise UsageError(f"--group-by {facet} is not a facet; expected such as @session.id")
    groups = [{"facet": facet, "limit": counted.limit} for facet in counted.group_by]
    body: dict[str, Any] = {
        "filter": {"query": query, "from": start, "to": end},
        "compute": [_compute(counted.compute)],
        "group_by": groups,
    }
    flags = ("--query", query, "--from", _bare(start), "--to", _bare(end))
    grouped = tuple(word for facet in counted.group_by for word in ("--group-by", facet))
    pup = ("rum", "aggregate", *flags, "--compute", counted.compute, *grouped)
    return Call("aggregate_rum_events", body, (*pup, "--limit", str(counted.limit)))


def _compute(text: str) -> dict[str, str]:
    found = _COMPUTE.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"invalid --compute {text}; expected count, avg(@f), sum(@f), min(@f), max(@f), "
            "median(@f), cardinality(@f) or percentile(@f, 99)"
        )
    count, aggregation, metric, of_percentile, percentile = found.groups()
    if count:
        return {"aggregation": "count", "type": "total"}
    if percentile:
        return {"aggregation": f"pc{percentile}", "metric": of_percentile, "type": "total"}
    return {"aggregation": aggregation, "metric": metric, "type": "total"}


def _moment(text: str, flag: str) -> str:
    """Return a time as the API accepts it; `30m` and `now-30m` are equal."""
    if text == "now" or _ABSOLUTE.fullmatch(text):
        return text
    if found := _RELATIVE.fullmatch(text):
        return f"now-{found[1]}{found[2]}"
    raise UsageError(
        f"invalid time {flag} {text}; expected 30m, 7d, 2026-11-20T05:00:00Z or milliseconds"
    )


def _bare(moment: str) -> str:
    """Return a time as every pup version accepts it: older ones refuse `now-`."""
    return moment.removeprefix("now-")
