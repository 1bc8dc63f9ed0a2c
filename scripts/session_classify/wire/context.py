"""Context blocks that an app puts into the user's message, told apart from what was typed."""

import re

from session_classify.model import ContextBlock

# The format of ROUTE_CONTEXT is documented nowhere (seed 001 names only its contents), so both ways
# in which apps mark such a block are taken: an element, and a heading with its paragraph. The name
# must speak of context, so that a person's "ERROR_CODE: …" stays in their message.
_NAME = r"([A-Z0-9_]*CONTEXT[A-Z0-9_]*)"
_LONGEST = 200_000
"""Characters beyond which a message is taken as it is; no app writes such a context."""
_ELEMENT = re.compile(rf"<{_NAME}\b[^>]*>(.*?)</\1>", re.DOTALL)
_HEADING = re.compile(
    rf"^[# \t]*\[?(?=\w*_){_NAME}\]?:?[ \t]*\n?(.+?)(?=\n[ \t]*\n|\Z)", re.DOTALL | re.MULTILINE
)


def split_context(text: str) -> tuple[str, tuple[ContextBlock, ...]]:
    """Return what the user typed and the context blocks, each block's text verbatim.

    When nothing is left after the blocks are taken out, the whole message is the user's text: a
    wrong guess about the format must not silence the user.
    """
    if "CONTEXT" not in text or len(text) > _LONGEST:
        return text.strip(), ()
    blocks: list[ContextBlock] = []

    def take(match: re.Match[str]) -> str:
        blocks.append(ContextBlock(match.group(1), match.group(2).strip()))
        return ""

    without = _ELEMENT.sub(take, text) if "CONTEXT" in text.rpartition("</")[2] else text
    typed = _HEADING.sub(take, without).strip()
    return (typed, tuple(blocks)) if typed else (text.strip(), ())
