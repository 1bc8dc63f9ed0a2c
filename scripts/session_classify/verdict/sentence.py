"""Check whether a text is one sentence."""

import re

from session_classify.lazy import lazy_pattern

_QUOTED = lazy_pattern(r"\"[^\"]*\"|“[^“”]*”|`[^`]*`|(?<!\w)'[^']*'(?!\w)")
_ABBREVIATION = lazy_pattern(
    r"\b(?:e\.g|i\.e|etc|vs|cf|approx|nos?(?=\.\s*#?\d)|incl|resp|Mr|Mrs|Ms|Dr|St|Inc|Ltd|Co|Corp|U\.S|a\.m|p\.m)\."
    r"|(?:\A|\b(?:and|by|for|from|of|to|user|with)\s)(?-i:[A-Z])\.(?=\s(?-i:[A-Z]))",  # an initial
    re.IGNORECASE,
)
_END = lazy_pattern(r"[.!?][\")\]”'’]?\s+(?=[\"(\[“'‘]?[^\W\d_a-zß-öø-ÿ])")


def is_one_sentence(text: str) -> bool:
    """Return whether the text is a single line without the end of a sentence inside.

    An end is `.`, `!` or `?` before a blank and a capital. Quoted text, common abbreviations,
    versions and numbers do not count.
    """
    if "\n" in text.strip():
        return False
    plain = _ABBREVIATION.sub("abbr", _QUOTED.sub(_blank_quote, text.strip()))
    return not _END.search(plain)


def _blank_quote(match: re.Match[str]) -> str:
    """Replace a quotation, keeping only whether it begins with a capital letter."""
    return match.group()[1:2] or "q"
