"""What would bring the content that a set of answers lacks: the next call of each turn."""

from collections.abc import Iterator
from dataclasses import dataclass

from session_classify.backends import queries
from session_classify.backends.queries import Call
from session_classify.model import Session, Turn
from session_classify.vocabulary import ContentSource, Unit
from session_classify.wire.answers import Answers
from session_classify.wire.matching import Known
from session_classify.wire.shapes import Shape
from session_classify.wire.spans import Span

_READ = frozenset({ContentSource.AGENT_LOOP, ContentSource.MESSAGES})


def next_calls(session: Session, answers: Answers) -> tuple[Call, ...]:
    """Return the calls to make next, in the order of the cascade; none when all is there.

    A turn's next call is the first of its sources that was not tried: agent loop, messages of its
    model spans, input and output of its root. Answers without content name no turn, so they count
    for the turns that have none.
    """
    return tuple({str(call): call for call in _calls(session, answers)}.values())


def unasked_judges(session: Session, answers: Answers) -> tuple[str, ...]:
    """Return a note when evaluations may exist and nobody asked for them: none is no verdict."""
    if Shape.NODES not in answers.shapes or answers.has_details:
        return ()
    last = session.turns[-1]
    call = queries.details(session.unit, last.trace_id, last.root.id)
    return (f"evaluations were not asked for: {call}",)


def _calls(session: Session, answers: Answers) -> Iterator[Call]:
    unit = session.unit
    if not answers.rows.spans or (unit is Unit.SESSION and not answers.has_search) or answers.more:
        yield queries.search(unit, session.id)
    if not answers.rows.spans:
        return
    spans: dict[str, list[Span]] = {}
    for span in answers.rows.spans:
        spans.setdefault(span.trace_id, []).append(span)
    open_turns = [turn for turn in session.turns if turn.content_source not in _READ]
    # Whoever went on to the later sources of a turn had tried its loop, and a masked loop is one.
    open_turns.sort(key=lambda t: (not t.iterations, -len(_fetched(answers.known, t.root.id))))
    for turn, state in zip(open_turns, _states(open_turns, spans, answers), strict=True):
        yield from _next(unit, turn, spans[turn.trace_id], answers.known, state)
    for turn in session.turns:
        yield from _missing_results(unit, turn, answers.known)


@dataclass(frozen=True, slots=True)
class _State:
    """How far the cascade of a turn went."""

    looped: bool
    expanded: bool
    silent: bool
    """Input and output were asked for in vain."""


def _states(turns: list[Turn], spans: dict[str, list[Span]], answers: Answers) -> Iterator[_State]:
    """Yield how far each turn's cascade went, as far as can be told.

    An answer without content names no turn, and a 404 not even its call; so they are dealt out to
    the turns in the order in which the cascade asks: loops, then lists, then both sides.
    """
    missing = sum(loop.is_missing for loop in answers.loops)
    loops = sum(loop.turn is None or loop.turn.masked for loop in answers.loops) - missing
    looped = _dealt([False] * len(turns), loops + missing)
    missing -= max(sum(looped) - loops, 0)
    listed = [_is_expanded(turn, spans, answers) for turn in turns]
    expanded = _dealt(listed, answers.empty_lists + missing)
    missing -= max(sum(expanded) - sum(listed) - answers.empty_lists, 0)
    yield from map(_State, looped, expanded, _dealt([False] * len(turns), missing // 2))


def _dealt(known: list[bool], count: int) -> list[bool]:
    """Return the list with its first `count` false ones turned true."""
    left = count
    made = []
    for is_known in known:
        made.append(is_known or left > 0)
        left -= not is_known
    return made


def _is_expanded(turn: Turn, spans: dict[str, list[Span]], answers: Answers) -> bool:
    known = answers.known.get(turn.root.id)
    return len(spans[turn.trace_id]) > 1 or (known is not None and known.is_expanded)


def _next(
    unit: Unit, turn: Turn, spans: list[Span], known: dict[str, Known], state: _State
) -> Iterator[Call]:
    """Yield the next call for a turn whose content was not read whole."""
    if turn.root.kind == "experiment":
        fields = ("input", "output", "expected_output")
        yield from _fields(unit, turn.trace_id, turn.root.id, known, fields)
        return
    models = [span for span in spans if span.kind == "llm"]
    unread = [span for span in models if "messages" not in _fetched(known, span.span_id)]
    if not state.looped and not models:
        yield queries.agent_loop(unit, turn.trace_id, turn.agent.id if turn.agent else turn.root.id)
    elif not models and not state.expanded:
        yield queries.expand(unit, turn.trace_id, turn.root.id)
    elif unread and unread[-1] is models[-1]:
        # The last model span has been told all that was said before.
        yield queries.content(unit, turn.trace_id, models[-1].span_id, "messages")
    elif not state.silent:
        yield from _fields(unit, turn.trace_id, turn.root.id, known, ("input", "output"))


def _fields(
    unit: Unit, trace_id: str, span_id: str, known: dict[str, Known], fields: tuple[str, ...]
) -> Iterator[Call]:
    for field in fields:
        if field not in _fetched(known, span_id):
            yield queries.content(unit, trace_id, span_id, field)


def _missing_results(unit: Unit, turn: Turn, known: dict[str, Known]) -> Iterator[Call]:
    """Yield the calls for results that no message holds: a turn's last is on its span alone."""
    for call in turn.tool_calls:
        if call.result is None and call.span_id and "output" not in _fetched(known, call.span_id):
            yield queries.content(unit, turn.trace_id, call.span_id, "output")


def _fetched(known: dict[str, Known], span_id: str) -> tuple[str, ...]:
    return known[span_id].fetched if span_id in known else ("input", "output", "messages")
