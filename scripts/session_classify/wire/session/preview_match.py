"""Match the previews of a list with full texts, to join answers without a common id."""

import json

import msgspec

from session_classify.lazy import lazy_pattern
from session_classify.masks import is_masked
from session_classify.wire.trace.context import split_context

CUT_AT = 190
"""Length from which a preview may be truncated: servers cut near 200."""
SHORT = 12
"""Length below which two texts may be equal by chance."""
EXACT, INSIDE, NONE, OPPOSED = 4, 3, 0, -3
"""How well two texts match; `OPPOSED`: both exist and differ."""

_BLANKS = lazy_pattern(r"\s+")
_CUT_MARKS = ("…", "...", "[truncated]")
_LEAF = lazy_pattern(r'"((?:[^"\\]|\\.){4,})("\s*:)?')


def plain(text: str) -> str:
    """Return the text in lower case with single blanks, so that formatting is ignored."""
    return _BLANKS.sub(" ", text).strip().casefold()


class Preview(msgspec.Struct, frozen=True):
    """The beginning of a text, prepared for comparison."""

    text: str
    is_cut: bool = False
    leaves: tuple[str, ...] = ()
    """The strings inside, where the app records JSON."""

    @property
    def is_json(self) -> bool:
        """The app recorded an object, which is not a text of the conversation."""
        return self.text[:1] in ("{", "[")


def preview(text: str) -> Preview:
    """Return a preview; a mask is empty."""
    if is_masked(text):
        return Preview("")
    whole = _without_mark(text)
    short = plain(whole)
    is_cut = whole != text or len(text) >= CUT_AT
    return Preview(short, is_cut, _leaves(whole) if short[:1] in ("{", "[") else ())


def _without_mark(text: str) -> str:
    """Return a text without its truncation mark."""
    end = text.rstrip()
    mark = next((mark for mark in _CUT_MARKS if end.endswith(mark)), "")
    return end.removesuffix(mark).rstrip() if mark else text


def _leaves(text: str) -> tuple[str, ...]:
    """Return the strings of a possibly truncated JSON text, without keys."""
    found = []
    for match in _LEAF.finditer(text):
        if match.group(2):
            continue
        try:
            found.append(plain(json.loads(f'"{match.group(1)}"')))
        except ValueError:
            found.append(plain(match.group(1)))
    return tuple(filter(None, found))


class ConversationText(msgspec.Struct, frozen=True):
    """A text of the conversation: as sent, and without the app's context."""

    whole: str
    typed: str


def said(text: str) -> ConversationText:
    """Return a text prepared for comparison."""
    return ConversationText(plain(text), plain(split_context(text)[0]))


def fit(short: Preview, text: ConversationText) -> int:
    """Return how well a preview matches a text: EXACT, INSIDE, NONE or OPPOSED.

    A preview that was not cut is the whole request: a longer text is another request, unless it
    ends with the preview, after context.
    """
    if not short.text or not text.whole:
        return NONE
    if short.text in (text.whole, text.typed):
        return EXACT if len(short.text) >= SHORT else EXACT // 2
    if short.is_json:
        fits = [_inside(leaf, text) for leaf in short.leaves]
        return INSIDE if any(fits) else NONE
    if not short.is_cut:
        return INSIDE if _ends(short.text, text.whole) else OPPOSED
    if text.whole.startswith(short.text) or text.typed.startswith(short.text):
        return EXACT
    return INSIDE if short.text in text.whole else OPPOSED


def _inside(leaf: str, text: ConversationText) -> bool:
    return leaf in (text.whole, text.typed) or (len(leaf) >= SHORT and leaf in text.whole)


def _ends(short: str, whole: str) -> bool:
    """Return whether a text ends with another one, at the beginning of a word."""
    before = whole[: len(whole) - len(short)][-1:]
    return len(short) >= SHORT and whole.endswith(short) and not before.isalnum()
