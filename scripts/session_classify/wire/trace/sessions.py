"""Which session each span belongs to: a trace may hold several, and a session several ids."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from session_classify.queries.unit_ids import SESSION_TAG, named_by_tag
from session_classify.wire.trace.side_texts import request_of
from session_classify.wire.trace.spans import Span, tag
from session_classify.wire.trace.trees import WORK_KINDS, Tree, ancestors, trees

if TYPE_CHECKING:
    from session_classify.wire.trace.span_listing import Node

S = TypeVar("S", bound="Span | Node")


def put_together(spans: Iterable[S], key: str) -> Iterable[S]:
    """Return the spans with the sessions that the tag `key` makes of them; by default their own."""
    if key == SESSION_TAG:
        return spans
    return [replace(span, session_id=named_by_tag(key, tag(span.tags, key))) for span in spans]


class SessionSpans(msgspec.Struct, frozen=True):
    """The spans of one session."""

    spans: tuple[Span, ...]
    ids: tuple[str, ...]
    """Every id that they carry, the one on most spans first; none for spans without a session."""
    shared: tuple[str, ...] = ()
    """The traces of these spans that hold other sessions, too."""

    def is_named(self, session_id: str) -> bool:
        """Tell whether any of the ids is this one, whatever the case of its letters."""
        return session_id.casefold() in {name.casefold() for name in self.ids}


def split_by_session(spans: Iterable[Span]) -> tuple[SessionSpans, ...]:
    """Return the spans of each session, in the order in which the sessions begin.

    A span belongs to the session that it names, else to the one of its nearest parent that names
    one. What stands above them, such as the root of a batch, belongs to a session if no other lies
    below it; else it belongs to none and is left out. Trees in which no span names a session are
    one group without an id, the last (references/sources/spans.md#sessions-and-traces).
    """
    found = trees(spans)
    read = _SessionIds()
    own = [read.of_tree(tree) for tree in found]
    same = read.joined()
    members: dict[str, list[Span]] = defaultdict(list)
    holds: dict[str, set[str]] = defaultdict(set)
    for tree, raw in zip(found, own, strict=True):
        told = {span_id: same.get(name, name) for span_id, name in raw.items()}
        names = set(told.values())
        holds[tree.root.trace_id] |= names
        if len(names) < 2:
            members[next(iter(names), "")] += tree.spans
            continue
        chosen = _with_spans_between(told, tree)
        for span in _cut_apart(tree, chosen):
            members[chosen[span.span_id]].append(span)
    groups = [_group(own_spans, holds) for name, own_spans in members.items() if name]
    in_time = sorted(groups, key=lambda group: min(span.place for span in group.spans))
    unnamed = [SessionSpans(tuple(members[""]), ())] if members.get("") else []
    return (*in_time, *unnamed)


def _group(spans: list[Span], holds: dict[str, set[str]]) -> SessionSpans:
    counts = Counter(span.session_id for span in spans if span.session_id)
    ids = tuple(sorted(counts, key=lambda name: (-counts[name], name)))
    traces = dict.fromkeys(span.trace_id for span in spans if len(holds[span.trace_id]) > 1)
    return SessionSpans(tuple(spans), ids, tuple(traces))


def _with_spans_between(told: dict[str, str], tree: Tree) -> dict[str, str]:
    """Add the spans without an id above spans of one session alone, and what else is below those.

    `told` is the session of each span of the tree that names one or inherits it, by span id.
    """
    by_id = {span.span_id: span for span in tree.spans}
    above = {span.span_id: ancestors(span, by_id) for span in tree.spans}
    below: dict[str, set[str]] = defaultdict(set)
    for span_id, name in told.items():
        for up in above[span_id]:
            below[up.span_id].add(name)
    found = dict(told)
    for span_id, names in below.items():
        if len(names) == 1:
            found.setdefault(span_id, *names)
    for span in tree.spans:
        if span.span_id not in found and span.span_id not in below:
            up_id = next((up.span_id for up in above[span.span_id] if up.span_id in found), "")
            if up_id:
                found[span.span_id] = found[up_id]
    return found


def _cut_apart(tree: Tree, chosen: dict[str, str]) -> Iterator[Span]:
    """Yield the spans that have a session, each below the nearest parent of the same session."""
    by_id = {span.span_id: span for span in tree.spans}
    for span in tree.spans:
        name = chosen.get(span.span_id)
        if name is None:
            continue
        chain = ancestors(span, by_id)
        if not chain or chosen.get(chain[0].span_id) == name:
            yield span
        else:
            same = (up.span_id for up in chain if chosen.get(up.span_id) == name)
            yield replace(span, parent_id=next(same, ""))


class _SessionIds(msgspec.Struct):
    """The session ids on spans, and which of them stand for the same session."""

    _working: set[str] = set()
    """Ids that a model call or a tool call has, its own or its nearest parent's."""
    _inner: dict[str, list[tuple[Span, Span]]] = msgspec.field(
        default_factory=lambda: defaultdict(list)
    )
    """By id: spans that have it, each with a span below that names another."""

    def of_tree(self, tree: Tree) -> dict[str, str]:
        """Return the id that each span of a tree names or inherits, by span id."""
        by_id = {span.span_id: span for span in tree.spans}
        told: dict[str, str] = {}
        for span in tree.spans:
            chain = ancestors(span, by_id)
            above = next((up for up in chain if up.session_id), None)
            name = span.session_id or (above.session_id if above else "")
            if name:
                told[span.span_id] = name
                if span.kind in WORK_KINDS:
                    self._working.add(name)
            if above is not None and above.session_id != name:
                around = [up for up in chain if up.session_id == above.session_id]
                asked = next((up for up in around if request_of(up)), above)
                self._inner[above.session_id].append((asked, span))
        return told

    def joined(self) -> dict[str, str]:
        """Return, for each id that stands for the same session as others, one id for all of them.

        Frameworks number sessions of their own. An agent whose calls carry one other id is the
        same session; so is a wrapper that makes no call itself and holds one other session. Where
        one of the two was asked for something else, they are two sessions; an id with several
        others below it is a batch.
        """
        above: dict[str, str] = {}
        apart = {
            frozenset((around.session_id, span.session_id))
            for edges in self._inner.values()
            for around, span in edges
            if _asks_else(around, span)
        }

        def top(name: str) -> str:
            while name in above:
                name = above[name]
            return name

        for name, edges in sorted(self._inner.items()):
            inner = {span.session_id for _, span in edges}
            has_calls = any(span.kind in WORK_KINDS for _, span in edges)
            if len(inner) != 1 or not (has_calls or name not in self._working):
                continue
            if frozenset((name, *inner)) in apart:
                continue
            first, second = sorted((top(name), top(inner.pop())))
            if first != second:
                above[second] = first
        return {name: top(name) for name in above}


def _asks_else(above: Span, span: Span) -> bool:
    """Tell whether a span has a request of its own that is not the one of the span around it."""
    around, own = request_of(above), request_of(span)
    return bool(around and own and around not in own and own not in around)
