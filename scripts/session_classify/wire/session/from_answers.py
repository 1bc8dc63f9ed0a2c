"""Build a session from the answers of many calls, with the best content source per turn."""

import msgspec
from msgspec.structs import replace

from session_classify.errors import NotFoundError, UnusableInputError
from session_classify.model import Session, Turn
from session_classify.vocabulary import ContentSource, Unit
from session_classify.wire.session.content_source import with_loops
from session_classify.wire.session.from_rows import choose_trees, session_of_trees
from session_classify.wire.session.loop_match import match_loops
from session_classify.wire.session.sort_answers import Answers
from session_classify.wire.session.turns import read_turns
from session_classify.wire.trace.agent_loop import session_of
from session_classify.wire.trace.trees import Tree


class GatheredSession(msgspec.Struct, frozen=True):
    """A session with its sources."""

    session: Session
    notes: tuple[str, ...]
    """What could not be placed, is cut or is missing."""
    trees: tuple[Tree, ...] = ()
    """The spans of each turn; none where only loops are known."""
    looped: frozenset[str] = frozenset()
    """Root spans with a fetched agent loop."""
    unused_loops: int = 0


def session_of_answers(answers: Answers, unit: Unit, unit_id: str) -> GatheredSession:
    """Return the session or trace `unit_id` with its sources.

    Without a list of spans, the agent loops are the turns, in the order of their files.

    Raises NotFoundError with the existing ids, UnusableInputError when nothing contains a turn.
    """
    if not answers.rows.spans:
        return _of_loops(answers, unit, unit_id)
    trees = choose_trees(answers.rows, unit, unit_id, unnamed=True)
    turns, system_prompts = read_turns(trees)
    matches = match_loops(trees, answers.loops, answers.known)
    turns, system_prompts = with_loops(turns, system_prompts, trees, matches.by_root)
    turns = tuple(_said_why(turn, answers) for turn in turns)
    cut = [
        f"turn {turn.number}: {place} may be cut; fetch the loop with a larger max_content_length"
        for turn in turns
        if turn.root.id in matches.by_root
        for place in matches.by_root[turn.root.id].loop.cut
    ]
    session = session_of_trees(trees, turns, system_prompts, unit, unit_id)
    notes = (*answers.notes, *(note for tree in trees for note in tree.notes), *matches.notes, *cut)
    return GatheredSession(session, notes, trees, frozenset(matches.by_root), matches.unused)


def _said_why(turn: Turn, answers: Answers) -> Turn:
    """Distinguish content that was not fetched from content that was not recorded."""
    known = answers.known.get(turn.root.id)
    if turn.content_source is not ContentSource.STRUCTURAL or turn.masked or known is None:
        return turn
    if {"input", "output"} <= {*known.fetched}:
        return turn
    return replace(turn, why="its content was not fetched")


def _of_loops(answers: Answers, unit: Unit, unit_id: str) -> GatheredSession:
    loops = [loop for loop in answers.loops if loop.turn is not None]
    if not loops:
        first = next(iter((*answers.rows.unreadable, *answers.notes)), "")
        if first:
            raise UnusableInputError(first)
        raise NotFoundError(
            f"no {unit} {unit_id[:80]} in these answers: none of them holds a span or a turn",
            code="llmobs_not_found",
            mode=f"{unit}_id",
            id=unit_id,
        )
    session = session_of(loops)
    turns = tuple(replace(t, why="it has an agent loop") for t in session.turns)
    session = replace(session, id=unit_id, unit=unit, turns=turns)
    note = "no list of spans: turns are in the order of the files, times, ids and tags are unknown"
    return GatheredSession(session, (*answers.notes, note))
