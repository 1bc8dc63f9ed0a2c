"""The sentences of an answer, and the lists that a sentence with a colon leads."""

from collections.abc import Iterator

import msgspec

from session_classify.lazy import lazy_pattern

_FENCE = lazy_pattern(r"^\s*(?:```|~~~)")
_MARKER = lazy_pattern(r"^\s*(?:[-*+•|\u2013]\s*|#{1,6}\s|\d{1,3}[.)]\s)")
_END = lazy_pattern(r"(?<=[.!?])[\"')*_”’]*\s+")
_DECORATION = lazy_pattern(r"[*`]+|\\(?=[_*#])")
_QUOTED = lazy_pattern(r"\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”")
_LONGEST = 1_000
"""Characters of a sentence beyond which it is data, not a statement."""
_MOST = 2_000
"""Sentences of a text."""


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of an answer."""

    text: str
    """As it was written, without the marker of a list."""
    item: bool
    """It stands in a list, a table or right below a sentence that ends in a colon."""
    lead: int
    """The position of the sentence that introduces the list; -1 where none does."""
    last: bool
    """It ends its line."""

    @property
    def plain(self) -> str:
        """The text without decoration."""
        return _DECORATION.sub("", self.text)

    @property
    def unquoted(self) -> str:
        """The plain text with a gap of the same length in place of what stands in quotes.

        Somebody else's words state nothing.
        """
        return _QUOTED.sub(lambda quoted: " " * len(quoted.group()), self.plain)


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of an answer in order, without code blocks and quoted lines."""
    found: list[Sentence] = []
    lead, below = -1, False
    for line in _lines(text):
        if len(found) >= _MOST:
            break
        bare, is_item = _without_markers(line)
        if not is_item and lead >= 0 and below:
            lead = -1  # a paragraph after the list
        attached = lead >= 0
        below = below or attached
        pieces = [piece.strip() for piece in _END.split(bare) if piece.strip()]
        for place, piece in enumerate(pieces):
            if len(piece) <= _LONGEST:
                last = place + 1 == len(pieces)
                found.append(Sentence(piece, is_item or attached, lead, last))
        if found and pieces and pieces[-1].rstrip("* ").endswith(":") and not is_item:
            lead, below = len(found) - 1, False
    return tuple(found)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that are the answer's own words."""
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and line.strip() and not line.lstrip().startswith(">"):
            yield line


def _without_markers(line: str) -> tuple[str, bool]:
    """Return a line without the markers of lists and headings, and whether it is a list's."""
    is_item = False
    rest = line
    while match := _MARKER.match(rest):
        if rest.lstrip().startswith("**") and not rest.lstrip().startswith("***"):
            break  # bold, no bullet
        is_item = is_item or not match.group().lstrip().startswith("#")
        rest = rest[match.end() :]
    return rest.strip(), is_item
