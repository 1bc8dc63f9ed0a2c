"""The findings that the audit trail can yield, with tier, direction and meaning.

Only deliberate acts of the user are tier A. Symptoms of the backend corroborate, and absence is
never evidence. Source: `references/sources/audit.md#audit-signals`.
"""

from datetime import datetime

import msgspec

from session_classify.model import Finding
from session_classify.vocabulary import Direction, Tier


class AuditRule(msgspec.Struct, frozen=True):
    """How much a finding of one rule weighs, and what it means."""

    tier: Tier
    direction: Direction
    means: str


def _explicit(direction: Direction, means: str) -> AuditRule:
    return AuditRule(Tier.A, direction, means)


def _symptom(direction: Direction, means: str) -> AuditRule:
    return AuditRule(Tier.B, direction, means)


def _context(means: str) -> AuditRule:
    return AuditRule(Tier.AMBIGUOUS, Direction.NEUTRAL, means)


_GOOD, _BAD, _NEUTRAL = Direction.POSITIVE, Direction.NEGATIVE, Direction.NEUTRAL

RULES = {
    "audit-deleted-by-user": _explicit(
        _BAD, "the user deleted what the assistant had made or changed"
    ),
    "audit-undone-by-user": _explicit(_BAD, "the user took out what the assistant had made"),
    "audit-overridden-by-user": _explicit(_BAD, "the user put other values than the assistant's"),
    "audit-extended-by-user": _explicit(_GOOD, "the user built on what the assistant had made"),
    "audit-fine-tuned": _symptom(_GOOD, "5 to 10 edits by hand in a minute: kept and improved"),
    "audit-untouched": _symptom(_GOOD, "nobody changed it after the assistant"),
    "audit-writes-landed": _symptom(_GOOD, "what the ledger confirms landed"),
    "audit-landed-after-all": _symptom(_GOOD, "what the ledger leaves open landed"),
    "audit-write-missing": _symptom(_BAD, "the trail lacks a write that the ledger lists"),
    "audit-write-refused": _symptom(_BAD, "the backend refused a write of the assistant"),
    "audit-nothing-written": _symptom(_BAD, "broken off, and nothing was written during it"),
    "audit-done-by-hand": _symptom(_BAD, "the user did by hand what the assistant could not"),
    "audit-support-case": _symptom(_BAD, "the user opened a support case"),
    "audit-retry-call": AuditRule(
        Tier.AMBIGUOUS, _BAD, "the user asked the assistant again; the intent is not recorded"
    ),
    "audit-execution-lag": _symptom(_NEUTRAL, "the assistant's writes landed after the end"),
    "audit-adjusted": _context("the user changed some of it, and took nothing of it out"),
    "audit-rearranged": _context("the user moved parts of it"),
    "audit-cosmetic": _context("the user changed wording, tags or nothing that is seen"),
    "audit-manual-edits": _context("the user edited it; the rows do not show how"),
    "audit-changed-later": _context("the user changed it a day or more later"),
    "audit-deleted-later": _context("the user deleted it a day or more later"),
    "audit-changed-unwritten": _context("the user changed what the assistant had not written"),
    "audit-changed-by-other": _context("somebody else changed it"),
    "audit-deleted-by-other": _context("somebody else deleted it"),
    "audit-not-understood": _context("something happened to it, by a word that is not known"),
    "audit-unattributed": _context("a change that nothing attributes"),
}
"""Every rule by name; `references/reconcile.yaml` refers to those of tier A."""


def found(
    rule: str,
    at: datetime,
    summary: str,
    calls: tuple[str, ...] = (),
    *,
    needs_reading: bool = False,
) -> Finding:
    """Return a finding of a rule, without its number yet; `calls` are ids of tool calls."""
    known = RULES[rule]
    return Finding(
        id="",
        rule=rule,
        tier=known.tier,
        direction=known.direction,
        summary=summary,
        instant=at,
        calls=calls,
        needs_reading=needs_reading,
    )
