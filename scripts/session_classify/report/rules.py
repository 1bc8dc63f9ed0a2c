"""The app's rules, folded: what no request and no tool speaks of shrinks to its heading."""

import re
from dataclasses import dataclass
from itertools import pairwise

from session_classify.model import Session
from session_classify.profile import name_words
from session_classify.report.text import clip

_HEADING = re.compile(r"^(?:#{1,6}\s.*|[A-Z][^\n]{0,60}:)$", re.MULTILINE)
_WORD = re.compile(r"[a-z]{4,}")
_COMMON = frozenset(
    """about after also always been before both cannot could does each every first from have help
    here into just like more most must need never only other over please provide should some such
    sure than thank thanks that their them then there these they this those user want what when
    where which while will with would your""".split()
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the rules with its text, and how many words it shares with the session."""

    heading: str
    body: str
    shared: int


def session_words(session: Session) -> frozenset[str]:
    """Return the words of the users' requests and of the tools' names that were called."""
    texts = [turn.user_text or "" for turn in session.turns]
    texts.extend(" ".join(name_words(call.name)) for call in session.tool_calls)
    return frozenset(_WORD.findall(" ".join(texts).lower())) - _COMMON


def sections(text: str, words: frozenset[str]) -> list[Section]:
    """Split rules at their headings, in order; the text before the first heading has none."""
    starts = [match.start() for match in _HEADING.finditer(text)]
    edges = sorted({0, *starts, len(text)})
    found = []
    for start, end in pairwise(edges):
        part = text[start:end]
        heading, _, body = part.partition("\n") if start in starts else ("", "", part)
        shared = len(words & frozenset(_WORD.findall(part.lower())))
        found.append(Section(heading, body, shared))
    return found


def fold(text: str, words: frozenset[str], limit: int) -> tuple[str, int]:
    """Return the rules in at most `limit` characters and how many sections were folded.

    Sections in their own order; those that share the fewest words go first, longest first among
    equals. Rules without sections, or still too long, keep head and tail.
    """
    if len(text) <= limit:
        return text, 0
    parts = sections(text, words)
    folded: set[int] = set()
    order = sorted(range(len(parts)), key=lambda i: (parts[i].shared, -len(parts[i].body)))
    length = len(text)
    for i in order:
        if length <= limit or len(folded) == len(parts) - 1:
            break
        if parts[i].body.strip():
            folded.add(i)
            length -= len(parts[i].body) - len(_mark(parts[i]))
    kept = [
        f"{part.heading}{_mark(part)}" if i in folded else _whole(part)
        for i, part in enumerate(parts)
    ]
    return clip("".join(kept), limit), len(folded)


def _whole(part: Section) -> str:
    return f"{part.heading}\n{part.body}" if part.heading else part.body


def _mark(part: Section) -> str:
    return f" … [{len(part.body):,} characters folded]\n"
