"""Put together the spans that search, expand, details and contents each tell a part of."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from session_classify.jsontext import parsed
from session_classify.wire.contents import Piece
from session_classify.wire.matching import Known, is_beginning
from session_classify.wire.nodes import Node, NodeList, merged
from session_classify.wire.rounds import with_rounds
from session_classify.wire.spans import Content, Span
from session_classify.wire.steps import model_spans
from session_classify.wire.texts import USER_ROLES
from session_classify.wire.traces import trees


@dataclass(frozen=True, slots=True)
class Assembled:
    """Spans, what is known of them beside that, and what could not be placed."""

    spans: tuple[Span, ...]
    known: dict[str, Known]
    """By span id: how its texts begin and which of its fields can be fetched or were."""
    lost: tuple[str, ...]


def assemble(
    lists: Iterable[NodeList], pieces: Iterable[Piece], exported: Iterable[Span], trace_id: str
) -> Assembled:
    """Merge all that the answers say, whatever their order.

    `trace_id` is the trace that was asked for, empty for a session: answers about single spans do
    not name their trace.
    """
    whole = {span.span_id: span for span in exported}
    nodes, lost = _with_traces(list(lists), whole, trace_id)
    by_field: dict[str, dict[str, Piece]] = defaultdict(dict)
    for piece in pieces:
        before = by_field[piece.span_id].get(piece.field)
        if before is None or piece.size > before.size:
            by_field[piece.span_id][piece.field] = piece
    nodes, unplaced = _with_unlisted(nodes, whole, by_field, trace_id)
    spans = dict(whole)
    for span_id, node in nodes.items():
        base = whole.get(span_id)
        spans[span_id] = _evaluated(base, node) if base else _span(node, nodes)
    for span_id, fields in by_field.items():
        if span_id in spans:
            spans[span_id] = _filled(spans[span_id], fields)
    lists_of = {
        span_id: fields["messages"].content.messages
        for span_id, fields in by_field.items()
        if "messages" in fields and fields["messages"].content.messages
    }
    for tree in trees(spans.values()) if lists_of else ():
        models = model_spans(tree)
        if any(span.span_id in lists_of for span in models):
            spans.update((span.span_id, span) for span in with_rounds(models, lists_of))
    known = {
        span_id: Known(
            node.asked,
            node.answered,
            node.has,
            tuple(by_field.get(span_id, ())),
            node.is_expanded,
        )
        for span_id, node in nodes.items()
    }
    return Assembled(tuple(spans.values()), known, (*lost, *unplaced))


def _with_traces(
    lists: list[NodeList], whole: dict[str, Span], asked: str
) -> tuple[dict[str, Node], list[str]]:
    """Return each span once, and how many of an answer belong to no trace that is known.

    All spans of one answer that names no trace belong to the trace of any of them or their parents;
    where no answer tells, to the one that was asked for, or to the only one there is.
    """
    traces = {span.span_id: span.trace_id for span in whole.values()}
    traces.update((n.span_id, n.trace_id) for found in lists for n in found.nodes if n.trace_id)
    by_id: dict[str, list[Node]] = defaultdict(list)
    waiting = [found.nodes for found in lists if found.nodes]
    progress = True
    while waiting and progress:
        left = []
        for nodes in waiting:
            ids = [id_ for node in nodes for id_ in (node.span_id, node.parent_id) if id_]
            told = next((traces[id_] for id_ in ids if id_ in traces), "")
            if told:
                _place(nodes, told, traces, by_id)
            else:
                left.append(nodes)
        progress = len(left) < len(waiting)
        waiting = left
    there = set(traces.values())
    only = asked or (next(iter(there)) if len(there) == 1 else "")
    for nodes in waiting if only else []:
        _place(nodes, only, traces, by_id)
    lost = [] if only else [_lost(nodes) for nodes in waiting]
    if waiting and asked and not there:
        lost.append(f"no answer names its trace; they are taken for trace {asked}")
    return {id_: merged(sorted(found, key=_completeness)) for id_, found in by_id.items()}, lost


def _place(
    nodes: tuple[Node, ...], trace_id: str, traces: dict[str, str], by_id: dict[str, list[Node]]
) -> None:
    for node in nodes:
        placed = replace(node, trace_id=node.trace_id or trace_id)
        traces[node.span_id] = placed.trace_id
        by_id[node.span_id].append(placed)


def _lost(nodes: tuple[Node, ...]) -> str:
    return f"{len(nodes)} spans of an answer belong to no trace that is known"


def _completeness(node: Node) -> tuple[bool, bool, str]:
    return not node.start, not node.tags, repr(node)


def _with_unlisted(
    nodes: dict[str, Node],
    whole: dict[str, Span],
    by_field: dict[str, dict[str, Piece]],
    asked: str,
) -> tuple[dict[str, Node], list[str]]:
    """Add the spans whose content was fetched and that no answer lists, where there is a place."""
    roots = [node for node in nodes.values() if node.parent_id == ""]
    found, lost = dict(nodes), []
    for span_id, fields in by_field.items():
        if span_id in nodes or span_id in whole:
            continue
        trace = next((piece.trace_id for piece in fields.values() if piece.trace_id), asked)
        root = _root_of(fields, roots, trace)
        if root is None and not trace:
            lost.append(f"the content of span {span_id} belongs to no span that is listed")
            continue
        messages = fields["messages"].content.messages if "messages" in fields else ()
        found[span_id] = Node(
            span_id=span_id,
            trace_id=root.trace_id if root else trace,
            parent_id=root.span_id if root else "",
            kind="llm" if messages else "",
            start=(root.start if root else 0) + len(messages),
        )
    return found, lost


def _root_of(fields: dict[str, Piece], roots: list[Node], trace_id: str) -> Node | None:
    """Return the root of a model span: the one whose request comes last in its messages."""
    if trace_id:
        return next((root for root in roots if root.trace_id == trace_id), None)
    messages = fields["messages"].content.messages if "messages" in fields else ()
    for message in reversed(messages):
        if message.role in USER_ROLES:
            fitting = [root for root in roots if is_beginning(root.asked, message.text)]
            if fitting:
                return max(fitting, key=lambda root: root.start)
    return roots[0] if len(roots) == 1 else None


def _span(node: Node, nodes: dict[str, Node]) -> Span:
    above = nodes.get(node.parent_id or "")
    start = node.start or (above.start if above else 0)
    error = node.error or next((tag[11:] for tag in node.tags if tag.startswith("error_type:")), "")
    return Span(
        span_id=node.span_id,
        trace_id=node.trace_id,
        parent_id=node.parent_id or "",
        name=node.name,
        kind=node.kind,
        status=node.status or "ok",
        start=start,
        duration=node.duration,
        ml_app=node.ml_app,
        session_id=node.session_id,
        model=node.model,
        tags=node.tags,
        metadata={},
        metrics=node.metrics or {},
        input=Content(),
        output=Content(),
        evaluation=node.evaluation,
        error=error,
    )


def _evaluated(span: Span, node: Node) -> Span:
    return replace(span, evaluation=span.evaluation or node.evaluation)


def _filled(span: Span, fields: dict[str, Piece]) -> Span:
    """Return the span with the contents that were fetched; message lists are taken apart later."""
    for name, piece in fields.items():
        value = piece.content.value
        if name == "input":
            span = replace(span, input=piece.content)
        elif name == "output":
            span = replace(span, output=piece.content)
        elif name == "expected_output":
            span = replace(span, expected=parsed(value))
        elif name == "metadata" and isinstance(value, dict):
            span = replace(span, metadata=value)
        elif name == "documents" and span.output == Content():
            span = replace(span, output=Content(value=value))
    return span
