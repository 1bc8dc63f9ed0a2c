"""The answer of `search-spans`, and the filters that the export shares.

Source: `references/sources/spans.md#span-search`.
"""

import re

from datadog_standin.bodies import (
    Body,
    count_of,
    object_of,
    page_of,
    text_of,
    tool_window,
)
from datadog_standin.bundles import Row, trace_key
from datadog_standin.nodes import document, hit
from datadog_standin.query import matches, parse
from datadog_standin.recording import RecordedSpan, Recording

_PAGE = 500
_PAGE_OF_AN_APP = 50
"""Most hits of a page, whatever the limit."""
_FACET = re.compile(r"(?:^|[\s(-])@\w")


def search_spans(recording: Recording, body: Body, now: int) -> Row:
    """Answer `search-spans`: the newest hits first, `next_cursor` where there are more.

    A `query` takes precedence over `tags`. One without `@` is a full-text search: it returns whole
    traces and ignores every other filter. `ml_app` as a field is unreliable in the hosted endpoint:
    it is ignored. Raises RequestError 400 for an invalid body.
    """
    window = tool_window(body, now)
    text = text_of(body, "query")
    rows = [span for span in recording.spans if window.holds(span.start)]
    if text and not _FACET.search(text):
        found = {span.trace for span in queried(rows, text)}
        rows = [span for span in rows if span.trace in found]
    else:
        rows = queried(rows, text) if text else tagged(rows, object_of(body, "tags"))
        rows = [span for span in filtered(rows, body) if _is_wanted(span, body)]
    most = _PAGE_OF_AN_APP if "@ml_app" in text else _PAGE
    limit = min(count_of(body, "limit", 20), most)
    page, cursor = page_of(rows[::-1], limit, text_of(body, "cursor"))
    return {"spans": [hit(span) for span in page], "next_cursor": cursor}


def queried(spans: list[RecordedSpan], text: str) -> list[RecordedSpan]:
    """Return the spans that match a query."""
    wanted = parse(text)
    return [span for span in spans if matches(wanted, document(span))]


def tagged(spans: list[RecordedSpan], tags: Body) -> list[RecordedSpan]:
    """Return the spans that have all of the tags, given as an object."""
    wanted = {f"{key}:{value}" for key, value in tags.items()}
    return [span for span in spans if wanted <= {*span.tags, f"session_id:{span.session_id}"}]


def filtered(spans: list[RecordedSpan], body: Body) -> list[RecordedSpan]:
    """Return the spans with the ids, kind and name of a search or an export."""
    trace_id = text_of(body, "trace_id")
    asked = [text_of(body, key) for key in ("span_id", "span_kind", "span_name")]
    return [
        span
        for span in spans
        if (not trace_id or span.trace == trace_key(trace_id))
        and all(
            wanted in ("", value)
            for wanted, value in zip(asked, (span.span_id, span.kind, span.name), strict=True)
        )
    ]


def _is_wanted(span: RecordedSpan, body: Body) -> bool:
    """Return whether a span matches the filters for roots and for the APM trace."""
    apm = text_of(body, "apm_trace_id")
    if apm and str(span.attributes.get("apm_trace_id") or "") != apm:
        return False
    return not (body.get("root_spans_only") and span.parent_id)
