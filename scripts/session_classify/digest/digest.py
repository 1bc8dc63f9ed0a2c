"""The digest: everything a reader needs to judge a session, in a bounded number of characters."""

import msgspec

from session_classify.digest.budget import NOTHING, fit
from session_classify.digest.conversation import turn_views
from session_classify.digest.detail import DETAILS, Detail
from session_classify.digest.layout import CaseHeader, DigestLayout
from session_classify.digest.ledger_view import write_views
from session_classify.evidence.findings import Evidence
from session_classify.printing.render import render
from session_classify.vocabulary import DIGEST_LIMIT

_ROOMY = 2
"""A session of so many times the limit cannot be shown whole: tables are shorter than JSON."""
_TRIES = 4
_STEP = 32
"""Least reduction in characters when a rendering is too long."""
_SPARE = 200
"""Characters that a digest may leave unused without another attempt."""


class Digest(msgspec.Struct, frozen=True):
    """The text, and the numbers of the turns that it shows."""

    text: str
    turns: frozenset[int]


def digest(evidence: Evidence, frame: CaseHeader, limit: int = DIGEST_LIMIT) -> Digest:
    """Return the digest of a case in at most `limit` characters.

    Texts are shortened part by part (`budget.Part`). If that is not enough, lists are replaced by
    counts. Middle turns are omitted last; this is stated, and they count as not shown.
    """
    whole = _whole(evidence, frame, limit)
    if whole is not None:
        return whole
    turns = turn_views(evidence)
    writes = write_views(evidence)
    for detail in DETAILS:
        layout = DigestLayout(evidence, frame, turns, writes, detail)
        text = _fitted(layout, limit, detail.rounds)
        if text is not None:
            return Digest(text, layout.shown_turns)
    text = _cut(layout.text(fit(layout.slots, 0, len(DETAILS))), frame, limit)
    return Digest(text, frozenset(n for n in layout.shown_turns if f"turn {n}," in text))


def _whole(evidence: Evidence, frame: CaseHeader, limit: int) -> Digest | None:
    """Return the digest with nothing shortened; None where that is longer than the limit."""
    session = evidence.session
    least = sum(len(turn.user_text or "") + len(turn.final_text or "") for turn in session.turns)
    least += sum(len(prompt.text) for prompt in session.system_prompts)
    if least + sum(len(call.result or "") for call in session.tool_calls) > _ROOMY * limit:
        return None
    turns, writes = turn_views(evidence, limit), write_views(evidence, limit)
    detail = Detail(rounds=1, arguments=limit)
    layout = DigestLayout(evidence, frame, turns, writes, detail)
    if sum(slot.length for slot in layout.slots) > limit:
        return None
    text = layout.text(fit(layout.slots, limit, 1))
    return Digest(text, layout.shown_turns) if len(text) <= limit else None


def _fitted(layout: DigestLayout, limit: int, rounds: int) -> str | None:
    """Return the fullest rendering of a layout within the limit; None when there is none.

    The size of the text around the slots is known only after rendering, and slots are shortened by
    whole lines; a few attempts bring the size close to the limit.
    """
    room = limit - len(layout.text(NOTHING))
    best = None
    for _ in range(_TRIES):
        budget = fit(layout.slots, room, rounds)
        if not budget.fits:
            break
        text = layout.text(budget)
        spare = limit - len(text)
        if spare >= 0 and (best is None or len(text) > len(best)):
            best = text
        if 0 <= spare < _SPARE or (spare >= 0 and not any(map(budget.cuts, layout.slots))):
            break
        # Slots are shortened by whole lines, so one character less often has no effect.
        room += spare if spare >= 0 else min(spare, -_STEP)
    return best


def _cut(text: str, frame: CaseHeader, limit: int) -> str:
    """Cut a text that could not be shortened enough, and close its fence."""
    tail = render("digest_cut.md.j2", frame=frame)
    kept = text[: limit - len(tail)]
    return kept.partition(f"\n>>>>>>>> end of trace data {frame.nonce}")[0] + tail
