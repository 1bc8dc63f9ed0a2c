"""Sort the answers of many calls by what they are, and read each kind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from session_classify.errors import UnusableInputError
from session_classify.queries.call import Received
from session_classify.queries.pages import read_page
from session_classify.wire.answers.envelope import open_envelopes
from session_classify.wire.answers.json_repair import recognized
from session_classify.wire.answers.payload import Payload
from session_classify.wire.answers.reasons import described
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.answers.truncation import says_truncated
from session_classify.wire.messages.decode import MessageStore
from session_classify.wire.session.assemble import assemble
from session_classify.wire.session.loop_match import ListedSpan
from session_classify.wire.session.message_history import is_tail
from session_classify.wire.trace.agent_loop import Loop, read_loop
from session_classify.wire.trace.contents import ContentField, best_pieces, read_piece
from session_classify.wire.trace.sdk_payloads import read_sent
from session_classify.wire.trace.span_listing import NodeList, read_nodes
from session_classify.wire.trace.spans import Span, SpanRows, read_spans


class Answers(msgspec.Struct, frozen=True):
    """All that a set of answers holds, sorted."""

    rows: SpanRows
    loops: tuple[Loop, ...]
    known: dict[str, ListedSpan]
    """What lists say of a span beside its place, by span id."""
    shapes: dict[Shape, tuple[str, ...]]
    """The names of the answers of each shape."""
    notes: tuple[str, ...]
    has_search: bool = False
    """The roots are listed, not only named by their children."""
    has_details: bool = False
    """Judges were asked for, whether or not they said anything."""
    cursor: str = ""
    """Where the next page of the search begins, when there is one."""
    export_cursor: str = ""
    """Where the export goes on, when nobody went on from its last page."""
    empty_lists: int = 0
    """Answers without a span that do not say what they are below of."""
    asked: frozenset[str] = frozenset()
    """Calls that were made, whatever came of them."""
    is_gone: bool = False
    """Something was not stored any more (404)."""
    truncated: tuple[str, ...] = ()
    """One line for each answer about spans that says that there is more."""

    def named(self, shape: Shape) -> frozenset[str]:
        """Return the names of the answers of a shape."""
        return frozenset(self.shapes.get(shape, ()))


_COUNTED = frozenset({Shape.LOOP, Shape.NODES, Shape.MISSING})
"""Answers of which equal ones are several: an empty loop names neither trace nor span."""


_BESIDE = (Shape.RUM, Shape.RUM_COUNTS, Shape.AUDIT)
"""Answers that are not about spans."""


class _Sorter(msgspec.Struct):
    """Answers in the making; equal ones count once, because agents repeat calls."""

    store: MessageStore = msgspec.field(default_factory=MessageStore)
    seen: set[bytes] = set()
    shapes: dict[Shape, list[str]] = msgspec.field(default_factory=lambda: defaultdict(list))
    loops: list[Loop] = []
    lists: list[NodeList] = []
    pieces: list[ContentField] = []
    spans: list[Span] = []
    unreadable: list[str] = []
    pages: list[str] = []
    """Exports that are not complete, by their own word."""
    others: list[str] = []
    """Files that are no answers at all: a client keeps those of other tools beside them."""
    asked: set[str] = set()
    truncated: list[str] = []
    rows: int = 0
    export_cursor: str = ""
    empty_lists: int = 0
    is_gone: bool = False


def read_answers(received: Iterable[Received], trace_id: str) -> Answers:
    """Read answers of any shape in any envelope and any order.

    `trace_id` is the trace that was asked for, empty for a session. An answer that cannot be read
    is told by its name and skipped.
    """
    pile = _Sorter()
    for one in received:
        if one.about is not None:
            pile.asked.add(str(one.about))
        if says_truncated(one.data):
            pile.truncated.append(one.name)
        try:
            for payload in open_envelopes(one.data, one.name):
                _take(pile, payload, one)
        except UnusableInputError as error:
            pile.unreadable.append(str(error))
            pile.rows += 1
    found = assemble(pile.lists, pile.pieces, pile.spans, trace_id)
    searches = [nodes for nodes in pile.lists if nodes.is_search]
    roots = any(not span.parent_id for span in pile.spans)
    return Answers(
        rows=SpanRows(found.spans, (*pile.unreadable, *pile.pages), pile.rows),
        loops=tuple(pile.loops),
        known=found.known,
        shapes={shape: tuple(names) for shape, names in pile.shapes.items()},
        notes=(*found.lost, *_cut(pile.pieces), *pile.others),
        has_search=bool(searches) or roots,
        has_details=any(nodes.is_details for nodes in pile.lists) or bool(pile.spans),
        cursor=searches[-1].cursor if searches and all(n.cursor for n in searches) else "",
        export_cursor=pile.export_cursor,
        empty_lists=pile.empty_lists,
        asked=frozenset(pile.asked),
        is_gone=pile.is_gone,
        truncated=(*pile.pages, *_more_of_spans(pile)),
    )


def _more_of_spans(pile: _Sorter) -> list[str]:
    """Tell which of the cut answers are about spans; the others have words of their own."""
    others = {name for shape in _BESIDE for name in pile.shapes.get(shape, ())}
    known = {name for names in pile.shapes.values() for name in names}
    cut = [name for name in pile.truncated if name in known - others]
    return [f"{name}: there is more, by its own word" for name in cut]


def _cut(pieces: list[ContentField]) -> Iterator[str]:
    """Name the contents of which every answer is cut, or begins in the middle."""
    for piece in (piece for found in best_pieces(pieces).values() for piece in found.values()):
        where = f"{piece.field} of span {piece.span_id}"
        if piece.is_cut:
            yield f"{where} is cut; ask again with a larger max_tokens"
        elif is_tail(piece.content.messages):
            yield f"{where} begins in the middle; ask again without a path"


def _take(pile: _Sorter, payload: Payload, one: Received) -> None:
    payload, shape, rows = recognized(payload)
    key = blake2b(payload.data, digest_size=16).digest()
    if key in pile.seen and shape not in _COUNTED:
        return
    pile.seen.add(key)
    if shape in (Shape.OTHER, Shape.ERROR):
        pile.others.append(
            f"{payload.name} ({payload.envelope}) is {described(payload, shape)} and left out; "
            "expected an answer of search, agent loop, expand, details, span content, RUM or audit"
        )
        return
    pile.shapes[shape].append(one.name)
    pile.rows += len(rows) or 1
    try:
        _read(pile, payload, shape, rows, one)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UnusableInputError(f"{payload.name} looks like {shape}, but: {error}") from error


def _asked(payload: Payload, one: Received, key: str) -> str:
    """Return an argument of the call: of the one that was made here, else what a client kept."""
    kept = payload.arguments.get(key)
    return one.asked(key) or (str(kept) if isinstance(kept, str | int) else "")


def _read(pile: _Sorter, payload: Payload, shape: Shape, rows: list[bytes], one: Received) -> None:
    pile.is_gone |= shape is Shape.MISSING
    if shape is Shape.MISSING and one.about and one.about.tool != "get_llmobs_agent_loop":
        what = one.asked("span_id") or ", ".join(one.about.arguments.get("span_ids") or [])
        pile.unreadable.append(f"{one.about.tool} of span {what}: not found (404)")
    if shape is Shape.LOOP or (shape is Shape.MISSING and one.about is None):
        loop = read_loop(payload)
        trace_id, span_id = _asked(payload, one, "trace_id"), _asked(payload, one, "span_id")
        pile.loops.append(
            replace(loop, trace_id=loop.trace_id or trace_id, span_id=loop.span_id or span_id)
        )
    elif shape is Shape.NODES:
        found = read_nodes(payload.data, payload.name, _asked(payload, one, "trace_id"))
        pile.lists.append(found)
        pile.unreadable.extend(found.unreadable)
        pile.empty_lists += not found.nodes and one.about is None
    elif shape is Shape.CONTENT:
        pile.pieces.append(read_piece(payload.data, pile.store, _asked(payload, one, "trace_id")))
    elif shape is Shape.SENT:
        sent = read_sent(payload.data)
        exported = read_spans(sent.rows if sent else (), payload.name)
        pile.spans.extend(exported.spans)
        pile.unreadable.extend(exported.unreadable)
        pile.lists.append(NodeList(sent.judged if sent else ()))
        pile.others.extend(f"{payload.name}: {note}" for note in (sent.notes if sent else ()))
    elif shape is Shape.SPANS:
        exported = read_spans(rows, payload.name)
        pile.spans.extend(exported.spans)
        pile.unreadable.extend(exported.unreadable)
        page = read_page(payload.data)
        if page.status == "timeout":
            pile.pages.append(f"{payload.name}: the export timed out, so rows are missing")
        if page.after and one.about is None:
            pile.export_cursor = page.after
            pile.pages.append(f"{payload.name}: this page of the export ends in a cursor")
