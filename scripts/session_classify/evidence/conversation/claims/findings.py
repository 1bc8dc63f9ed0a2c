"""Claims: each effect and value that an answer states, and a finding where the session differs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec.structs import replace

from session_classify.evidence.conversation.claims.agreed import agreed_values
from session_classify.evidence.conversation.claims.backing import is_made
from session_classify.evidence.conversation.claims.checks import Seen
from session_classify.evidence.conversation.claims.claim import (
    Backing,
    Claim,
    Said,
    ToldText,
)
from session_classify.evidence.conversation.claims.places import places_of
from session_classify.evidence.conversation.claims.reading import texts_of
from session_classify.evidence.conversation.claims.told import (
    domains_of,
    told_findings,
    told_values,
)
from session_classify.evidence.conversation.ledger import Write
from session_classify.evidence.conversation.tool_results import ToolResult
from session_classify.model import Finding, Session
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import Direction, Tier

_MOST = 50
_MOST_RULES = 100_000
_MOST_PLACES = 500
_MOST_A_TURN = 5
"""Findings of one turn: who reads so many sentences reads the answer."""


def said(
    session: Session,
    readings: Sequence[ToolResult],
    writes: Sequence[Write],
    profile: Profile | None = None,
) -> Said:
    """Return the effects and values that a session's answers state, held against its calls."""
    texts = texts_of(session, readings, writes, profile)
    rules = " ".join(prompt.text for prompt in session.system_prompts)[:_MOST_RULES].lower()
    places = tuple(islice((p for r in readings for p in places_of(r.data)), _MOST_PLACES))
    seen = Seen(domains_of(readings), places, rules)
    values = told_values(texts, writes, seen)
    told = {(value.write, value.field) for value in values if not value.matches}
    made = [write for write in writes if is_made(write)]
    agreed = (v for v in agreed_values(session, made, seen) if (v.write, v.field) not in told)
    return Said(claims_of(texts), (*values, *islice(agreed, _MOST)))


def said_findings(session: Session, stated: Said) -> list[Finding]:
    """Return the findings about effects and values in the order of the turns, numbered."""
    found = [*claim_findings(session, stated.claims), *told_findings(session, stated.values)]
    found.sort(key=lambda finding: finding.turn or 0)
    return [replace(f, id=f"claim{number}") for number, f in enumerate(found[:_MOST], 1)]


def claims_of(texts: Iterable[ToldText]) -> tuple[Claim, ...]:
    """Return every sentence that states an effect; what is said twice in a turn counts once.

    Twice is what no write shows and has the same verb and the same ids.
    """
    found: dict[tuple[object, ...], Claim] = {}
    for text in texts:
        for claim in text.claims.values():
            shown = claim.sentence if claim.backing is Backing.WHOLE else ""
            found.setdefault((claim.turn, claim.verb, claim.by, claim.missing, shown), claim)
    return tuple(found.values())


def claim_findings(session: Session, claims: Iterable[Claim]) -> list[Finding]:
    """Return a finding for each stated effect that is backed by half or by nothing."""
    ends = {turn.number: turn.end for turn in session.turns}
    found: list[Finding] = []
    per_turn: dict[int, int] = defaultdict(int)
    for claim in claims:
        if claim.backing not in _RULES:
            continue
        per_turn[claim.turn] += 1
        if per_turn[claim.turn] > _MOST_A_TURN:
            continue
        found.append(
            Finding(
                id="claim",
                rule=_RULES[claim.backing],
                tier=Tier.FACT,
                direction=Direction.NEGATIVE,
                summary=_summary(claim),
                turn=claim.turn,
                instant=ends[claim.turn],
                quote=claim.sentence,
                needs_reading=True,
            )
        )
    return found


_RULES = {Backing.NOTHING: "claim-without-write", Backing.HALF: "claim-half-backed"}


def _summary(claim: Claim) -> str:
    if claim.backing is Backing.NOTHING:
        return "the answer states an effect that no confirmed write shows"
    shown = ", ".join(claim.by)
    if claim.told:
        return f"the answer states an effect on {claim.told}, and {shown} shows it on {claim.made}"
    return f"the answer states several effects, and {shown} shows only a part of them"
