"""The audit trail as text: per asset and phase the writes by outcome, then the signals."""

from collections import Counter
from typing import Any

import msgspec
from msgspec.structs import asdict

from session_classify.evidence.audit.detection_rules import RULES
from session_classify.evidence.audit.phases import AssetTrail, AuditTrail
from session_classify.model import Finding
from session_classify.printing.fitting import fitted
from session_classify.printing.render import render
from session_classify.vocabulary import DIGEST_LIMIT, Actor, Phase
from session_classify.wire.audit import AuditRead


class PhaseLine(msgspec.Struct, frozen=True):
    """The writes of one actor on one asset in one phase, by outcome."""

    phase: Phase
    actor: Actor
    landed: str
    """Effective writes, such as `PUT 200 ×2, deleted`; empty if there were none."""
    refused: str


def phase_lines(asset: AssetTrail) -> tuple[PhaseLine, ...]:
    """Return a line for each phase and actor with a write on an asset, by time."""
    lines = []
    for phase in Phase:
        for actor in Actor:
            writes = [w for w in asset.writes if w.phase is phase and w.actor is actor]
            if writes:
                outcomes = [
                    tally(Counter(w.said for w in writes if w.landed is landed))
                    for landed in (True, False)
                ]
                lines.append(PhaseLine(phase, actor, *outcomes))
    return tuple(lines)


def audit_data(
    trail: AuditTrail, findings: list[Finding], read: AuditRead, coverage: str
) -> dict[str, Any]:
    """Return everything as plain data, each write with its actor and the reason for it."""
    return {
        "times": asdict(trail.context.times),
        "identity": asdict(trail.context.identity),
        "coverage": coverage,
        "phases": {phase: len(events) for phase, events in trail.phases.items()},
        "assets": [
            {
                **asdict(asset.asset),
                "name": asset.name,
                "writes": [
                    {
                        "at": write.event.at,
                        "phase": write.phase,
                        "kind": write.kind,
                        "said": write.said,
                        "landed": write.landed,
                        "actor": write.actor,
                        "why": write.why,
                        "event": write.event.id,
                    }
                    for write in asset.writes
                ],
                "expected": [asdict(expected) for expected in asset.expected],
            }
            for asset in trail.assets
        ],
        "signals": findings,
        "unreadable": read.unreadable,
        "notes": read.notes,
    }


def audit_text(
    trail: AuditTrail,
    findings: list[Finding],
    read: AuditRead,
    coverage: str,
    limit: int = DIGEST_LIMIT,
) -> str:
    """Return the trail in at most `limit` characters: assets are omitted first, then signals."""
    assets = [(asset, phase_lines(asset)) for asset in trail.assets]

    def printed(trails: int, signals: int) -> str:
        return render(
            "audit.txt.j2",
            trail=trail,
            assets=assets[:trails],
            findings=findings[:signals],
            rules=RULES,
            total=(len(assets), len(findings)),
            read=read,
            coverage=coverage,
        )

    return fitted(printed, (len(assets), len(findings)), limit)[:limit]


def tally(descriptions: "Counter[str]") -> str:
    """Return descriptions with their counts, such as `PUT 200 ×2, deleted`."""
    return ", ".join(word if n == 1 else f"{word} ×{n}" for word, n in descriptions.items())
