"""Merge the partial information on spans from search, expand, details and contents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from session_classify.jsontext import parsed
from session_classify.wire.session.llm_calls import model_spans
from session_classify.wire.session.loop_match import ListedSpan
from session_classify.wire.session.message_history import with_message_history
from session_classify.wire.session.requests import Requests
from session_classify.wire.session.turn_io import side_text
from session_classify.wire.session.turn_trees import all_turn_trees
from session_classify.wire.trace.contents import ContentField, best_pieces
from session_classify.wire.trace.sessions import split_by_session
from session_classify.wire.trace.side_texts import USER_ROLES
from session_classify.wire.trace.span_listing import Node, NodeList, merged
from session_classify.wire.trace.spans import Content, Span, trace_key
from session_classify.wire.trace.structure import agent_span
from session_classify.wire.trace.trees import Tree

_UNKNOWN = "(unknown)"
"""The parent of a span that no answer identifies as a root or as a child."""

Fields = Mapping[str, Mapping[str, ContentField]]
"""The best answer for each field of each span."""


class AssembledSession(msgspec.Struct, frozen=True):
    """Spans, further information on them, and notes on what could not be placed."""

    spans: tuple[Span, ...]
    known: dict[str, ListedSpan]
    """Further information by span id."""
    lost: tuple[str, ...]


def assemble(
    lists: list[NodeList], pieces: Iterable[ContentField], exported: Iterable[Span], trace_id: str
) -> AssembledSession:
    """Merge all answers, in any order.

    `trace_id` is the requested trace, empty for a session: answers about single spans do not name
    their trace.
    """
    whole = {span.span_id: span for span in exported}
    nodes, lost = _with_traces(lists, whole, trace_id)
    fields = best_pieces(pieces)
    nodes, unplaced = _with_unlisted(nodes, whole, fields, trace_id)
    spans = dict(whole)
    for span_id, node in nodes.items():
        base = whole.get(span_id)
        listed = _span(node, nodes)
        spans[span_id] = (
            replace(base, evaluation=base.evaluation or node.evaluation) if base else listed
        )
    for span_id, found in fields.items():
        if span_id in spans:
            spans[span_id] = _filled(spans[span_id], found)
    expanded = frozenset(span_id for found in lists for span_id in found.expanded)
    known = {
        span_id: ListedSpan(
            node.asked,
            node.answered,
            node.lacks,
            tuple(fields.get(span_id, ())),
            span_id in expanded,
        )
        for span_id, node in nodes.items()
    }
    taken = _taken_apart(spans, fields, known)
    return AssembledSession(tuple(taken.values()), known, (*lost, *unplaced))


def _with_traces(
    lists: list[NodeList], whole: dict[str, Span], asked: str
) -> tuple[dict[str, Node], list[str]]:
    """Return each span once, and how many spans of an answer belong to no known trace.

    If an answer names no trace, its spans belong to the trace of any of them or of their parents.
    The requested trace is used only if no answer names any: a folder may hold answers of other
    traces.
    """
    names = {trace_key(span.trace_id): span.trace_id for span in whole.values()}
    traces = {span.span_id: span.trace_id for span in whole.values()}
    for node in (node for found in lists for node in found.nodes if node.trace_id):
        traces[node.span_id] = names.setdefault(trace_key(node.trace_id), node.trace_id)
    none_named = not traces
    by_id: dict[str, list[Node]] = defaultdict(list)
    waiting = [found.nodes for found in lists if found.nodes]
    progress = True
    while waiting and progress:
        left = []
        for nodes in waiting:
            ids = [id_ for node in nodes for id_ in (node.span_id, node.parent_id) if id_]
            told = next((traces[id_] for id_ in ids if id_ in traces), "")
            if not told:
                left.append(nodes)
            for node in nodes if told else ():
                traces.setdefault(node.span_id, told)
                by_id[node.span_id].append(replace(node, trace_id=traces[node.span_id]))
        progress = len(left) < len(waiting)
        waiting = left
    lost = [
        f"{len(nodes)} spans of an answer belong to no trace that is known" for nodes in waiting
    ]
    if waiting and asked and none_named:
        lost = [f"no answer names its trace; they are taken for trace {asked}"]
        for node in (node for nodes in waiting for node in nodes):
            by_id[node.span_id].append(replace(node, trace_id=asked))
    return {id_: merged(sorted(found, key=_completeness)) for id_, found in by_id.items()}, lost


def _completeness(node: Node) -> tuple[bool, bool, str]:
    return not node.start, not node.tags, repr(node)


def _with_unlisted(
    nodes: dict[str, Node], whole: dict[str, Span], fields: Fields, asked: str
) -> tuple[dict[str, Node], list[str]]:
    """Add spans with fetched content that no answer lists, where they can be placed."""
    requests = Requests([node for node in nodes.values() if node.parent_id == ""])
    found, lost = dict(nodes), []
    for span_id, pieces in fields.items():
        if span_id in nodes or span_id in whole:
            continue
        messages = pieces["messages"].content.messages if "messages" in pieces else ()
        named = next((piece.trace_id for piece in pieces.values() if piece.trace_id), "")
        root = requests.root_of(messages, named)
        if root is None and (nodes or whole or not asked):
            lost.append(f"the content of span {span_id} belongs to no span that is listed")
            continue
        found[span_id] = Node(
            span_id=span_id,
            trace_id=root.trace_id if root else asked,
            parent_id=root.span_id if root else "",
            kind="llm" if messages else "",
            start=(root.start if root else 0) + len(messages),
        )
    return found, lost


def _taken_apart(
    spans: dict[str, Span], fields: Fields, known: Mapping[str, ListedSpan]
) -> dict[str, Span]:
    """Return the spans with message lists split into the calls of each turn."""
    lists = {
        span_id: pieces["messages"].content.messages
        for span_id, pieces in fields.items()
        if "messages" in pieces and pieces["messages"].content.messages
    }
    if not lists:
        return spans
    made = dict(spans)
    requests = Requests([])
    for tree in all_turn_trees(split_by_session(spans.values())):
        models = model_spans(tree)
        if any(span.span_id in lists for span in models):
            starts = requests.begins(_request_texts(tree, known))
            made.update(
                (span.span_id, span) for span in with_message_history(models, lists, starts)
            )
    return made


def _request_texts(tree: Tree, known: Mapping[str, ListedSpan]) -> list[str]:
    """Return the beginnings of a turn's request, from all sources."""
    found = [str(tree.root.metadata.get("query_string") or "")]
    for span in filter(None, (tree.root, agent_span(tree))):
        found.append(known[span.span_id].asked if span.span_id in known else "")
        found.append(side_text(span.input, USER_ROLES) or "")
    return [text for text in dict.fromkeys(found) if text]


def _span(node: Node, nodes: dict[str, Node]) -> Span:
    above = nodes.get(node.parent_id or "")
    start = node.start or (above.start if above else 0)
    error = node.error or next((tag[11:] for tag in node.tags if tag.startswith("error_type:")), "")
    return Span(
        span_id=node.span_id,
        trace_id=node.trace_id,
        parent_id=_UNKNOWN if node.parent_id is None else node.parent_id,
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


def _filled(span: Span, pieces: Mapping[str, ContentField]) -> Span:
    """Return the span with fetched contents; message lists are split later."""
    for name, piece in pieces.items():
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
