"""One line that sums up what of a case is not there; nothing where nothing is missing."""

from collections import defaultdict

from session_classify.masks import Missing
from session_classify.model import Coverage, Session
from session_classify.printing.text import counted
from session_classify.vocabulary import ContentSource

_WORDS = {
    Missing.DROPPED: ("value dropped by a size limit", "values dropped by a size limit"),
    Missing.UNSERIALIZABLE: ("object not serialized", "objects not serialized"),
    Missing.MASKED: ("text masked", "texts masked"),
    Missing.MEDIA: ("picture, recording or file not shown",) * 2,
    Missing.UNKNOWN: ("part of an unknown type", "parts of unknown types"),
}
_MOST = 8
"""Turns that are named one by one."""


def completeness(session: Session, coverage: Coverage) -> str:
    """Return what is not there, by reason with its turns; empty where nothing is missing.

    None of it is content: it is no evidence for anything, and it lowers the confidence.
    """
    parts = [*_of_turns(session)]
    bare = [t.number for t in session.turns if t.content_source is ContentSource.STRUCTURAL]
    if bare:
        parts.append(f"no text at all in {_turns(bare)}")
    lost = len(set(coverage.unreadable) - set(coverage.truncated))
    if lost:
        parts.append(f"{lost} of {counted(coverage.rows, 'row')} not readable")
    if coverage.truncated:
        parts.append(f"{counted(len(coverage.truncated), 'answer')} cut by its own word")
    return "; ".join(parts)


def _of_turns(session: Session) -> list[str]:
    counts: dict[Missing, dict[int, int]] = defaultdict(dict)
    for turn in session.turns:
        for part in turn.missing:
            counts[part.why][turn.number] = part.count
    told = []
    for why, words in _WORDS.items():
        if turns := counts.get(why):
            number = sum(turns.values())
            told.append(f"{number} {words[number != 1]} ({_turns(list(turns))})")
    return told


def _turns(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST]))
    more = f" and {len(numbers) - _MOST} more" if len(numbers) > _MOST else ""
    return f"turn {shown}{more}"
