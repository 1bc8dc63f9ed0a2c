"""Separate the context blocks that an app puts into the user's message from the typed text.

Source: `references/sources/rum.md#route-context`.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterator

from session_classify.lazy import lazy_pattern
from session_classify.model import ContextBlock

# The format of ROUTE_CONTEXT is not documented, so two forms are recognized: an element, and a
# heading with its paragraph. The name must contain CONTEXT, so that a user's "ERROR_CODE: …" stays
# in the message.
_NAME = r"([A-Z0-9_]*CONTEXT[A-Z0-9_]*)"
_TAG = lazy_pattern(r"<(/?)([A-Z0-9_]++)\b[^<>]*+>")
_HEADING = lazy_pattern(
    rf"^[# \t]*\[?(?=\w*_){_NAME}\]?:?[ \t]*\n?(.+?)(?=\n[ \t]*\n|\Z)", re.DOTALL | re.MULTILINE
)


def split_context(text: str) -> tuple[str, tuple[ContextBlock, ...]]:
    """Return what the user typed and the context blocks, each block verbatim.

    If nothing is left without the blocks, the whole message is the user's text: a wrong guess about
    the format must not remove it.
    """
    if "CONTEXT" not in text:
        return text.strip(), ()
    blocks: list[ContextBlock] = []

    def take(match: re.Match[str]) -> str:
        blocks.append(ContextBlock(match.group(1), match.group(2).strip()))
        return ""

    rest, at = [], 0
    for name, start, inside, outside, end in _elements(text):
        rest.append(text[at:start])
        blocks.append(ContextBlock(name, text[inside:outside].strip()))
        at = end
    typed = _HEADING.sub(take, "".join((*rest, text[at:]))).strip()
    return (typed, tuple(blocks)) if typed else (text.strip(), ())


def _elements(text: str) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield the name of each context element with the positions of its two tags.

    An element ends with the first closing tag of its name.
    """
    tags = [tag for tag in _TAG.finditer(text) if "CONTEXT" in tag[2]]
    closing: defaultdict[str, deque[re.Match[str]]] = defaultdict(deque)
    for tag in tags:
        if tag[1]:
            closing[tag[2]].append(tag)
    at = 0
    for tag in tags:
        if tag[1] or tag.start() < at:
            continue
        ends = closing[tag[2]]
        while ends and ends[0].start() < tag.end():
            ends.popleft()
        if ends:
            at = ends[0].end()
            yield tag[2], tag.start(), tag.end(), ends[0].start(), at
