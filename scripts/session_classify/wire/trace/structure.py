"""What the spans of a trace tell without their content: app type, agent span, outline."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from session_classify.model import OutlineLine, SpanRef
from session_classify.vocabulary import AppType
from session_classify.wire.trace.spans import Span
from session_classify.wire.trace.tool_names import is_same_tool
from session_classify.wire.trace.tool_spans import recorded_call
from session_classify.wire.trace.trees import Tree, ancestors

TOOL_KINDS = frozenset({"tool", "retrieval"})
"""Kinds of spans that are calls."""
_WORK = frozenset({"llm", "tool"})


def app_type(trees: Iterable[Tree]) -> AppType:
    """Tell what kind of app recorded these trees (seed 002, T1 and M1).

    An agent span anywhere makes an agent; an experiment's root carries its own record; nothing but
    model spans is a chat; nothing but embeddings has no conversation.
    """
    found = tuple(trees)
    kinds = {span.kind for tree in found for span in tree.spans}
    if any(tree.root.kind == "experiment" for tree in found):
        return AppType.EXPERIMENT
    if "agent" in kinds:
        return AppType.AGENT
    if kinds == {"embedding"}:
        return AppType.EMBEDDING
    return AppType.CHAT if kinds == {"llm"} else AppType.PIPELINE


def has_content(span: Span) -> bool:
    """Tell whether anything was recorded of what went in or came out, a mask included."""
    return any(side.messages or side.value not in (None, "") for side in (span.input, span.output))


def agent_span(tree: Tree) -> Span | None:
    """Return the deepest agent span below which all the work of its turn happened.

    The agent is often not the root but wrapped (`investigate` → `Agent workflow` →
    `generate-summary`), and an agent with helpers of its own is more than any of them (seed 002,
    T1).
    """
    agents = [span for span in tree.spans if span.kind == "agent"]
    if len(agents) < 2:
        return agents[0] if agents else None
    by_id = {span.span_id: span for span in tree.spans}
    above = {
        span.span_id: tuple(up for up in ancestors(span, by_id) if up.kind == "agent")
        for span in tree.spans
    }
    work = Counter(
        up.span_id for span in tree.spans if span.kind in _WORK for up in above[span.span_id]
    )
    if not work:
        return max(agents, key=lambda span: len(above[span.span_id]))
    # Parents that run in a circle leave no agent on top.
    top = [span for span in agents if not above[span.span_id]] or agents
    chosen = max(top, key=lambda span: work[span.span_id])
    for _ in agents:
        inner = [
            span
            for span in agents
            if above[span.span_id][:1] == (chosen,)
            and work[span.span_id] == work[chosen.span_id] > 0
        ]
        chosen = inner[0] if inner else chosen
    return chosen


def tool_spans(tree: Tree) -> list[Span]:
    """Return the spans of tool calls in time order, each call once.

    An agent's SDK and the client of a protocol below it both record the call that they pass on:
    the same tool with the same arguments.
    """
    by_id = {span.span_id: span for span in tree.spans}
    found = []
    for span in tree.spans:
        if span.kind in TOOL_KINDS:
            above = (up for up in ancestors(span, by_id) if up.kind in TOOL_KINDS)
            if not any(_passes_on(up, span) for up in above):
                found.append(span)
    return sorted(found, key=lambda span: span.place)


def _passes_on(outer: Span, inner: Span) -> bool:
    arguments = recorded_call(inner).arguments
    told = bool(arguments) or outer.name != inner.name
    same = outer.kind == inner.kind and is_same_tool(outer.name, inner.name)
    return same and told and bool(recorded_call(outer).arguments == arguments)


def span_ref(span: Span) -> SpanRef:
    """Return the short form of a span."""
    return SpanRef(span.span_id, span.name, span.kind)


def outline(tree: Tree) -> tuple[OutlineLine, ...]:
    """Return the tree top down in time order, one line for neighbours that look alike."""
    alike = groupby(_walk(tree), lambda pair: (pair[0].name, pair[0].kind, pair[1], pair[0].status))
    return tuple(OutlineLine(*key, count=len(list(group))) for key, group in alike)


def _walk(tree: Tree) -> Iterator[tuple[Span, int]]:
    """Yield every span of the tree once with its depth; a span without its parent comes last."""
    children: dict[str, list[Span]] = {}
    for span in tree.below:
        children.setdefault(span.parent_id, []).append(span)
    waiting, seen = [(tree.root, 0)], set()
    while waiting:
        span, depth = waiting.pop()
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        yield span, depth
        waiting += [(child, depth + 1) for child in reversed(children.get(span.span_id, []))]
    for span in tree.below:
        if span.span_id not in seen:
            yield span, 1
