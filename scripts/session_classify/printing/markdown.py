"""Trace text in Markdown, with every markup character escaped."""

import re

from session_classify.lazy import lazy_pattern
from session_classify.printing.text import clip, one_line

_MARKUP = lazy_pattern(
    r"[\\`*\[\]<~$@]"  # code, emphasis, links, images, HTML, mathematics, addresses
    r"|(?<![^\W_])_|_(?![^\W_])"  # an underscore within a word is none
    r"|&(?=#|\w)"  # an entity
    r"|(?<=\s)#(?=#*$)"  # what ends a heading
    r"|/(?=/)|(?<=www)\."  # addresses that renderers make links of by themselves
    r"|(?<=\w)\.(?=(?:[a-z]{2}|com|org|net|edu|gov|biz|info|pro|web|xxx|aero|asia|coop|museum"
    r"|name|shop|рф|xn--[\w-]+)(?!\w))",
    re.IGNORECASE,
)
_AT_START = lazy_pattern(r"[-+=#>|:]|\d{1,9}(?=[.)])")
"""What begins a list, heading, quote or table at the start of a line."""
_CELL = 160
"""Characters of a table cell, so that a table fits on a screen."""


def prose(text: str) -> str:
    """Return trace text as one line of running text, with all markup escaped."""
    shown = one_line(text)
    start = _AT_START.match(shown)
    rest = shown[start.end() :] if start else shown
    head = start.group() if start else ""
    # After a number, the point would begin a list.
    head, rest = (f"{head}\\{rest[0]}", rest[1:]) if head.isdigit() else (head, rest)
    escaped = _MARKUP.sub(r"\\\g<0>", rest)
    return (f"\\{head}" if head and not head[0].isdigit() else head) + escaped


def cell(text: str, limit: int = _CELL) -> str:
    """Return trace text as a table cell of at most `limit` of its characters; `-` for none."""
    return prose(clip(one_line(text), limit)).replace("|", "\\|") or "-"
