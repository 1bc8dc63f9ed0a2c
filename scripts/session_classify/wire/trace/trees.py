"""The trees of a trace: the root of each span, also with missing spans."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from session_classify.wire.trace.spans import Span

WORK_KINDS = frozenset({"llm", "tool", "retrieval", "embedding"})
"""Kinds of spans that do something themselves; others are around them."""


class Tree(msgspec.Struct, frozen=True):
    """A root span and all spans below it, in time order; one tree is one turn."""

    root: Span
    below: tuple[Span, ...]
    notes: tuple[str, ...] = ()
    joined: tuple[Span, ...] = ()
    """The roots of later trees that are the same turn, in time order; they are in `below`, too."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """The root and every span below it."""
        return (self.root, *self.below)

    @property
    def last_root(self) -> Span:
        """The root with which the turn ended."""
        return self.joined[-1] if self.joined else self.root


def trees(spans: Iterable[Span]) -> tuple[Tree, ...]:
    """Return the trees of all traces, ordered by the start of their roots.

    Every span is in exactly one tree. A span with a missing parent or cyclic parents belongs to the
    last root of its trace that started before it. In a trace without a root, the first span with a
    missing parent takes its place, else the first span.
    """
    by_trace: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_trace[span.trace_id].append(span)
    found = [tree for members in by_trace.values() for tree in _trees_of_trace(members)]
    return in_time(found)


def in_time(found: Iterable[Tree]) -> tuple[Tree, ...]:
    """Return trees ordered by the start of their roots."""
    return tuple(
        sorted(found, key=lambda tree: (tree.root.start, tree.root.trace_id, tree.root.place))
    )


def ancestors(span: Span, by_id: dict[str, Span]) -> tuple[Span, ...]:
    """Return the span's parents from the nearest up, ending at a missing or repeated one."""
    chain: list[Span] = []
    seen = {span.span_id}
    parent = by_id.get(span.parent_id)
    while parent is not None and parent.span_id not in seen:
        chain.append(parent)
        seen.add(parent.span_id)
        parent = by_id.get(parent.parent_id)
    return tuple(chain)


def _trees_of_trace(members: list[Span]) -> list[Tree]:
    by_id = {span.span_id: span for span in members}
    in_time = sorted(members, key=lambda span: span.place)
    roots = [span for span in in_time if not span.parent_id]
    notes: list[str] = []
    trace = members[0].trace_id
    if not roots:
        lead = next((span for span in in_time if span.parent_id not in by_id), in_time[0])
        roots = [lead]
        notes.append(f"trace {trace} has no root span; {lead.kind} span {lead.span_id} leads it")
    root_ids = {root.span_id for root in roots}
    below: dict[str, list[Span]] = {root.span_id: [] for root in roots}
    strays: list[str] = []
    for span in in_time:
        if span.span_id in root_ids:
            continue
        top = next((up for up in ancestors(span, by_id) if up.span_id in root_ids), None)
        if top is None:
            strays.append(span.span_id)
            earlier = [root for root in roots if root.start <= span.start]
            top = earlier[-1] if earlier else roots[0]
        below[top.span_id].append(span)
    if strays:
        notes.append(f"trace {trace}: no root above {_few(strays)}")
    return [
        Tree(root, tuple(below[root.span_id]), tuple(notes) if root is roots[0] else ())
        for root in roots
    ]


def _few(ids: list[str]) -> str:
    shown = ", ".join(ids[:3])
    return shown if len(ids) <= 3 else f"{shown} and {len(ids) - 3} more"
