"""The audit-trail section of a report: one entry per asset."""

from collections import Counter

import msgspec

from session_classify.evidence.audit.edits import edit_findings
from session_classify.evidence.audit.phases import AssetTrail
from session_classify.evidence.audit.writes import AuditWrite
from session_classify.gathering.recall import RecalledSurroundings
from session_classify.instants import stamp
from session_classify.model import Finding
from session_classify.printing.text import counted
from session_classify.profiles.assets import rule_of
from session_classify.profiles.profile import Profile
from session_classify.report.audit import tally
from session_classify.vocabulary import Actor, Phase, WriteKind

_AFTER = (Phase.TO_FEEDBACK, Phase.POST)


class AssetLines(msgspec.Struct, frozen=True):
    """One asset in the five lines of a report (`references/sources/rules.md#reports`)."""

    type: str
    id: str
    name: str
    in_session: str
    by_hand: str
    deleted: str
    diff: str


def asset_lines(
    around: RecalledSurroundings, findings: tuple[Finding, ...], profile: Profile
) -> tuple[AssetLines, ...]:
    """Return the lines of every asset with a write, in the trail's order."""
    return tuple(_lines(asset, around, findings, profile) for asset in around.trail.assets)


def _lines(
    asset: AssetTrail, around: RecalledSurroundings, findings: tuple[Finding, ...], profile: Profile
) -> AssetLines:
    setting = around.trail.context
    if not asset.writes and not around.trail.shows_user:
        # No row does not mean no change: the trail may not have been queried or accessible.
        lines = ("not known: no row of the audit trail is about it",) + ("not known",) * 3
        return AssetLines(asset.asset.type, asset.asset.id, asset.name, *lines)
    known = {(finding.rule, finding.summary): finding.id for finding in findings}
    edits = edit_findings(asset, setting, rule_of(asset.asset, profile))
    texts = [_edit_text(edit, known.get((edit.rule, edit.summary), "")) for edit in edits]
    return AssetLines(
        asset.asset.type,
        asset.asset.id,
        asset.name,
        _in_session(asset),
        _by_hand(asset),
        _deleted(asset),
        "; ".join(texts) or "none: the user changed nothing of it that the trail shows",
    )


def _edit_text(edit: Finding, name: str) -> str:
    return f"{edit.direction}, {edit.summary}{f' ({name})' if name else ''}"


def _in_session(asset: AssetTrail) -> str:
    """Count the writes during the session by outcome, and the assistant's later ones."""
    during = [write for write in asset.writes if write.phase is Phase.DURING]
    text = counted(len(during), "write") + (f" ({_outcomes(during)})" if during else "")
    late = [w for w in asset.writes if w.actor is Actor.ASSISTANT and w.phase in _AFTER]
    return text + (f"; by the assistant after the end: {_outcomes(late)}" if late else "")


def _by_hand(asset: AssetTrail) -> str:
    """Count the user's own writes after the end, with their times."""
    writes = [
        write
        for write in asset.by(Actor.USER)
        if write.phase in _AFTER and write.kind is not WriteKind.DELETE
    ]
    if not writes:
        return "none"
    first, last = writes[0].event.at, writes[-1].event.at
    when = f"at {stamp(first)}"
    if len(writes) > 1:
        when = f"from {stamp(first)} on, within {(last - first).total_seconds():,.0f} s"
    return f"{counted(len(writes), 'edit')} ({_outcomes(writes)}) {when}"


def _deleted(asset: AssetTrail) -> str:
    gone = [w for w in asset.writes if w.kind is WriteKind.DELETE and w.landed]
    gone = [write for write in gone if write.phase is not Phase.PRE]
    if not gone:
        return "no, as far as the trail goes"
    return f"yes, by {_WHO[gone[-1].actor]} at {stamp(gone[-1].event.at)}"


_WHO = {
    Actor.USER: "the user",
    Actor.ASSISTANT: "the assistant",
    Actor.OTHER: "somebody else",
    Actor.UNKNOWN: "somebody whom the trail does not name",
}


def _outcomes(writes: list[AuditWrite]) -> str:
    return tally(Counter(write.said for write in writes))
