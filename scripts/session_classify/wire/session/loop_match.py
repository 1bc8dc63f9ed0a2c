"""Match agent loops to turns: real answers contain neither trace nor span id.

Source: `references/sources/spans.md#agent-loop`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from session_classify.wire.session.content_source import MatchedLoop
from session_classify.wire.session.preview_match import (
    CUT_AT,
    ConversationText,
    Preview,
    fit,
    preview,
    said,
)
from session_classify.wire.session.turn_io import side_text
from session_classify.wire.trace.agent_loop import Loop
from session_classify.wire.trace.side_texts import USER_ROLES
from session_classify.wire.trace.spans import trace_key
from session_classify.wire.trace.structure import agent_span
from session_classify.wire.trace.trees import Tree


class ListedSpan(msgspec.Struct, frozen=True):
    """Information on a span from lists: beginnings of its texts, available contents."""

    asked: str = ""
    answered: str = ""
    lacks: tuple[str, ...] = ()
    """Fields that a list says the span does not have."""
    fetched: tuple[str, ...] = ()
    is_expanded: bool = False
    """Its descendants were fetched."""


class LoopMatches(msgspec.Struct, frozen=True):
    """The loop of each turn by root span id, and the unmatched ones."""

    by_root: dict[str, MatchedLoop]
    unused: int
    """Fetched loops that belong to no turn; their calls count as made."""
    notes: tuple[str, ...]


def match_loops(
    trees: tuple[Tree, ...], loops: tuple[Loop, ...], known: Mapping[str, ListedSpan]
) -> LoopMatches:
    """Return the loop of each turn, and a note for each unmatched loop.

    Loops with ids are matched by them. Others are matched by the beginnings of request and answer
    in the list of spans. Turns with equal texts are matched in file order. A single turn and a
    single loop belong together.
    """
    full = [loop for loop in _distinct(loops) if loop.turn is not None]
    by_root, notes = _by_ids(full, trees)
    waiting = [loop for loop in full if not (loop.trace_id or loop.span_id)]
    free = [tree for tree in trees if tree.root.span_id not in by_root]
    told = [_turn_texts(tree, known) for tree in free]
    texts = [(said(loop.said or ""), said(_final(loop))) for loop in waiting]
    placed: dict[int, int] = {}
    for pairs in (_likely, _all_pairs):
        fits = sorted(
            (-value, place, order)
            for place, order in pairs(told, texts, placed)
            if (value := _fit(told[order], texts[place])) > 0
        )
        for _, place, order in fits:
            if place not in placed and order not in placed.values():
                placed[place] = order
    how = dict.fromkeys(placed, "known by its texts")
    left = [place for place in range(len(waiting)) if place not in placed]
    rest = [order for order in range(len(free)) if order not in placed.values()]
    if len(left) == len(rest) == 1:
        opposed = _fit(told[rest[0]], texts[left[0]]) < 0
        if not opposed or len(trees) == len(full) == 1:
            how[left[0]] = _LEFT_OPPOSED if opposed else "the only one left"
            notes += [f"{waiting[left[0]].payload.name}: {_LEFT_OPPOSED}"] if opposed else []
            placed[left.pop()] = rest[0]
    by_root.update(
        (free[order].root.span_id, MatchedLoop(waiting[place], how[place]))
        for place, order in placed.items()
    )
    notes += [
        f"{waiting[place].payload.name}: this agent loop's texts fit no listed turn"
        for place in left
    ]
    return LoopMatches(by_root, len(full) - len(by_root), tuple(notes))


_LEFT_OPPOSED = "taken for the one turn there is, though its texts are not those of the list"


def _distinct(loops: Iterable[Loop]) -> list[Loop]:
    """Return each loop once; of two answers to one call, the less truncated one."""
    best: dict[str, Loop] = {}
    for loop in loops:
        calls = [(call.name, call.arguments) for call in loop.turn.tool_calls] if loop.turn else []
        key = repr((loop.trace_id, loop.span_id, (loop.said or "")[:1_000], calls, loop.state))
        before = best.get(key)
        if before is None or len(loop.cut) < len(before.cut):
            best[key] = loop
    return list(best.values())


def _by_ids(loops: list[Loop], trees: tuple[Tree, ...]) -> tuple[dict[str, MatchedLoop], list[str]]:
    """Return the loops whose ids name a turn; of several, the root's first, then the agent's."""
    spans = {span.span_id: tree for tree in trees for span in tree.spans}
    traces = {trace_key(tree.root.trace_id): tree for tree in reversed(trees)}
    found: dict[str, list[tuple[int, int, Loop]]] = defaultdict(list)
    notes = []
    for loop in loops:
        tree = spans.get(loop.span_id) or traces.get(trace_key(loop.trace_id))
        if tree is not None:
            agent = agent_span(tree)
            rank = {agent.span_id if agent else "": 1, "": 1, tree.root.span_id: 2}
            size = len(loop.turn.iterations) if loop.turn else 0
            found[tree.root.span_id].append((rank.get(loop.span_id, 0), size, loop))
        elif loop.trace_id or loop.span_id:
            notes.append(f"{loop.payload.name}: this agent loop is of no listed trace")
    best = {root: max(some, key=lambda one: one[:2])[2] for root, some in found.items()}
    notes += [
        f"{loop.payload.name}: this agent loop is of a helper in a turn whose own loop is there"
        for root, some in found.items()
        for _, _, loop in some
        if loop is not best[root]
    ]
    return {root: MatchedLoop(loop, "known by its ids") for root, loop in best.items()}, notes


class _TurnTexts(msgspec.Struct, frozen=True):
    """The beginnings of a turn's request and answer, from root and agent span."""

    asked: tuple[Preview, ...]
    answered: tuple[Preview, ...]


