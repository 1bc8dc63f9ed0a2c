"""Counts of RUM events by the values of facets: the call of `pup rum aggregate` (seed 000)."""

import re
from dataclasses import dataclass
from typing import Any

from session_classify.errors import UsageError
from session_classify.queries.call import Call
from session_classify.queries.rum_filters import of_email

_COMPUTE = re.compile(
    r"(count)|(avg|sum|min|max|median|cardinality)\((@?[\w.\-]+)\)"
    r"|percentile\((@?[\w.\-]+),\s*(75|90|95|98|99)\)"
)
_RELATIVE = re.compile(r"(?:now-)?-?(\d+)(s|m|h|d|w)")
_ABSOLUTE = re.compile(r"\d{10,13}|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_RESERVED = ("service", "env", "version", "source")
"""What is grouped by without `@`."""


@dataclass(frozen=True, slots=True)
class CountQuery:
    """What is counted, as people type it."""

    user_email: str = ""
    query: str = ""
    start: str = "1h"
    end: str = "now"
    compute: str = "count"
    group_by: tuple[str, ...] = ()
    limit: int = 10


def rum_counts(asked: CountQuery) -> Call:
    """Return the call that counts; both a user and a query are `@usr.email:E <query>` (seed 000).

    The composed query is what pup sends with `--user-email`, so it is right for older pup as well.
    Raises UsageError for a compute or a time that cannot be read.
    """
    user = of_email(asked.user_email) if asked.user_email else ""
    query = " ".join(filter(None, (user, asked.query.strip()))) or "*"
    start, end = _moment(asked.start, "--from"), _moment(asked.end, "--to")
    for facet in asked.group_by:
        if not facet.startswith("@") and facet not in _RESERVED:
            raise UsageError(f"--group-by {facet} is no facet; expected such as @session.id")
    groups = [{"facet": facet, "limit": asked.limit} for facet in asked.group_by]
    body: dict[str, Any] = {
        "filter": {"query": query, "from": start, "to": end},
        "compute": [_compute(asked.compute)],
        "group_by": groups,
    }
    flags = ("--query", query, "--from", _bare(start), "--to", _bare(end))
    grouped = tuple(word for facet in asked.group_by for word in ("--group-by", facet))
    pup = ("rum", "aggregate", *flags, "--compute", asked.compute, *grouped)
    return Call("aggregate_rum_events", body, (*pup, "--limit", str(asked.limit)))


def _compute(text: str) -> dict[str, str]:
    found = _COMPUTE.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"--compute {text} is none; expected count, avg(@f), sum(@f), min(@f), max(@f), "
            "median(@f), cardinality(@f) or percentile(@f, 99)"
        )
    count, aggregation, metric, of_percentile, percentile = found.groups()
    if count:
        return {"aggregation": "count", "type": "total"}
    if percentile:
        return {"aggregation": f"pc{percentile}", "metric": of_percentile, "type": "total"}
    return {"aggregation": aggregation, "metric": metric, "type": "total"}


def _moment(text: str, flag: str) -> str:
    """Return a time as the API takes it; `30m` and `now-30m` are the same."""
    if text == "now" or _ABSOLUTE.fullmatch(text):
        return text
    if found := _RELATIVE.fullmatch(text):
        return f"now-{found[1]}{found[2]}"
    raise UsageError(
        f"{flag} {text} is no time; expected such as 30m, 7d, 2026-11-20T05:00:00Z or milliseconds"
    )


def _bare(moment: str) -> str:
    """Return a time as every pup takes it: older ones refuse `now-`."""
    return moment.removeprefix("now-")
