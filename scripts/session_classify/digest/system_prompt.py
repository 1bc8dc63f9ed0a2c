"""Fold system prompts: sections without words of the session shrink to their heading."""

import re
from itertools import pairwise

import msgspec

from session_classify.lazy import lazy_pattern
from session_classify.model import Session
from session_classify.printing.text import clip
from session_classify.profiles.kinds import name_words

_HEADING = lazy_pattern(r"^(?:#{1,6}\s.*|[A-Z][^\n]{0,60}:)$", re.MULTILINE)
_WORD = lazy_pattern(r"[a-z]{4,}")
_WORTH_CLIPPING = 300
_COMMON = frozenset(
    """about after also always been before both cannot could does each every first from have help
    here into just like more most must need never only other over please provide should some such
    sure than thank thanks that their them then there these they this those user want what when
    where which while will with would your""".split()
)


class Section(msgspec.Struct, frozen=True):
    """A heading of a prompt with its text, and how many words it shares with the session."""

    heading: str
    body: str
    shared: int

    def text(self, body: str, *, folded: bool) -> str:
        """Return the section with this body; a folded one on the line of its heading."""
        return f"{self.heading}{body}" if folded or not self.heading else f"{self.heading}\n{body}"


def session_words(session: Session) -> frozenset[str]:
    """Return the words of the users' requests and of the names of called tools."""
    texts = [turn.user_text or "" for turn in session.turns]
    texts.extend(" ".join(name_words(call.name)) for call in session.tool_calls)
    return frozenset(_WORD.findall(" ".join(texts).lower())) - _COMMON


def sections(text: str, words: frozenset[str]) -> list[Section]:
    """Split a prompt at its headings, in order; text before the first heading has none."""
    starts = {match.start() for match in _HEADING.finditer(text)}
    edges = sorted({0, *starts, len(text)})
    found = []
    for start, end in pairwise(edges):
        part = text[start:end]
        heading, _, body = part.partition("\n") if start in starts else ("", "", part)
        shared = len(words & frozenset(_WORD.findall(part.lower())))
        found.append(Section(heading, body, shared))
    return found


def fold(text: str, words: frozenset[str], limit: int) -> tuple[str, int]:
    """Return the prompt in at most `limit` characters, and how many sections were shortened.

    Sections keep their order. Those that share the fewest words are folded first, the longest first
    among equals. A prompt without sections, or still too long, keeps head and tail.
    """
    if len(text) <= limit:
        return text, 0
    parts = sections(text, words)
    order = sorted(range(len(parts)), key=lambda i: (parts[i].shared, -len(parts[i].body)))
    shown: dict[int, str] = {}
    length = len(text)
    for i in order[:-1]:
        if length <= limit:
            break
        body = parts[i].body
        # The last folded section may keep a part.
        room = len(body) - (length - limit)
        short = clip(body, room) if room > _WORTH_CLIPPING else _mark(body)
        if len(short) < len(body):
            shown[i] = short
            length -= len(body) - len(short)
    kept = [
        part.text(shown.get(i, part.body), folded=shown.get(i) == _mark(part.body))
        for i, part in enumerate(parts)
    ]
    return clip("".join(kept), limit), len(shown)


def new_lines(text: str, known: set[str]) -> str:
    """Return the lines of a prompt that are not known yet; all if most of them are new.

    A prompt that contains the time is different in every turn, but nearly the same.
    """
    lines = text.split("\n")
    new = [line for line in lines if line not in known]
    return "\n".join(new) if 2 * len(new) < len(lines) else text


def _mark(body: str) -> str:
    return f" … [{len(body):,} characters folded]\n"
