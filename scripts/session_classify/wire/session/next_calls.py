"""The next call of each turn whose content is missing.

Source: `references/sources/rules.md#content-sources`.
"""

from collections.abc import Callable, Iterator

import msgspec

from session_classify.model import Turn
from session_classify.queries import trace as trace_queries
from session_classify.queries.call import Call
from session_classify.vocabulary import ContentSource, Unit
from session_classify.wire.answers.shapes import Shape
from session_classify.wire.session.from_answers import GatheredSession
from session_classify.wire.session.llm_calls import model_spans
from session_classify.wire.session.loop_match import ListedSpan
from session_classify.wire.session.sort_answers import Answers
from session_classify.wire.trace.spans import Span
from session_classify.wire.trace.trees import Tree

_READ = frozenset({ContentSource.AGENT_LOOP, ContentSource.MESSAGES})


def next_calls(gathered: GatheredSession, answers: Answers) -> tuple[Call, ...]:
    """Return the calls to make next, in the order of content sources; none when complete.

    A turn's next call is for its first untried source: agent loop, list of its spans, messages of
    its LLM spans, input and output of its root. Answers without content do not name their call, so
    each counts for one of the possible next calls.
    """
    calls = list(_searches(gathered, answers))
    failures = _failures(gathered, answers)
    turns = [
        _Open(
            gathered.session.unit, turn, tree, answers.known, tree.root.span_id in gathered.looped
        )
        for turn, tree in zip(gathered.session.turns, gathered.trees, strict=False)
    ]
    # Later sources, or a masked loop, show that a turn's loop was tried: failed answers are
    # attributed to such turns first.
    turns.sort(key=lambda one: (not one.turn.iterations, -len(one.fetched(one.tree.root))))
    for stage, pools in _STAGES:
        for one in [one for one in turns if not one.is_blocked]:
            for call in stage(one):
                if str(call) in answers.asked:
                    continue
                if any(failures.took(pool) for pool in pools):
                    continue
                calls.append(call)
                one.is_blocked = True
                if stage is _messages:
                    break
    return tuple({str(call): call for call in calls}.values())


def missing_evaluations(gathered: GatheredSession, answers: Answers) -> tuple[Call, ...]:
    """Return the call for evaluations that may exist and were not fetched.

    A missing evaluation is not a verdict; a failed call is not repeated.
    """
    if Shape.NODES not in answers.shapes or answers.has_details or not gathered.trees:
        return ()
    session = gathered.session
    last = session.turns[-1]
    call = trace_queries.details(session.unit, last.trace_id, last.root.id)
    return () if str(call) in answers.asked else (call,)


def further_pages(answers: Answers, unit: Unit, unit_id: str) -> tuple[Call, ...]:
    """Return the call for the next page of the search; an empty page may not be the last."""
    call = trace_queries.search(unit, unit_id, answers.cursor)
    return (call,) if answers.cursor and str(call) not in answers.asked else ()


def _searches(gathered: GatheredSession, answers: Answers) -> Iterator[Call]:
    unit, unit_id = gathered.session.unit, gathered.session.id
    yield from further_pages(answers, unit, unit_id)
    if answers.export_cursor:
        yield trace_queries.export(unit, unit_id, answers.export_cursor)
    unlisted = unit is Unit.SESSION and not answers.has_search
    if not answers.cursor and (not gathered.trees or unlisted):
        call = trace_queries.search(unit, unit_id)
        yield from (call,) if str(call) not in answers.asked else ()


class _Failures(msgspec.Struct):
    """Answers without content, by the calls that they may answer."""

    loops: int
    lists: int
    anything: int
    """Not found (404): these do not show which kind of call they answer."""

    def took(self, pool: str) -> bool:
        """Remove one from a pool; False when it is empty."""
        left: int = getattr(self, pool)
        setattr(self, pool, max(left - 1, 0))
        return left > 0