def _turn_texts(tree: Tree, known: Mapping[str, ListedSpan]) -> _TurnTexts:
    asked, answered = [], []
    for span in filter(None, (tree.root, agent_span(tree))):
        listed = known.get(span.span_id, ListedSpan())
        asked.append(preview(listed.asked or side_text(span.input, USER_ROLES) or ""))
        answered.append(preview(listed.answered or side_text(span.output, ("assistant", "")) or ""))
    return _TurnTexts(tuple(dict.fromkeys(asked)), tuple(dict.fromkeys(answered)))


def _final(loop: Loop) -> str:
    return (loop.turn.final_text if loop.turn else None) or ""


def _likely(
    told: list[_TurnTexts],
    texts: list[tuple[ConversationText, ConversationText]],
    placed: Mapping[int, int],  # noqa: ARG001
) -> list[tuple[int, int]]:
    """Return the pairs with equal beginnings of the request."""
    places: dict[str, list[int]] = defaultdict(list)
    for order, one in enumerate(told):
        for asked in one.asked:
            places[asked.text[: CUT_AT // 2]].append(order)
    return [
        (place, order)
        for place, (request, _) in enumerate(texts)
        for start in {request.whole[: CUT_AT // 2], request.typed[: CUT_AT // 2]} - {""}
        for order in places.get(start, [])
    ]


def _all_pairs(
    told: list[_TurnTexts],
    texts: list[tuple[ConversationText, ConversationText]],
    placed: Mapping[int, int],
) -> list[tuple[int, int]]:
    free = [order for order in range(len(told)) if order not in placed.values()]
    return [(place, o) for place in range(len(texts)) if place not in placed for o in free]


def _fit(told: _TurnTexts, texts: tuple[ConversationText, ConversationText]) -> int:
    """Return how well texts match: positive for a match, zero without texts to compare."""
    return sum(
        max((fit(short, text) for short in shorts), default=0)
        for shorts, text in zip((told.asked, told.answered), texts, strict=True)
    )
