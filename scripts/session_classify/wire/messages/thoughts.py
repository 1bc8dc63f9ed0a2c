"""Thoughts that a model writes into its answer, told apart from what it says."""

import re

from session_classify.lazy import lazy_pattern

_OPENING = lazy_pattern(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)


def without_thoughts(text: str) -> tuple[str, str]:
    """Return the text without the thoughts that it begins with, and those thoughts.

    Open models write `<think>…</think>` before their answer; one that was cut has no end. A tag
    later in a text is quoted: it stays.
    """
    found = _OPENING.match(text) if "<" in text[:200] else None
    if found is None:
        return text, ""
    end = text.lower().find(f"</{found[1].lower()}>", found.end())
    if end < 0:
        return "", text[found.end() :].strip()
    return text[end + len(found[1]) + 3 :].strip(), text[found.end() : end].strip()
