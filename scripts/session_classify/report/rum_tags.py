"""Which RUM ids the spans of an instrumented app have, as `doctor --instrument` prints them."""

from collections.abc import Iterable

import msgspec

from session_classify.wire.trace.spans import Span

_SESSION = "rum.session_id"
_NAMES = (_SESSION, "usr.id", "usr.account_id")
"""Source: `references/sources/spans.md#rum-baggage`."""


class RumTag(msgspec.Struct, frozen=True):
    """One id: how many spans have it, and its value on the newest of them."""

    name: str
    spans: int
    newest: str = ""


class RumTags(msgspec.Struct, frozen=True):
    """The RUM ids on spans, and what to try where they are missing."""

    spans: int
    traces: int
    newest: str
    """The name of the newest root span."""
    tags: tuple[RumTag, ...]
    works: bool
    """The newest root has a RUM session."""
    fix: str


def rum_tags(spans: Iterable[Span]) -> RumTags:
    """Return what spans have of the RUM ids."""
    ordered = sorted(spans, key=lambda span: span.start, reverse=True)
    known = {span.span_id for span in ordered}
    # The browser's request is the parent of a root, where the app reads its trace headers.
    roots = [span for span in ordered if span.parent_id not in known]
    tags = tuple(_tag(name, ordered) for name in ("session_id", *_NAMES))
    works = bool(roots) and bool(roots[0].tag(_SESSION))
    return RumTags(
        spans=len(ordered),
        traces=len({span.trace_id for span in ordered}),
        newest=roots[0].name if roots else "",
        tags=tags,
        works=works,
        fix="" if works else _fix(ordered, tags),
    )


def _tag(name: str, ordered: list[Span]) -> RumTag:
    values = [span.session_id if name == "session_id" else span.tag(name) for span in ordered]
    found = [value for value in values if value]
    return RumTag(name, len(found), found[0] if found else "")


def _fix(ordered: list[Span], tags: tuple[RumTag, ...]) -> str:
    if not ordered:
        return (
            "the test agent has no LLM Observability span: let the app send to it with "
            "DD_TRACE_AGENT_URL, make a request, and wait until the app has sent its spans"
        )
    if any(tag.spans for tag in tags if tag.name in _NAMES):
        return (
            "the newest root has no RUM session, but other spans have RUM ids: was its request "
            "made without a baggage header, or in a thread or job of its own?"
        )
    return (
        "no span has RUM ids: wrap the app in the middleware, then try a request with "
        "curl -H 'baggage: session.id=test,user.id=test'; if that works, set "
        "propagateTraceBaggage and allowedTracingUrls in the browser"
    )