def _failures(gathered: GatheredSession, answers: Answers) -> _Failures:
    unnamed = [loop for loop in answers.loops if loop.turn is None and not loop.trace_id]
    missing = sum(loop.is_missing for loop in unnamed)
    empty = len(unnamed) - missing
    # The loop of a turn read from messages was empty: it is fetched before the spans.
    closed = sum(
        turn.content_source is ContentSource.MESSAGES and tree.root.span_id not in gathered.looped
        for turn, tree in zip(gathered.session.turns, gathered.trees, strict=False)
    )
    loops = max(empty - closed, 0) + gathered.unused_loops
    return _Failures(loops, answers.empty_lists, missing)


class _Open(msgspec.Struct):
    """A turn, and which of its content sources were tried."""

    unit: Unit
    turn: Turn
    tree: Tree
    known: dict[str, ListedSpan]
    is_looped: bool
    """Its loop was fetched, even if it is empty."""
    is_blocked: bool = False
    """A call of an earlier stage comes first."""

    @property
    def is_read(self) -> bool:
        return self.turn.content_source in _READ

    @property
    def is_record(self) -> bool:
        return self.tree.root.kind == "experiment"

    def fetched(self, span: Span) -> tuple[str, ...]:
        """Return the fields that were fetched; an export has all of them."""
        known = self.known.get(span.span_id)
        return known.fetched if known else ("input", "output", "messages")

    def content(self, span: Span, *fields: str) -> Iterator[Call]:
        """Yield the calls for fields that a span may have and that were not fetched."""
        known = self.known.get(span.span_id)
        for field in fields:
            if known and field not in (*known.fetched, *known.lacks):
                yield trace_queries.content(self.unit, self.turn.trace_id, span.span_id, field)


def _loop(one: _Open) -> Iterator[Call]:
    """Return the call for the loop; none if LLM spans are listed already, nor for an export."""
    if one.tree.root.span_id in one.known and not (
        one.is_read or one.is_record or one.is_looped or model_spans(one.tree)
    ):
        at = one.turn.agent or one.turn.root
        yield trace_queries.agent_loop(one.unit, one.turn.trace_id, at.id)


def _list(one: _Open) -> Iterator[Call]:
    known = one.known.get(one.tree.root.span_id)
    opened = known is None or known.is_expanded
    if not (one.is_read or one.is_record or opened or model_spans(one.tree)):
        yield trace_queries.expand(one.unit, one.turn.trace_id, one.turn.root.id)


def _messages(one: _Open) -> Iterator[Call]:
    """Return the call for messages, from the last LLM span back: it has earlier results.

    One call at a time: a helper's last span lacks them, and then the next one is named.
    """
    if one.turn.content_source is ContentSource.AGENT_LOOP or one.is_record:
        return
    for span in reversed(model_spans(one.tree)):
        if not span.output.messages:
            yield from one.content(span, "messages")


def _sides(one: _Open) -> Iterator[Call]:
    """Return the calls for input and output of the root, and an experiment's record."""
    if one.is_record:
        yield from one.content(one.tree.root, "input", "output", "expected_output")
    elif not one.is_read:
        yield from one.content(one.tree.root, "input", "output")
    elif one.turn.user_text is None:
        yield from one.content(one.tree.root, "input")


def _results(one: _Open) -> Iterator[Call]:
    """Return the calls for results in no message: a turn's last result is only on its span.

    Failed tools have no result.
    """
    spans = {span.span_id: span for span in one.tree.spans}
    for call in one.turn.tool_calls:
        if call.result is None and not call.error and call.span_id in spans:
            yield from one.content(spans[call.span_id], "output")


_STAGES: tuple[tuple[Callable[[_Open], Iterator[Call]], tuple[str, ...]], ...] = (
    (_loop, ("loops", "anything")),
    (_list, ("lists", "anything")),
    (_messages, ("anything",)),
    (_sides, ("anything",)),
    (_results, ("anything",)),
)
"""The content sources in order, each with the failures that it may have."""
