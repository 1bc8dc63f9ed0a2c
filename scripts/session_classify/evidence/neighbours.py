"""Neighbours: other sessions of the same user. One that begins soon after may be a retry."""

from collections.abc import Iterable

from session_classify.instants import apart, stamp
from session_classify.lazy import lazy_pattern
from session_classify.model import Finding, Session
from session_classify.vocabulary import Direction, Tier
from session_classify.wire.session.neighbours import Neighbour

_SHOWN = 300
"""Characters of each first text that a finding shows."""
_WORD = lazy_pattern(r"\w{3,}")


def neighbour_findings(session: Session, neighbours: Iterable[Neighbour]) -> list[Finding]:
    """Return a finding for each other session of the same user near this one.

    One that began within 15 min after the end is `near-retry` (tier A, negative). It counts only
    when a reader confirms that it has the same intent. One that began before, or at the same time,
    is context (`near-before`, `near-beside`). The share of words in common helps the reader and
    never decides. Source: `references/sources/rum.md#neighbours`,
    `references/sources/rules.md#tiers`.
    """
    found = []
    for number, near in enumerate(neighbours, start=1):
        rule, when = _placed(session, near)
        is_retry = rule == "near-retry"
        score = max(
            (preview_match(t.user_text or "", near.first_text) for t in session.turns), default=0
        )
        found.append(
            Finding(
                id=f"near{number}",
                rule=rule,
                tier=Tier.A if is_retry else Tier.AMBIGUOUS,
                direction=Direction.NEGATIVE if is_retry else Direction.NEUTRAL,
                summary=f"session {near.id} of the same user ({near.ml_app or 'app unknown'}) "
                f"began {when}, at {stamp(near.start)}; words in common {score:.0%}",
                instant=near.start,
                quote=f"here: {_head(_first_text(session))}\nthere: {_head(near.first_text)}",
                needs_reading=is_retry,
            )
        )
    return found


def preview_match(one: str, other: str) -> float:
    """Return how many of the words of two texts are the same, from 0 to 1 (Dice)."""
    ours, theirs = (frozenset(_WORD.findall(text.casefold())) for text in (one, other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def _placed(session: Session, near: Neighbour) -> tuple[str, str]:
    start, end = session.turns[0].start, max(turn.end for turn in session.turns)
    if near.start > end:
        return "near-retry", f"{apart(near.start - end)} after the end"
    if near.start < start:
        return "near-before", f"{apart(start - near.start)} before the start"
    return "near-beside", "while this one was going on"


def _first_text(session: Session) -> str:
    return next((turn.user_text for turn in session.turns if turn.user_text), "")


def _head(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
