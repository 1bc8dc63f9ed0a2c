"""Find out which turn an agent loop is of: real answers name neither trace nor span."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from session_classify.masks import is_masked
from session_classify.wire.agent_loop import Loop
from session_classify.wire.cascade import MatchedLoop
from session_classify.wire.texts import USER_ROLES, side_text
from session_classify.wire.traces import Tree

_SURE = 12
"""Characters from which a text that contains another one cannot do so by chance."""
_BLANKS = re.compile(r"\s+")
_CUT = re.compile(r"\s*(?:…|\.\.\.|\[truncated\])\s*\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What a list says of a span beside its place: how its texts begin, what there is to fetch."""

    asked: str = ""
    answered: str = ""
    has: tuple[str, ...] = ()
    fetched: tuple[str, ...] = ()
    is_expanded: bool = False


def is_beginning(preview: str, text: str) -> bool:
    """Tell whether a list's preview, about 200 characters, was taken from the text.

    A request may stand behind the context that the app put in front of it.
    """
    return _begins(_plain(_CUT.sub("", preview)), _plain(text))


def _begins(short: str, whole: str) -> bool:
    if not short or not whole:
        return False
    if len(short) < _SURE:
        return whole.startswith(short) or whole.endswith(short)
    return short in whole


def match_loops(
    trees: tuple[Tree, ...], loops: tuple[Loop, ...], known: Mapping[str, Known]
) -> tuple[dict[str, MatchedLoop], tuple[str, ...]]:
    """Return the loop of each turn by the id of its root, and a note on each loop that has none.

    Ids decide where a loop has them. Else the texts do: how request and answer begin, as the list
    of spans shows them; among turns with the same texts the order of the files is taken for the
    order of the turns. A loop whose texts fit no turn is left out.
    """
    matched: dict[str, MatchedLoop] = {}
    waiting: list[Loop] = []
    for loop in _distinct(loops):
        root = _by_ids(loop, trees)
        if root:
            matched.setdefault(root, MatchedLoop(loop, "known by its ids"))
        elif loop.turn is not None and not loop.trace_id:
            waiting.append(loop)
    told = [_told(tree, known) for tree in trees]
    said = [_said(loop) for loop in waiting]
    fits = sorted(
        (-fit, place, order)
        for place, texts in enumerate(said)
        for order, previews in enumerate(told)
        if (fit := _fit(previews, texts)) > 0
    )
    placed: set[int] = set()
    for _, place, order in fits:
        root = trees[order].root.span_id
        if place not in placed and root not in matched:
            matched[root] = MatchedLoop(waiting[place], "known by its texts")
            placed.add(place)
    left = [place for place in range(len(waiting)) if place not in placed]
    free = [order for order, tree in enumerate(trees) if tree.root.span_id not in matched]
    if len(left) == len(free) == 1 and _fit(told[free[0]], said[left[0]]) == 0:
        loop = waiting[left.pop()]
        matched[trees[free[0]].root.span_id] = MatchedLoop(loop, "the only one left")
    return matched, tuple(
        f"{waiting[place].payload.name}: the texts of this agent loop fit no turn that is listed"
        for place in left
    )


def _distinct(loops: tuple[Loop, ...]) -> list[Loop]:
    """Return each loop once; of two answers to one call the one of which less was cut."""
    best: dict[object, Loop] = {}
    for loop in loops:
        turn = loop.turn
        key = (
            loop.trace_id,
            loop.span_id,
            (loop.said or "")[:1_000],
            [(call.name, call.arguments) for call in turn.tool_calls] if turn else loop.state,
            len(turn.iterations) if turn else 0,
        )
        before = best.get(repr(key))
        if before is None or len(loop.cut) < len(before.cut):
            best[repr(key)] = loop
    return list(best.values())


def _by_ids(loop: Loop, trees: tuple[Tree, ...]) -> str:
    for tree in trees:
        if loop.span_id and any(span.span_id == loop.span_id for span in tree.spans):
            return tree.root.span_id
    same = [tree for tree in trees if loop.trace_id and tree.root.trace_id == loop.trace_id]
    return same[0].root.span_id if same else ""


def _told(tree: Tree, known: Mapping[str, Known]) -> tuple[str, str]:
    """Return how request and answer of a turn begin, as far as its root tells."""
    listed = known.get(tree.root.span_id, Known())
    asked = listed.asked or side_text(tree.root.input, USER_ROLES) or ""
    answered = listed.answered or side_text(tree.root.output, ("assistant", "")) or ""
    found = ["" if is_masked(text) else _plain(_CUT.sub("", text)) for text in (asked, answered)]
    return found[0], found[1]


def _said(loop: Loop) -> tuple[str, str]:
    return _plain(loop.said or ""), _plain((loop.turn.final_text if loop.turn else None) or "")


def _fit(previews: tuple[str, str], texts: tuple[str, str]) -> int:
    """Return how well texts fit: above zero they do, zero when there are none to compare."""
    pairs = [(short, text) for short, text in zip(previews, texts, strict=True) if short and text]
    return sum(2 if _begins(short, text) else -1 for short, text in pairs)


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text).strip().casefold()
