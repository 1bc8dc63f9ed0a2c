"""A part of a request that was left out: its write is not made, and the answer is silent of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from session_classify.evidence.conversation.claims.claim import Backing
from session_classify.evidence.findings import Evidence
from session_classify.model import ToolCall, Turn
from session_classify.probing.rows import Rows, scalars, with_text, without

_ALL = frozenset(("all", "both", "each", "every", "everything"))
"""Words by which a sentence about several writes is no longer true without one of them."""


def left_out(
    rows: Rows, evidence: Evidence, made: Sequence[ToolCall], read: Callable[[Rows], Evidence]
) -> Iterator[tuple[str, Rows]]:
    """Yield each change that leaves one of several writes of a turn out, with what was taken away.

    Taken are the write and the sentences that claim it alone. Nothing is left that shows it: no
    later result, no value that only this write has, and no claim that is not backed any more.
    """
    writes = {write.call.id: write.id for write in evidence.writes}
    for turn in evidence.session.turns:
        own = [call for call in turn.tool_calls if call in made]
        for call in own if len(own) > 1 else ():
            sentences = _sentences(evidence, turn, writes[call.id])
            text = turn.final_text or ""
            rest = _without(text, sentences)
            if not sentences or not rest.strip() or _is_shown(evidence, call, rest):
                continue
            changed = without(with_text(rows, text, rest), call.tool_id)
            backed = all(c.backing is Backing.WHOLE for c in read(changed).said.claims)
            if backed:
                yield f"{call.name}, and of the answer: {' '.join(sentences)}", changed


def _sentences(evidence: Evidence, turn: Turn, write: str) -> list[str]:
    """Return the sentences that claim a write alone; none if its absence makes another untrue."""
    claims = [one for one in evidence.said.claims if write in one.by]
    if any(_ALL & set(c.sentence.casefold().split()) for c in claims if len(c.by) > 1):
        return []
    if any(one.turn > turn.number for one in claims):
        return []
    return [one.sentence for one in claims if one.by == (write,)]


def _without(text: str, sentences: Sequence[str]) -> str:
    """Return a text without sentences, and without the lines that held nothing else."""
    lines = []
    for line in text.split("\n"):
        left = line
        for sentence in sentences:
            left = left.replace(sentence, "")
        if left == line or any(map(str.isalnum, left)):
            lines.append(left if left == line else left.strip())
    return "\n".join(lines)


def _is_shown(evidence: Evidence, call: ToolCall, rest: str) -> bool:
    """Return whether a later result or the rest of the answer has a value of this write alone."""
    calls = evidence.session.tool_calls
    at = calls.index(call)
    uses = Counter(value for one in calls for _, value in set(scalars(one.arguments)))
    own = [value for _, value in scalars(call.arguments) if uses[value] == 1]
    later = " ".join(str(one.result or "") for one in calls[at + 1 :])
    return any(value in rest or value in later for value in own)
