"""Tell whether a list's preview was taken from a text: what joins answers that share no id."""

import json
import re
from dataclasses import dataclass

from session_classify.masks import is_masked
from session_classify.wire.trace.context import split_context

CUT_AT = 190
"""Characters from which a preview may be only the beginning: servers cut near 200."""
SHORT = 12
"""Characters below which two texts may be the same by chance."""
EXACT, INSIDE, NONE, OPPOSED = 4, 3, 0, -3
"""How well two texts fit; opposed are two that are both there and differ."""

_BLANKS = re.compile(r"\s+")
_CUT_MARKS = ("…", "...", "[truncated]")
_LEAF = re.compile(r'"((?:[^"\\]|\\.){4,})("\s*:)?')


def plain(text: str) -> str:
    """Return the text in one case with single blanks, so that formatting tells nothing apart."""
    return _BLANKS.sub(" ", text).strip().casefold()


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text begins, ready to be compared."""

    text: str
    is_cut: bool = False
    leaves: tuple[str, ...] = ()
    """The strings inside, where the app records JSON."""

    @property
    def is_json(self) -> bool:
        """The app recorded an object: its text is no text of the conversation."""
        return self.text[:1] in ("{", "[")


def preview(text: str) -> Preview:
    """Return a preview; a mask tells nothing."""
    if is_masked(text):
        return Preview("")
    whole = _without_mark(text)
    short = plain(whole)
    is_cut = whole != text or len(text) >= CUT_AT
    return Preview(short, is_cut, _leaves(whole) if short[:1] in ("{", "[") else ())


def _without_mark(text: str) -> str:
    """Return a text without the mark that says where it was cut."""
    end = text.rstrip()
    mark = next((mark for mark in _CUT_MARKS if end.endswith(mark)), "")
    return end.removesuffix(mark).rstrip() if mark else text


def _leaves(text: str) -> tuple[str, ...]:
    """Return the strings of a JSON text that may have been cut, keys left out."""
    found = []
    for match in _LEAF.finditer(text):
        if match.group(2):
            continue
        try:
            found.append(plain(json.loads(f'"{match.group(1)}"')))
        except ValueError:
            found.append(plain(match.group(1)))
    return tuple(filter(None, found))


@dataclass(frozen=True, slots=True)
class ConversationText:
    """A text of the conversation: as it was sent, and without the context the app put around it."""

    whole: str
    typed: str


def said(text: str) -> ConversationText:
    """Return a text ready to be compared."""
    return ConversationText(plain(text), plain(split_context(text)[0]))


def fit(short: Preview, text: ConversationText) -> int:
    """Return how well a preview fits a text: EXACT, INSIDE, NONE or OPPOSED.

    A preview that was not cut is the whole request: another text that only contains it is another
    request, but where it stands at the end, behind context.
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
    """Tell whether a text ends with another one, and not in the middle of a word."""
    before = whole[: len(whole) - len(short)][-1:]
    return len(short) >= SHORT and whole.endswith(short) and not before.isalnum()
