"""The findings of the audit trail: which writes took effect, were kept, or were undone."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from session_classify.events import AuditEvent
from session_classify.evidence.audit.context import AuditContext, after_end
from session_classify.evidence.audit.detection_rules import found
from session_classify.evidence.audit.edits import edit_findings
from session_classify.evidence.audit.phases import AssetTrail, AuditTrail
from session_classify.evidence.audit.writes import AuditWrite
from session_classify.model import Finding
from session_classify.profiles.assets import rule_of
from session_classify.profiles.profile import Profile
from session_classify.vocabulary import Actor, Direction, Outcome, Phase, WriteKind


def audit_findings(trail: AuditTrail, profile: Profile) -> list[Finding]:
    """Return the findings `audit1`, `audit2`, … by time.

    Meaning and tier of each rule are in `detection_rules`.
    """
    results = [
        finding
        for asset in trail.assets
        for finding in (
            *edit_findings(asset, trail.context, rule_of(asset.asset, profile)),
            *_of_others(asset),
            *_cross_check(asset, trail),
            *_after_assistant(asset, trail),
        )
    ]
    results += _of_session(trail)
    results.sort(key=lambda finding: finding.instant or trail.context.times.end)
    return [
        replace(finding, id=f"audit{number}", turn=_turn(finding, trail.context))
        for number, finding in enumerate(results, start=1)
    ]


def _turn(finding: Finding, context: AuditContext) -> int | None:
    return context.turn_at(finding.instant) if finding.instant else None


def _of_others(asset: AssetTrail) -> Iterator[Finding]:
    """Yield what other and unknown actors did to the assistant's asset; never user feedback."""
    if not asset.is_assistants:
        return
    own = asset.by(Actor.ASSISTANT)
    for actor in (Actor.OTHER, Actor.UNKNOWN):
        writes = [
            write
            for write in asset.by(actor)
            if write.phase is not Phase.PRE and (not own or write.event.at >= own[0].event.at)
        ]
        if not writes:
            continue
        is_gone = any(write.kind is WriteKind.DELETE for write in writes)
        name = "audit-deleted-by-other" if is_gone else "audit-changed-by-other"
        name = "audit-unattributed" if actor is Actor.UNKNOWN else name
        summary = f"{asset.asset}: {_kinds(writes)}, {writes[-1].why}"
        yield found(name, writes[-1].event.at, summary)


def _cross_check(asset: AssetTrail, trail: AuditTrail) -> Iterator[Finding]:
    """Compare the ledger's writes with the trail, per kind; a mismatch only corroborates."""
    end = trail.context.times.end
    for kind in WriteKind:
        due = [one for one in asset.expected if one.kind is kind and not one.failed]
        sure = [one for one in due if one.outcome is Outcome.CONFIRMED]
        landed = [write for write in asset.by(Actor.ASSISTANT) if write.kind is kind]
        at = landed[-1].event.at if landed else end
        ids = ", ".join(one.write for one in due)
        calls = tuple(dict.fromkeys(one.call for one in due))
        summary = f"{asset.asset}: {len(landed)} of {len(due)} {kind} landed ({ids})"
        if len(landed) > len(sure) and len(due) > len(sure):
            yield found("audit-landed-after-all", at, summary, calls)
        elif due and len(landed) >= len(due):
            yield found("audit-writes-landed", at, summary, calls)
        if len(landed) < len(due) and trail.shows_user:
            yield found("audit-write-missing", at, summary, calls)
    refused = [w for w in asset.writes if w.actor is Actor.ASSISTANT and not w.landed]
    if refused:
        summary = ", ".join(dict.fromkeys(write.said for write in refused))
        yield found("audit-write-refused", refused[-1].event.at, f"{asset.asset}: {summary}")


def _after_assistant(asset: AssetTrail, trail: AuditTrail) -> Iterator[Finding]:
    """Yield late writes, and the absence of changes only where the trail shows the user."""
    own = asset.by(Actor.ASSISTANT)
    strange = [] if not own else _not_understood(asset, trail, own[0])
    if strange:
        what = ", ".join(dict.fromkeys(event.action for event in strange))
        summary = f"{asset.asset}: {what}, an action that has no meaning here"
        yield found("audit-not-understood", strange[-1].at, summary)
    lag = [write for write in own if write.is_lag]
    if lag:
        summary = f"{asset.asset}: {_kinds(lag)}, {lag[-1].why}"
        yield found("audit-execution-lag", lag[-1].event.at, summary)
    if not own or own[-1].kind is WriteKind.DELETE or not trail.shows_user:
        return
    if strange or any(w.landed and w.event.at > own[-1].event.at for w in asset.writes):
        return
    finding = found(
        "audit-untouched",
        max(trail.context.times.end, own[-1].event.at),
        f"{asset.asset}: no change after the assistant's, as far as the trail goes",
    )
    # No change means more when the trail shows that the user was active.
    yield finding if trail.shows_user_after else replace(finding, direction=Direction.NEUTRAL)


def _not_understood(asset: AssetTrail, trail: AuditTrail, first: AuditWrite) -> list[AuditEvent]:
    """Return the rows on an asset since the assistant's first write whose action is unknown."""
    return [
        event
        for events in trail.phases.values()
        for event in events
        if event.is_not_understood
        and event.asset_id == asset.asset.id
        and event.at >= first.event.at
    ]


def _of_session(trail: AuditTrail) -> list[Finding]:
    context = trail.context
    results = []
    for rule, events, word in (
        ("audit-retry-call", trail.asks, "asked the assistant"),
        ("audit-support-case", trail.cases, "opened a support case"),
    ):
        if events:
            times = "" if len(events) == 1 else f" {len(events)} times"
            summary = f"the user {word}{times} {after_end(events[0].at, context.times)}"
            results.append(
                found(rule, events[0].at, summary, needs_reading=rule == "audit-retry-call")
            )
    written = [write for asset in trail.assets for write in asset.by(Actor.ASSISTANT)]
    about = context.expected or trail.assets
    if context.broken_off and about and not written and trail.shows_user:
        summary = "the last turn was broken off, and the trail shows no write during the session"
        results.append(found("audit-nothing-written", context.times.end, summary))
    return results


def _kinds(writes: Iterable[AuditWrite]) -> str:
    counts: dict[str, int] = {}
    for write in writes:
        counts[write.kind] = counts.get(write.kind, 0) + 1
    return ", ".join(f"{kind} ×{count}" for kind, count in counts.items())
