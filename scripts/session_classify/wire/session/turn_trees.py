"""The trees of a unit's turns: spans around several turns are opened, calls of one turn joined."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from session_classify.wire.session.llm_calls import model_spans
from session_classify.wire.session.same_turn import with_calls_joined, with_resumed_joined
from session_classify.wire.trace.sessions import SessionSpans
from session_classify.wire.trace.side_texts import request_of, typed_messages
from session_classify.wire.trace.spans import Span
from session_classify.wire.trace.trees import WORK_KINDS, Tree, ancestors, in_time, trees

_CLIENT_SESSIONS = frozenset({"MCP Client Session"})
"""Spans of a connection, which lasts as long as its client does: spans.md#spans-around-turns."""


def turn_trees(session: SessionSpans) -> tuple[Tree, ...]:
    """Return one tree for each turn of a session, ordered by the start of their roots."""
    opened = [part for tree in trees(session.spans) for part in _opened(tree)]
    found = list(with_resumed_joined(with_calls_joined(in_time(opened))))
    if len(session.ids) > 1:
        others = ", ".join(session.ids[1:])
        found[0] = _noted(
            found[0], f"the spans carry {len(session.ids)} session ids: {session.ids[0]}, {others}"
        )
    for trace in session.shared:
        at = next(i for i, tree in enumerate(found) if trace in _traces(tree))
        found[at] = _noted(
            found[at],
            f"trace {trace} is shared with other sessions; only this session's spans are read",
        )
    return tuple(found)


def _noted(tree: Tree, note: str) -> Tree:
    return replace(tree, notes=(*tree.notes, note))


def _traces(tree: Tree) -> set[str]:
    return {span.trace_id for span in tree.spans}


class _Part(msgspec.Struct, frozen=True):
    """What lies below one of the topmost spans of a tree."""

    root: Span
    spans: tuple[Span, ...]

    @property
    def is_turn(self) -> bool:
        """Whether it can be a turn: an agent or workflow at work, or a model call by itself."""
        if self.root.kind == "llm":
            return True
        at_work = any(span.kind in ("llm", "agent") for span in self.spans)
        return self.root.kind not in WORK_KINDS and at_work

    @property
    def request(self) -> str:
        """What the user asked of it; empty where nothing tells."""
        if asked := request_of(self.root):
            return asked
        models = [span for span in self.spans if span.kind == "llm"]
        return request_of(min(models, key=lambda span: span.place)) if models else ""


def _opened(tree: Tree) -> list[Tree]:
    """Return the turns in a tree: the tree itself unless its root is around several of them.

    Where the root is not among the spans, the tree is led by one of the spans right below it.
    """
    is_led = bool(tree.root.parent_id)
    parts = _parts(tree, with_root=is_led)
    turns = [part for part in parts if part.is_turn]
    is_client = tree.root.name in _CLIENT_SESSIONS and not is_led and bool(turns)
    if not is_client and not _is_batch(None if is_led else tree.root, turns):
        return [tree]
    below: dict[str, list[Span]] = {part.root.span_id: list(part.spans) for part in turns}
    for part in parts:
        if not part.is_turn:
            earlier = [turn for turn in turns if turn.root.start <= part.root.start]
            below[(earlier or turns)[-1 if earlier else 0].root.span_id] += (part.root, *part.spans)
    notes = tree.notes
    if not is_client:
        what = f"{tree.root.kind} span {tree.root.span_id}"
        where = "a root that is not among these spans" if is_led else what
        count = f"{len(turns)} turns lie" if len(turns) > 1 else "1 turn lies"
        notes = (f"trace {tree.root.trace_id}: {count} below {where}",)
    found = []
    for number, turn in enumerate(turns):
        own = tuple(sorted(below[turn.root.span_id], key=lambda span: span.place))
        root = replace(turn.root, parent_id="")
        found += _opened(Tree(root, own, notes if number == 0 else ()))
    return found


def _parts(tree: Tree, *, with_root: bool) -> list[_Part]:
    """Return the subtrees below the root, in time order; a span without a parent leads its own.

    With `with_root`, the root leads a subtree like the spans beside it.
    """
    by_id = {span.span_id: span for span in tree.spans}
    if not with_root:
        del by_id[tree.root.span_id]
    own: dict[str, list[Span]] = defaultdict(list)
    tops: list[Span] = []
    for span in tree.spans if with_root else tree.below:
        chain = ancestors(span, by_id)
        if chain and by_id.get(chain[-1].parent_id) is None:
            own[chain[-1].span_id].append(span)
        else:
            tops.append(span)
    return [_Part(top, tuple(own[top.span_id])) for top in sorted(tops, key=lambda s: s.place)]


def _is_batch(root: Span | None, turns: list[_Part]) -> bool:
    """Tell whether a root is around turns, each with a request of its own.

    The root of one turn has the request of one of its parts, or a call of its own. A batch has
    neither; and its parts were each given the session, or each continues the conversation of the
    part before with a new request. A batch of one turn was asked for something else. `root` is
    None where it is not among the spans.
    """
    requests = [turn.request for turn in turns]
    if not (requests and all(requests)) or any(turn.root.kind == "llm" for turn in turns):
        return False
    around = request_of(root) if root else ""
    if around and any(around in text or text in around for text in requests):
        return False
    is_given = not (root and root.session_id) and all(turn.root.session_id for turn in turns)
    if len(turns) == 1:
        return is_given and bool(around)
    if len(set(requests)) < len(requests):
        return False
    return is_given or all(map(_continues, turns, turns[1:]))


def _continues(before: _Part, after: _Part) -> bool:
    """Tell whether a part begins with the conversation of the one before and a new request."""
    calls = [model_spans(Tree(part.root, part.spans)) for part in (before, after)]
    if not all(calls):
        return False
    answers = {m.text for m in calls[0][-1].output.messages if m.text}
    messages = calls[1][0].input.messages
    said = [m for m in messages if m.role == "assistant" and m.text in answers]
    typed = [m.text.strip() for m in typed_messages(messages)]
    return bool(said) and before.request in typed[:-1] and typed[-1] == after.request


def all_turn_trees(sessions: Iterable[SessionSpans]) -> tuple[Tree, ...]:
    """Return the trees of the turns of several sessions, ordered by the start of their roots."""
    return in_time(tree for session in sessions for tree in turn_trees(session))
