"""The answer of `aggregate_spans`: how many spans have each value of a field.

The hosted tool counts APM spans; here LLM Observability spans are counted. The keys of its answer
are not known; these follow the RUM aggregates. Source: `references/sources/spans.md#span-counts`.
"""

from collections import Counter

from datadog_standin.bodies import (
    Body,
    RequestError,
    count_of,
    list_of,
    object_of,
    text_of,
    tool_window,
)
from datadog_standin.bundles import Row
from datadog_standin.nodes import document
from datadog_standin.query import matches, parse
from datadog_standin.recording import Recording


def aggregate_spans(recording: Recording, body: Body, now: int) -> Row:
    """Answer with buckets, the largest first; a span without one of the fields is in none.

    Raises RequestError 400 for other aggregations than COUNT.
    """
    window = tool_window(body, now)
    wanted = parse(text_of(body, "query"))
    for compute in list_of(body, "computes"):
        if not isinstance(compute, dict) or text_of(compute, "aggregation").upper() != "COUNT":
            raise RequestError(400, "this stand-in computes COUNT alone")
    grouping = object_of(body, "group_by")
    fields = [str(field) for field in list_of(grouping, "fields")]
    documents = [document(span) for span in recording.spans if window.holds(span.start)]
    groups: Counter[tuple[str, ...]] = Counter()
    for item in documents:
        if not matches(wanted, item):
            continue
        values = [
            item.values(field.removeprefix("@"), is_facet=field.startswith("@")) for field in fields
        ]
        if all(values):
            groups[tuple(str(found[0]) for found in values)] += 1
    limit = count_of(grouping, "limit", 10, 1_000)
    return {
        "buckets": [
            {"by": dict(zip(fields, group, strict=True)), "computes": {"count": count}}
            for group, count in groups.most_common(limit)
        ]
    }
